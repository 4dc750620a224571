//! A real terminal around the binary: what is on its screen, and keys to press.

use std::ffi::OsStr;
use std::io::{Read, Write};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, PtySize, native_pty_system};

use super::harness::{Theatre, binary};

pub struct Terminal {
    child: Box<dyn Child + Send + Sync>,
    keys: Box<dyn Write + Send>,
    said: Arc<Mutex<Vec<u8>>>,
    // Dropping it would end the session.
    _pair: portable_pty::PtyPair,
}

const PATIENCE: Duration = Duration::from_secs(60);

impl Terminal {
    /// 80 columns and 40 rows, without colour.
    pub fn open(theatre: &Theatre, args: &[&str]) -> Self {
        Self::run(theatre, binary(), args)
    }

    /// Any program, which finds `svpki` on its path.
    pub fn run(theatre: &Theatre, program: impl AsRef<OsStr>, args: &[&str]) -> Self {
        let size = PtySize {
            rows: 40,
            cols: 80,
            pixel_width: 0,
            pixel_height: 0,
        };
        let pair = native_pty_system().openpty(size).unwrap();
        let mut command = CommandBuilder::new(program);
        command.args(args);
        command.cwd(theatre.home.path());
        command.env_clear();
        command.env("HOME", theatre.home.path());
        let path = std::env::var_os("PATH").unwrap_or_default();
        let own = binary().parent().unwrap().to_owned();
        let folders = [own].into_iter().chain(std::env::split_paths(&path));
        command.env("PATH", std::env::join_paths(folders).unwrap());
        command.env("TERM", "xterm");
        command.env("NO_COLOR", "1");
        command.env("VAULT_ADDR", theatre.stage.server.address());
        command.env("VAULT_TOKEN", theatre.stage.server.token());
        let child = pair.slave.spawn_command(command).unwrap();
        let mut reader = pair.master.try_clone_reader().unwrap();
        let keys = pair.master.take_writer().unwrap();
        let said = Arc::new(Mutex::new(Vec::new()));
        let ear = Arc::clone(&said);
        std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(count @ 1..) = reader.read(&mut buffer) {
                ear.lock().unwrap().extend_from_slice(&buffer[..count]);
            }
        });
        Self {
            child,
            keys,
            said,
            _pair: pair,
        }
    }

    /// Everything that was ever on the screen, as lines.
    pub fn screen(&self) -> String {
        let mut parser = vt100::Parser::new(400.try_into().unwrap(), 80.try_into().unwrap(), 0);
        parser.process(&self.said.lock().unwrap());
        let text = parser.screen().contents();
        text.lines()
            .map(str::trim_end)
            .collect::<Vec<_>>()
            .join("\n")
            .trim_end()
            .to_owned()
            + "\n"
    }

    pub fn wait_for(&self, text: &str) {
        self.wait_for_times(text, 1);
    }

    /// A question that is asked again is another question.
    pub fn wait_for_times(&self, text: &str, times: usize) {
        let start = Instant::now();
        while self.screen().matches(text).count() < times {
            assert!(
                start.elapsed() < PATIENCE,
                "{text:?} did not appear:\n{}",
                self.screen()
            );
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Waits for a question, then answers it.
    pub fn answer(&mut self, question: &str, keys: &str) {
        self.wait_for(question);
        self.press(keys);
    }

    pub fn press(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).unwrap();
        self.keys.flush().unwrap();
    }

    pub fn exit_code(&mut self) -> u32 {
        let start = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.exit_code();
            }
            if start.elapsed() > PATIENCE {
                let _ = self.child.kill();
                panic!("it did not end:\n{}", self.screen());
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

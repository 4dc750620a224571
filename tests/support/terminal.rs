//! A real terminal around a program: what is on its screen, and keys to press.

#![allow(dead_code, reason = "each test program uses its own part")]

use std::ffi::OsStr;
use std::io::{Read, Write};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, PtySize, native_pty_system};

pub struct Terminal {
    child: Box<dyn Child + Send + Sync>,
    keys: Box<dyn Write + Send>,
    said: Arc<Mutex<Vec<u8>>>,
    listening: std::thread::JoinHandle<()>,
    // Dropping it would end the session.
    master: Box<dyn portable_pty::MasterPty + Send>,
}

const PATIENCE: Duration = Duration::from_secs(90);

impl Terminal {
    /// 80 columns and 40 rows, without colour; `home` is the working folder, too. Of the caller's environment the
    /// program has nothing but what is given here.
    pub fn open<'a>(
        program: impl AsRef<OsStr>,
        args: &[&str],
        home: &Path,
        environment: impl IntoIterator<Item = (&'a str, &'a OsStr)>,
    ) -> Self {
        let size = PtySize {
            rows: 40,
            cols: 80,
            pixel_width: 0,
            pixel_height: 0,
        };
        let pair = native_pty_system().openpty(size).unwrap();
        let mut command = CommandBuilder::new(program);
        command.args(args);
        command.cwd(home);
        command.env_clear();
        command.env("HOME", home);
        command.env("TERM", "xterm");
        command.env("NO_COLOR", "1");
        for (name, value) in environment {
            command.env(name, value);
        }
        let child = pair.slave.spawn_command(command).unwrap();
        // Whoever holds it keeps the end of the output from coming.
        drop(pair.slave);
        let mut reader = pair.master.try_clone_reader().unwrap();
        let keys = pair.master.take_writer().unwrap();
        let said = Arc::new(Mutex::new(Vec::new()));
        let ear = Arc::clone(&said);
        let listening = std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(count @ 1..) = reader.read(&mut buffer) {
                ear.lock().unwrap().extend_from_slice(&buffer[..count]);
            }
        });
        Self {
            child,
            keys,
            said,
            listening,
            master: pair.master,
        }
    }

    /// Everything that was sent to the screen, frames of a bar that were overwritten included.
    pub fn said(&self) -> String {
        String::from_utf8_lossy(&self.said.lock().unwrap()).into_owned()
    }

    pub fn wait_until_said(&self, text: &str) {
        let start = Instant::now();
        while !self.said().contains(text) {
            assert!(
                start.elapsed() < PATIENCE,
                "{text:?} was not said:\n{}",
                self.said()
            );
            std::thread::sleep(Duration::from_millis(10));
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

    /// Waits for a question, then answers it at once.
    pub fn answer(&mut self, question: &str, keys: &str) {
        self.wait_for(question);
        self.press(keys);
    }

    /// What is typed now shows.
    pub fn echoes(&self) -> bool {
        const ECHO: u32 = 0x8;
        let flags = self.master.get_termios().map(|set| set.local_flags.bits());
        flags.is_some_and(|flags| flags & ECHO != 0)
    }

    pub fn press(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).unwrap();
        self.keys.flush().unwrap();
    }

    /// Waits for the end of the program, and of what it said.
    pub fn exit_code(&mut self) -> u32 {
        let start = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap()
                && self.listening.is_finished()
            {
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

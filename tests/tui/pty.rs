//! A terminal that a program runs in: its screen as a person would see it, and a keyboard.

use std::io::{Read, Write};
use std::num::NonZero;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, ExitStatus, MasterPty, PtySize, native_pty_system};

const PATIENCE: Duration = Duration::from_secs(60);

pub struct Pty {
    master: Box<dyn MasterPty + Send>,
    keyboard: Box<dyn Write + Send>,
    child: Box<dyn Child + Send + Sync>,
    screen: Arc<Mutex<(vt100::Parser, Vec<u8>)>>,
    listening: std::thread::JoinHandle<()>,
}

impl Pty {
    pub fn spawn(command: CommandBuilder, columns: u16, rows: u16) -> Self {
        let size = PtySize {
            rows,
            cols: columns,
            pixel_width: 0,
            pixel_height: 0,
        };
        let pair = native_pty_system().openpty(size).unwrap();
        let child = pair.slave.spawn_command(command).unwrap();
        // While this end is open, the output of the program never ends.
        drop(pair.slave);
        let mut reader = pair.master.try_clone_reader().unwrap();
        let keyboard = pair.master.take_writer().unwrap();
        let screen = Arc::new(Mutex::new((
            vt100::Parser::new(least(rows), least(columns), 0),
            Vec::new(),
        )));
        let shared = Arc::clone(&screen);
        let listening = std::thread::spawn(move || {
            let mut buffer = [0; 8192];
            while let Ok(count @ 1..) = reader.read(&mut buffer) {
                let mut screen = shared.lock().unwrap();
                screen.0.process(&buffer[..count]);
                screen.1.extend_from_slice(&buffer[..count]);
            }
        });
        Self {
            master: pair.master,
            keyboard,
            child,
            screen,
            listening,
        }
    }

    pub fn text(&self) -> String {
        self.screen.lock().unwrap().0.screen().contents()
    }

    /// Whether the program shows its full-screen page (the alternate screen), not the shell's screen.
    pub fn is_full_screen(&self) -> bool {
        self.screen.lock().unwrap().0.screen().alternate_screen()
    }

    pub fn cursor_is_hidden(&self) -> bool {
        self.screen.lock().unwrap().0.screen().hide_cursor()
    }

    /// Whether the terminal edits and echoes lines, as a shell needs it.
    pub fn is_cooked(&self) -> bool {
        let modes = format!("{:?}", self.master.get_termios().unwrap().local_flags);
        modes.contains("ICANON") && modes.contains("ECHO")
    }

    /// Whether the terminal is as it was before the program took it over.
    pub fn is_restored(&self) -> bool {
        self.is_cooked() && !self.is_full_screen() && !self.cursor_is_hidden()
    }

    /// Everything that was ever written, with its control sequences.
    pub fn raw(&self) -> String {
        String::from_utf8_lossy(&self.screen.lock().unwrap().1).into_owned()
    }

    pub fn send(&mut self, keys: &str) {
        self.keyboard.write_all(keys.as_bytes()).unwrap();
        self.keyboard.flush().unwrap();
    }

    /// Presses one key as by hand. The effect of the key before must be on the screen already: otherwise both keys may
    /// arrive together.
    pub fn press(&mut self, key: &str) {
        assert_eq!(key.chars().count(), 1, "{key:?} is not one key");
        std::thread::sleep(Duration::from_millis(90));
        self.send(key);
    }

    /// Types into the field with the cursor, and waits until the text is in it.
    pub fn types(&mut self, text: &str) {
        self.send(text);
        self.until(&format!("{text:?} typed"), |pty| {
            let screen = pty.screen.lock().unwrap();
            let screen = screen.0.screen();
            let (line, column) = screen.cursor_position();
            let before = screen.contents_between(line, 0, line, column);
            before.ends_with(text.trim_end()) || before.trim_end().ends_with(text.trim_end())
        });
    }

    /// Applies the filter that was typed, and waits until its line is closed: keys that arrive together count as a
    /// paste.
    pub fn applies(&mut self) {
        self.send("\r");
        self.no_longer_sees("enter apply");
    }

    /// Presses keys one after the other without looking at the screen. On a busy machine some may arrive together.
    pub fn blindly(&mut self, keys: &str) {
        for key in keys.chars() {
            self.press(key.encode_utf8(&mut [0; 4]));
        }
    }

    /// Waits as long as it takes to read the dialog, then presses the key that confirms it.
    pub fn confirm(&mut self, key: &str) {
        std::thread::sleep(Duration::from_millis(700));
        self.send(key);
    }

    pub fn resize(&self, columns: u16, rows: u16) {
        let size = PtySize {
            rows,
            cols: columns,
            pixel_width: 0,
            pixel_height: 0,
        };
        self.screen
            .lock()
            .unwrap()
            .0
            .screen_mut()
            .set_size(least(rows), least(columns));
        self.master.resize(size).unwrap();
    }

    pub fn until(&self, what: &str, is: impl Fn(&Self) -> bool) {
        let start = Instant::now();
        while !is(self) {
            assert!(
                start.elapsed() < PATIENCE,
                "waited in vain for {what}; the screen:\n{}",
                self.text()
            );
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    pub fn sees(&self, words: &str) {
        self.until(words, |pty| pty.text().contains(words));
    }

    /// Waits for these words without a further digit after them.
    pub fn sees_count(&self, words: &str) {
        self.until(words, |pty| pty.shows_count(words));
    }

    pub fn shows_count(&self, words: &str) -> bool {
        let text = self.text();
        let mut found = text.match_indices(words);
        found.any(|(at, _)| {
            let next = text[at + words.len()..].chars().next();
            !next.is_some_and(|c| c.is_ascii_digit() || matches!(c, ',' | '+'))
        })
    }

    pub fn sees_only_row(&self) {
        self.sees_count("row 1 of 1");
    }

    pub fn no_longer_sees(&self, words: &str) {
        self.until(&format!("the end of {words}"), |pty| {
            !pty.text().contains(words)
        });
    }

    pub fn pid(&self) -> i32 {
        i32::try_from(self.child.process_id().unwrap()).unwrap()
    }

    /// Waits until the program has ended and all of its output was read.
    pub fn ends(&mut self) -> ExitStatus {
        let start = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap()
                && self.listening.is_finished()
            {
                return status;
            }
            assert!(
                start.elapsed() < PATIENCE,
                "it does not end; the screen:\n{}",
                self.text()
            );
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

/// A screen has at least one cell.
fn least(cells: u16) -> NonZero<u16> {
    NonZero::new(cells).unwrap_or(NonZero::<u16>::MIN)
}

impl Drop for Pty {
    fn drop(&mut self) {
        // The program has ended already if the test passed.
        let _ = self.child.kill();
    }
}

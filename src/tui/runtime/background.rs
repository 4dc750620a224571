//! Finds the terminal's answer about its background colour (OSC 11). The answer arrives among the keys; whatever is not
//! part of it stays a key.

use crossterm::event::{Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

use crate::tui::theme::Palette;

pub(super) const QUESTION: &str = "\x1b]11;?\x1b\\";
const ANSWER: &str = "\x1b]11;rgb:";
/// Three numbers of four hexadecimal digits, and two slashes.
const LONGEST: usize = 14;

/// Separates the answer from the keys.
#[derive(Debug, Default)]
pub(super) struct Listener {
    held: Vec<Event>,
    text: String,
    over: bool,
}

enum Reading {
    Begun,
    Whole(Palette),
    Other,
}

impl Listener {
    /// Stops listening, so that everything is a key from now on. Returns the events held back.
    pub(super) fn end(&mut self) -> Vec<Event> {
        self.over = true;
        self.release()
    }

    /// Whether events are held back, because they may be the beginning of an answer.
    pub(super) fn is_holding(&self) -> bool {
        !self.held.is_empty()
    }

    /// Returns the events held back, because they are not part of an answer.
    pub(super) fn release(&mut self) -> Vec<Event> {
        self.text.clear();
        std::mem::take(&mut self.held)
    }

    /// Takes an event. Returns the palette once the answer is complete, and the events to be handled as usual.
    pub(super) fn feed(&mut self, event: Event) -> (Option<Palette>, Vec<Event>) {
        let signs = if self.over { None } else { signs(&event) };
        let Some(signs) = signs else {
            let mut events = self.release();
            events.push(event);
            return (None, events);
        };
        self.text.push_str(&signs);
        self.held.push(event);
        match reading(&self.text) {
            Reading::Begun => (None, Vec::new()),
            Reading::Whole(palette) => {
                self.release();
                self.over = true;
                (Some(palette), Vec::new())
            }
            Reading::Other if self.held.len() == 1 => (None, self.release()),
            // The last event may be the beginning of an answer.
            Reading::Other => {
                let last = self.held.pop();
                let mut events = self.release();
                let (palette, more) = last.map_or((None, Vec::new()), |last| self.feed(last));
                events.extend(more);
                (palette, events)
            }
        }
    }
}

/// The characters that this key was made from, if they can be part of an answer.
fn signs(event: &Event) -> Option<String> {
    let Event::Key(KeyEvent {
        code,
        modifiers,
        kind: KeyEventKind::Press,
        ..
    }) = event
    else {
        return None;
    };
    match (code, *modifiers - KeyModifiers::SHIFT) {
        (KeyCode::Esc, KeyModifiers::NONE) => Some("\x1b".to_owned()),
        (KeyCode::Char(c), KeyModifiers::ALT) => Some(format!("\x1b{c}")),
        (KeyCode::Char('g'), KeyModifiers::CONTROL) => Some("\x07".to_owned()),
        (KeyCode::Char(c), KeyModifiers::NONE) => Some(c.to_string()),
        _ => None,
    }
}

fn reading(text: &str) -> Reading {
    let Some(body) = text.strip_prefix(ANSWER) else {
        return if ANSWER.starts_with(text) {
            Reading::Begun
        } else {
            Reading::Other
        };
    };
    let end = body.find(['\x07', '\x1b']).unwrap_or(body.len());
    let (colour, rest) = body.split_at(end);
    let plain = |c: char| c.is_ascii_hexdigit() || c == '/';
    match rest {
        _ if colour.len() > LONGEST || !colour.chars().all(plain) => Reading::Other,
        "" | "\x1b" => Reading::Begun,
        "\x07" | "\x1b\\" => palette(colour).map_or(Reading::Other, Reading::Whole),
        _ => Reading::Other,
    }
}

fn palette(colour: &str) -> Option<Palette> {
    let parts: Vec<f64> = colour
        .split('/')
        .filter(|part| (1..=4).contains(&part.len()))
        .filter_map(|part| {
            let value = u16::from_str_radix(part, 16).ok()?;
            let most = (1_u32 << (4 * part.len())) - 1;
            Some(f64::from(value) / f64::from(most))
        })
        .collect();
    let [red, green, blue] = parts[..] else {
        return None;
    };
    let light = 0.299 * red + 0.587 * green + 0.114 * blue;
    Some(if light > 0.5 {
        Palette::Light
    } else {
        Palette::Dark
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(code: KeyCode, modifiers: KeyModifiers) -> Event {
        Event::Key(KeyEvent::new(code, modifiers))
    }

    /// The events that crossterm makes of this text.
    fn events(text: &str) -> Vec<Event> {
        let mut events = Vec::new();
        let mut alt = KeyModifiers::NONE;
        for c in text.chars() {
            match c {
                '\x1b' => alt = KeyModifiers::ALT,
                '\x07' => events.push(key(KeyCode::Char('g'), KeyModifiers::CONTROL)),
                c => {
                    events.push(key(KeyCode::Char(c), alt));
                    alt = KeyModifiers::NONE;
                }
            }
        }
        events
    }

    fn told(events: Vec<Event>) -> (Option<Palette>, Vec<Event>) {
        let mut listener = Listener::default();
        let (mut found, mut rest) = (None, Vec::new());
        for event in events {
            let (palette, more) = listener.feed(event);
            found = found.or(palette);
            rest.extend(more);
        }
        rest.extend(listener.release());
        (found, rest)
    }

    #[test]
    fn the_answer_is_no_key_and_keys_around_it_stay() {
        for (colour, palette) in [
            ("ffff/ffff/ffff", Palette::Light),
            ("fdfd/f6f6/e3e3", Palette::Light),
            ("0000/2b2b/3636", Palette::Dark),
            ("00/00/00", Palette::Dark),
        ] {
            for end in ["\x07", "\x1b\\"] {
                let text = format!("j\x1b]11;rgb:{colour}{end}k");
                let (found, rest) = told(events(&text));
                assert_eq!((found, rest), (Some(palette), events("jk")), "{text:?}");
            }
        }
    }

    #[test]
    fn what_only_looks_like_an_answer_is_typed() {
        let mut split = vec![key(KeyCode::Esc, KeyModifiers::NONE)];
        split.extend(events("]11;rgb:ffff/ffff/ffff\x07"));
        assert_eq!(told(split), (Some(Palette::Light), Vec::new()));
        for text in [
            "\x1b]1x",
            "\x1b]11;rgb:zz",
            "r",
            "\x1b]11;rgb:ffff\x07",
            "\x1b]",
        ] {
            assert_eq!(told(events(text)), (None, events(text)), "{text:?}");
        }
        let escape = vec![key(KeyCode::Esc, KeyModifiers::NONE); 2];
        assert_eq!(told(escape.clone()), (None, escape));
    }
}

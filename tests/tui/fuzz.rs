//! Random keys, clicks and sizes. Nothing may panic, and no destructive request may be sent without its name typed.
//! Runs for a minute, or for `SVPKI_FUZZ_SECONDS`.

use std::time::{Duration, Instant};

use crossterm::event::{
    KeyCode, KeyEvent, KeyEventKind, KeyModifiers, MouseButton, MouseEvent, MouseEventKind,
};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use sectigo_vault_pki::tui::model::Dialog;
use sectigo_vault_pki::tui::source::SourceError;
use sectigo_vault_pki::tui::theme::{Palette, Theme};
use sectigo_vault_pki::tui::{Msg, Settings, update};

use crate::harness::{FakeServer, Harness};

#[derive(Debug, Clone)]
enum Step {
    Key(KeyEvent),
    /// A key that arrives together with the one before.
    Fast(KeyEvent),
    Send(Box<Msg>),
    /// Leaves all dialogs, goes to a page, marks rows and presses the key of an action, as a person does who wants the
    /// action.
    Begin {
        page: usize,
        marks: usize,
        key: char,
        /// If set, also confirms the action, with this number of letters missing.
        confirm: Option<usize>,
    },
    /// Types the name that the open dialog asks for, without some letters at the end, and presses Enter.
    Confirm {
        missing: usize,
    },
    Server(Option<SourceError>),
    /// While set, requests may be carried out, but their answers are lost.
    LoseAnswers(bool),
    /// Seconds.
    Wait(i64),
}

fn keys() -> impl Strategy<Value = KeyEvent> {
    let letters: Vec<char> = "jkhlgGsScaAryRpfxyYe/?qm nN1235.*:<>".chars().collect();
    let code = prop_oneof![
        6 => proptest::sample::select(letters).prop_map(KeyCode::Char),
        4 => Just(KeyCode::Enter),
        2 => Just(KeyCode::Esc),
        2 => Just(KeyCode::Tab),
        1 => any::<char>().prop_map(KeyCode::Char),
        3 => proptest::sample::select(vec![
            KeyCode::BackTab, KeyCode::Up, KeyCode::Down, KeyCode::Left, KeyCode::Right, KeyCode::Home,
            KeyCode::End, KeyCode::PageUp, KeyCode::PageDown, KeyCode::Backspace, KeyCode::Delete,
            KeyCode::Insert, KeyCode::F(5), KeyCode::F(1), KeyCode::Null,
        ]),
    ];
    let modifiers = prop_oneof![
        8 => Just(KeyModifiers::NONE),
        1 => Just(KeyModifiers::CONTROL),
        1 => Just(KeyModifiers::ALT),
        1 => Just(KeyModifiers::SHIFT),
    ];
    let kind = prop_oneof![
        12 => Just(KeyEventKind::Press),
        1 => Just(KeyEventKind::Repeat),
        1 => Just(KeyEventKind::Release),
    ];
    (code, modifiers, kind)
        .prop_map(|(code, modifiers, kind)| KeyEvent::new_with_kind(code, modifiers, kind))
}

fn mouse() -> impl Strategy<Value = MouseEvent> {
    let buttons = [MouseButton::Left, MouseButton::Right, MouseButton::Middle];
    let mut kinds = vec![
        MouseEventKind::ScrollDown,
        MouseEventKind::ScrollUp,
        MouseEventKind::ScrollLeft,
        MouseEventKind::ScrollRight,
        MouseEventKind::Moved,
    ];
    for button in buttons {
        kinds.extend([
            MouseEventKind::Down(button),
            MouseEventKind::Up(button),
            MouseEventKind::Drag(button),
        ]);
    }
    // Mostly inside the screen, sometimes far outside.
    let at = prop_oneof![
        8 => (0u16..120, 0u16..40),
        1 => (any::<u16>(), any::<u16>()),
    ];
    (proptest::sample::select(kinds), at).prop_map(|(kind, (column, row))| MouseEvent {
        kind,
        column,
        row,
        modifiers: KeyModifiers::NONE,
    })
}

fn size() -> impl Strategy<Value = Msg> {
    prop_oneof![
        // Sizes below the minimum and around it. Large ones are rare, because a frame of a large screen takes as long
        // as ten small ones.
        6 => (0u16..70, 0u16..20),
        9 => (60u16..130, 15u16..45),
        1 => (0u16..300, 0u16..100),
    ]
    .prop_map(|(columns, lines)| Msg::Resize(columns, lines))
}

fn pasted() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => "\\PC{0,30}",
        // As from a clipboard: the exact name, with a line end that would be Enter if it were typed.
        1 => Just("shop.example.com\n".to_owned()),
        1 => "[a-z\\n\\r\\t\u{1b}]{0,20}",
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let begin = (
        prop_oneof![3 => Just(0usize), 1 => 1usize..5],
        0usize..4,
        proptest::sample::select(vec!['r', 'R', 'p', 'f', 'x']),
        prop::option::of(prop_oneof![2 => Just(0usize), 1 => 1usize..3]),
    );
    prop_oneof![
        60 => keys().prop_map(Step::Key),
        4 => keys().prop_map(Step::Fast),
        8 => mouse().prop_map(|event| Step::Send(Box::new(Msg::Mouse(event)))),
        3 => size().prop_map(|size| Step::Send(Box::new(size))),
        4 => pasted().prop_map(|text| Step::Send(Box::new(Msg::Paste(text)))),
        6 => begin.prop_map(|(page, marks, key, confirm)| Step::Begin { page, marks, key, confirm }),
        6 => (0usize..3).prop_map(|missing| Step::Confirm { missing }),
        2 => (1i64..20).prop_map(Step::Wait),
        1 => any::<bool>().prop_map(Step::LoseAnswers),
        1 => proptest::sample::select(vec![
            None, None, None,
            Some(SourceError::Sealed),
            Some(SourceError::TokenExpired),
            Some(SourceError::Unreachable("gone".to_owned())),
            Some(SourceError::Refused("no".to_owned())),
        ]).prop_map(Step::Server),
    ]
}

/// What was typed by hand since the dialog opened, counted independently of the dashboard.
#[derive(Default)]
struct Witness {
    typed: Vec<char>,
    /// The number of requests that were confirmed by typing the name or number.
    destroyed: usize,
    /// The number of other requests.
    sent: usize,
}

fn expected(tui: &Harness) -> Option<String> {
    match &tui.model.dialog {
        Some(Dialog::Typed(form)) => Some(form.expected()),
        _ => None,
    }
}

fn asking(tui: &Harness) -> bool {
    matches!(tui.model.dialog, Some(Dialog::Ask(_) | Dialog::Typed(_)))
}

/// Whether every letter of the name was typed, as often as the name has it.
fn was_typed(typed: &[char], name: &str) -> bool {
    let mut rest = typed.to_vec();
    name.chars().all(|c| {
        let at = rest.iter().position(|t| *t == c);
        at.map(|at| rest.swap_remove(at)).is_some()
    })
}

fn send(tui: &mut Harness, witness: &mut Witness, msg: Msg, fast: bool) {
    let (name, asking) = (expected(tui), asking(tui));
    let pressed = match &msg {
        Msg::Key(key, _) if key.kind != KeyEventKind::Release => Some(key.code),
        _ => None,
    };
    if let (Some(KeyCode::Char(c)), Some(_)) = (pressed, &name) {
        witness.typed.push(c);
    }
    let before = tui.server.sent.len();
    tui.send(msg);
    for request in &tui.server.sent[before..] {
        let line = request.command(vault_client::ServerProduct::Vault);
        assert!(
            !tui.model.settings.read_only,
            "read-only, and {line} went out"
        );
        assert!(
            !fast
                && asking
                && (pressed == Some(KeyCode::Enter) && name.is_some()
                    || pressed == Some(KeyCode::Char('y'))),
            "{line} went out, and nobody had been asked"
        );
        if request.verb.is_destructive()
            || tui.server.sent.len() - before > 1 && request.verb.orders()
        {
            let name = name.as_ref().expect("destroyed, and no name was asked for");
            assert!(
                was_typed(&witness.typed, name),
                "{line} went out; typed was {:?}, not {name:?}",
                witness.typed
            );
            witness.destroyed += 1;
        } else {
            witness.sent += 1;
        }
    }
    if expected(tui).is_none() || expected(tui) != name {
        witness.typed.clear();
    }
}

fn press(tui: &mut Harness, witness: &mut Witness, code: KeyCode) {
    let at = tui.next_press();
    send(
        tui,
        witness,
        Msg::Key(KeyEvent::from(code), at.into()),
        false,
    );
}

fn confirm(tui: &mut Harness, witness: &mut Witness, missing: usize) {
    let name = expected(tui).unwrap_or_default();
    let keep = name.chars().count().saturating_sub(missing);
    for c in name.chars().take(keep) {
        press(tui, witness, KeyCode::Char(c));
    }
    if let Some(Dialog::Typed(form)) = &tui.model.dialog {
        let stops = form.stops().len();
        if stops > 1 {
            press(tui, witness, KeyCode::Tab);
            press(tui, witness, KeyCode::Char('z'));
        }
        if stops > 2 {
            press(tui, witness, KeyCode::Tab);
            press(tui, witness, KeyCode::Right);
        }
        press(tui, witness, KeyCode::Enter);
    } else {
        press(tui, witness, KeyCode::Char('y'));
    }
}

fn play(tui: &mut Harness, steps: Vec<Step>) -> Witness {
    let mut witness = Witness::default();
    let seen = &mut witness;
    for step in steps {
        match step {
            Step::Send(msg) => send(tui, seen, *msg, false),
            Step::Key(key) => {
                let at = tui.next_press();
                send(tui, seen, Msg::Key(key, at.into()), false);
            }
            Step::Fast(key) => {
                let at = tui.last_press();
                send(tui, seen, Msg::Key(key, at.into()), true);
            }
            Step::Wait(seconds) => {
                tui.wait(seconds);
            }
            Step::Server(down) => tui.server.down = down,
            Step::LoseAnswers(lost) => tui.server.answers_lost = lost,
            Step::Begin {
                page,
                marks,
                key,
                confirm: missing,
            } => {
                (0..3).for_each(|_| press(tui, seen, KeyCode::Esc));
                press(tui, seen, KeyCode::Char('2'));
                (0..page).for_each(|_| press(tui, seen, KeyCode::Tab));
                (0..marks).for_each(|_| press(tui, seen, KeyCode::Char(' ')));
                press(tui, seen, KeyCode::Char(key));
                if let Some(missing) = missing {
                    confirm(tui, seen, missing);
                }
            }
            Step::Confirm { missing } => confirm(tui, seen, missing),
        }
        tui.model.quit = false;
        tui.draw();
    }
    witness
}

fn settings(runner: &mut TestRunner) -> Settings {
    let palette = proptest::sample::select(vec![
        Palette::Dark,
        Palette::Light,
        Palette::HighContrast,
        Palette::Mono,
    ]);
    let (palette, ascii, read_only) = (palette, any::<bool>(), prop::bool::weighted(0.1))
        .new_tree(runner)
        .unwrap()
        .current();
    Settings {
        theme: Theme { palette, ascii },
        read_only,
        ..Settings::default()
    }
}

#[test]
fn random_input_never_panics_and_never_destroys_unasked() {
    let seconds = std::env::var("SVPKI_FUZZ_SECONDS")
        .ok()
        .and_then(|s| s.parse().ok())
        .unwrap_or(60);
    let length = Duration::from_secs(seconds);
    let start = Instant::now();
    let mut runner = TestRunner::default();
    let (mut rounds, mut steps) = (0, 0);
    let mut all = Witness::default();
    // Even on a slow machine, goes on until actions of both kinds were confirmed.
    while rounds < 5 || all.destroyed < 5 || all.sent < 5 || start.elapsed() < length {
        let mut tui = Harness::new(FakeServer::estate(), settings(&mut runner));
        let script = prop::collection::vec(step(), 200..400)
            .new_tree(&mut runner)
            .unwrap()
            .current();
        let shown: Vec<String> = script.iter().map(|s| format!("{s:?}")).collect();
        steps += script.len();
        let played =
            std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| play(&mut tui, script)));
        match played {
            Ok(witness) => {
                all.destroyed += witness.destroyed;
                all.sent += witness.sent;
            }
            Err(panic) => {
                eprintln!("script that failed:\n{}", shown.join("\n"));
                std::panic::resume_unwind(panic);
            }
        }
        rounds += 1;
    }
    println!(
        "{rounds} rounds, {steps} steps; requests sent: {} with a name or number typed, {} others",
        all.destroyed, all.sent
    );
}

#[test]
fn a_storm_of_sizes_loses_nothing() {
    let mut tui = Harness::estate();
    tui.press("j j j j");
    let key = tui.model.store.key(tui.model.table.index);
    for n in 0..400u16 {
        let msg = Msg::Resize(n * 37 % 230, n * 13 % 70);
        update(&mut tui.model, msg);
        tui.text();
    }
    tui.resize(80, 24);
    assert_eq!(tui.model.store.key(tui.model.table.index), key);
    assert!(
        tui.sees("evil\u{fffd}[2J.example.com"),
        "the row under the bar is in sight"
    );
}

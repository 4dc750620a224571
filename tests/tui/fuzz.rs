//! Random keys, clicks and sizes: nothing panics, and nothing that destroys goes out without its name typed.
//! `SVPKI_FUZZ_SECONDS` makes it go on for longer.

use std::time::{Duration, Instant};

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use sectigo_vault_pki::tui::model::Dialog;
use sectigo_vault_pki::tui::source::SourceError;
use sectigo_vault_pki::tui::theme::{Palette, Theme};
use sectigo_vault_pki::tui::{Msg, Settings, update};

use crate::stage::{Stage, World};

#[derive(Debug, Clone)]
enum Step {
    Send(Msg),
    /// Types the name that the open dialog asks for, less some letters at the end, and Enter.
    Confirm {
        missing: usize,
    },
    Server(Option<SourceError>),
    Wait(i64),
}

fn keys() -> impl Strategy<Value = KeyEvent> {
    let code = prop_oneof![
        6 => proptest::sample::select("jkhlgGsScaAryRpfxyYe/?qm nN1235.*:<>".chars().collect::<Vec<_>>()).prop_map(KeyCode::Char),
        4 => Just(KeyCode::Enter),
        2 => Just(KeyCode::Esc),
        2 => Just(KeyCode::Tab),
        1 => any::<char>().prop_map(KeyCode::Char),
        3 => proptest::sample::select(vec![
            KeyCode::BackTab, KeyCode::Up, KeyCode::Down, KeyCode::Left, KeyCode::Right, KeyCode::Home,
            KeyCode::End, KeyCode::PageUp, KeyCode::PageDown, KeyCode::Backspace, KeyCode::Delete, KeyCode::F(5),
        ]),
    ];
    let modifiers = prop_oneof![
        8 => Just(KeyModifiers::NONE),
        1 => Just(KeyModifiers::CONTROL),
        1 => Just(KeyModifiers::ALT),
    ];
    (code, modifiers).prop_map(|(code, modifiers)| KeyEvent::new(code, modifiers))
}

fn mouse() -> impl Strategy<Value = MouseEvent> {
    let kind = proptest::sample::select(vec![
        MouseEventKind::Down(MouseButton::Left),
        MouseEventKind::ScrollDown,
        MouseEventKind::ScrollUp,
    ]);
    (kind, 0u16..250, 0u16..80).prop_map(|(kind, column, row)| MouseEvent {
        kind,
        column,
        row,
        modifiers: KeyModifiers::NONE,
    })
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        40 => keys().prop_map(|key| Step::Send(Msg::Key(key))),
        5 => mouse().prop_map(|event| Step::Send(Msg::Mouse(event))),
        3 => (0u16..220, 0u16..70).prop_map(|(w, h)| Step::Send(Msg::Resize(w, h))),
        2 => "\\PC{0,30}".prop_map(|text| Step::Send(Msg::Paste(text))),
        2 => (0usize..3).prop_map(|missing| Step::Confirm { missing }),
        2 => (1i64..90).prop_map(Step::Wait),
        1 => proptest::sample::select(vec![
            None, None, None,
            Some(SourceError::Sealed),
            Some(SourceError::TokenExpired),
            Some(SourceError::Unreachable("gone".to_owned())),
            Some(SourceError::Refused("no".to_owned())),
        ]).prop_map(Step::Server),
    ]
}

/// Everything that was typed since the dialog opened; what a human hand would have done.
#[derive(Default)]
struct Witness {
    typed: String,
}

fn expected(stage: &Stage) -> Option<String> {
    match &stage.model.dialog {
        Some(Dialog::Typed(form)) => Some(form.expected()),
        _ => None,
    }
}

fn send(stage: &mut Stage, witness: &mut Witness, msg: Msg) {
    let asked = expected(stage);
    if let Msg::Key(key) = &msg {
        match key.code {
            KeyCode::Char(c) if asked.is_some() => witness.typed.push(c),
            _ => {}
        }
    }
    let before = stage.world.sent.len();
    stage.send(msg);
    for request in &stage.world.sent[before..] {
        if request.verb.is_destructive() {
            let name = asked.as_ref().expect("destroyed with no dialog open");
            let holds = name.chars().all(|c| witness.typed.contains(c));
            assert!(
                holds,
                "{} went out; typed was {:?}, not {name:?}",
                request.command(),
                witness.typed
            );
        }
    }
    if expected(stage).is_none() {
        witness.typed.clear();
    }
}

fn play(stage: &mut Stage, steps: Vec<Step>) -> usize {
    let mut witness = Witness::default();
    let mut confirmed = 0;
    for step in steps {
        match step {
            Step::Send(msg) => send(stage, &mut witness, msg),
            Step::Wait(seconds) => {
                stage.wait(seconds);
            }
            Step::Server(down) => stage.world.down = down,
            Step::Confirm { missing } => {
                let Some(name) = expected(stage) else {
                    continue;
                };
                let keep = name.chars().count().saturating_sub(missing);
                for c in name.chars().take(keep) {
                    send(
                        stage,
                        &mut witness,
                        Msg::Key(KeyEvent::from(KeyCode::Char(c))),
                    );
                }
                let before = stage.world.sent.len();
                send(
                    stage,
                    &mut witness,
                    Msg::Key(KeyEvent::from(KeyCode::Enter)),
                );
                confirmed += usize::from(stage.world.sent.len() > before);
            }
        }
        stage.model.quit = false;
        stage.text();
    }
    confirmed
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
        .unwrap_or(3);
    let until = Instant::now() + Duration::from_secs(seconds);
    let mut runner = TestRunner::default();
    let (mut rounds, mut steps, mut confirmed) = (0, 0, 0);
    // At least one round, however slow the machine.
    while rounds == 0 || Instant::now() < until {
        let mut stage = Stage::new(World::estate(), settings(&mut runner));
        let script = prop::collection::vec(step(), 200..400)
            .new_tree(&mut runner)
            .unwrap()
            .current();
        let shown: Vec<String> = script.iter().map(|s| format!("{s:?}")).collect();
        steps += script.len();
        let played =
            std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| play(&mut stage, script)));
        match played {
            Ok(count) => confirmed += count,
            Err(panic) => {
                eprintln!("script that failed:\n{}", shown.join("\n"));
                std::panic::resume_unwind(panic);
            }
        }
        rounds += 1;
    }
    println!("{rounds} rounds, {steps} steps, {confirmed} confirmed");
}

#[test]
fn a_storm_of_sizes_loses_nothing() {
    let mut stage = Stage::estate();
    stage.press("j j j j");
    let key = stage.model.store.key(stage.model.table.index);
    for n in 0..400u16 {
        let msg = Msg::Resize(n * 37 % 230, n * 13 % 70);
        update(&mut stage.model, msg);
        stage.text();
    }
    stage.resize(80, 24);
    assert_eq!(stage.model.store.key(stage.model.table.index), key);
    assert!(
        stage.sees("evil·[2J.example.com"),
        "the row under the bar is in sight"
    );
}

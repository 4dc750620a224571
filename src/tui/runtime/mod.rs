//! The event loop between the terminal, the server and the model. It draws only when something has changed.

mod background;
mod effects;
mod key_rescue;
mod screen;
mod vault_source;

use std::future::poll_fn;
use std::io::IsTerminal;
use std::sync::Arc;
use std::task::Poll;
use std::time::{Duration, Instant};

use crossterm::event::{Event, EventStream, KeyEventKind};
use futures_util::StreamExt;
use jiff::Timestamp;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::mpsc;
use tokio::time::MissedTickBehavior;

use super::model::{Arrival, Model, Settings};
use super::source::Source;
use super::update::{self, Effect, Msg, update};
use super::view::{self, view};
use background::Listener;
pub use effects::Effects;
use screen::Screen;
pub use vault_source::VaultSource;

/// Why the dashboard cannot be shown, or ended early.
#[derive(Debug, thiserror::Error)]
pub enum TuiError {
    #[error("the dashboard needs a terminal; in a pipe use svpki certs list")]
    NoTerminal,
    #[error("terminal: {0}")]
    Terminal(#[from] std::io::Error),
    #[error("a background task broke: {0}")]
    Broken(String),
}

/// Why the dashboard ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExitReason {
    Quit,
    /// A signal, or the terminal went away.
    Interrupted,
}

/// How the dashboard ended, and what it did.
#[derive(Debug, Clone)]
pub struct Session {
    pub reason: ExitReason,
    /// A line for each job, followed by lines for the items that did not succeed.
    pub report: Vec<String>,
}

const TICK: Duration = Duration::from_millis(250);
/// How long after the start the answer about the background is accepted; long enough for a slow connection.
const ANSWERS_WITHIN: Duration = Duration::from_secs(5);
/// The longest pause inside that answer. After it, the events held back are keys.
const ANSWER_GOES_ON: Duration = Duration::from_millis(80);
/// How long answers are taken in before the next frame is drawn and the next key is handled.
pub const SLICE: Duration = Duration::from_millis(4);

/// Shows the dashboard until it ends, and gives the terminal back in every case. `session` must be random, because all
/// idempotency keys of this run begin with it.
pub async fn show(
    source: Arc<dyn Source>,
    settings: Settings,
    session: &str,
) -> Result<Session, TuiError> {
    if !std::io::stdin().is_terminal() || !std::io::stdout().is_terminal() {
        return Err(TuiError::NoTerminal);
    }
    let mut signals = Signals::listen()?;
    let mut screen = Screen::open(settings.mouse)?;
    let mut model = Model::new(
        settings,
        source.server_address(),
        screen.size()?,
        now_ms(),
        session,
    );
    let mut effects = Effects::new(source);
    let mut listener = Listener::default();
    if model.settings.asks_background {
        screen.ask_background()?;
    } else {
        listener.end();
    }
    let mut events = read_events(listener);
    let mut ticks = tokio::time::interval(TICK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    perform(&mut screen, &mut effects, update::start())?;
    let mut dirty = true;
    let reason = loop {
        if model.quit {
            break ExitReason::Quit;
        }
        if dirty {
            screen.draw(|frame| view(&model, frame))?;
        }
        let msg = tokio::select! {
            biased;
            event = events.recv() => match event {
                Some(msg) => Some(msg),
                // The terminal is gone.
                None => break ExitReason::Interrupted,
            },
            ended = signals.next() => match ended {
                SignalAction::End => break ExitReason::Interrupted,
                SignalAction::Continue => {
                    screen.resume()?;
                    Some(resized(&screen)?)
                }
            },
            msg = effects.next() => Some(msg?),
            _ = ticks.tick() => Some(Msg::Tick(now_ms())),
        };
        dirty = match msg {
            Some(msg) => take(&mut model, &mut screen, &mut effects, &mut signals, msg).await?,
            None => false,
        };
        // Answers that have arrived in the meantime go into the same frame.
        let begun = Instant::now();
        while begun.elapsed() < SLICE {
            let Some(msg) = effects.ready() else { break };
            effects.on_model_changed(&model);
            dirty |= take(&mut model, &mut screen, &mut effects, &mut signals, msg).await?;
        }
        effects.on_model_changed(&model);
    };
    let jobs: Vec<_> = model.jobs().collect();
    let report = jobs.iter().rev().flat_map(|job| job.report()).collect();
    Ok(Session { reason, report })
}

/// Handles one message; returns whether the screen may have changed.
async fn take(
    model: &mut Model,
    screen: &mut Screen,
    effects: &mut Effects,
    signals: &mut Signals,
    msg: Msg,
) -> Result<bool, TuiError> {
    let clock = matches!(msg, Msg::Tick(_)).then(|| view::clock(model));
    let mut wanted = update(model, msg);
    let changed = !wanted.is_empty() || clock.is_none_or(|before| before != view::clock(model));
    if let Some(at) = wanted.iter().position(|effect| *effect == Effect::Suspend) {
        wanted.swap_remove(at);
        suspend(screen, signals).await?;
        let msg = resized(screen)?;
        wanted.extend(update(model, msg));
    }
    perform(screen, effects, wanted)?;
    Ok(changed)
}

/// Carries out effects on the terminal at once, and starts the others as tasks.
fn perform(
    screen: &mut Screen,
    effects: &mut Effects,
    wanted: Vec<Effect>,
) -> Result<(), TuiError> {
    for effect in wanted {
        match effect {
            Effect::Copy(text) => screen.copy(&text)?,
            Effect::Mouse(on) => screen.mouse(on)?,
            other => effects.start(other),
        }
    }
    Ok(())
}

/// Reads the terminal in a task of its own, so that the arrival times of keys are right however long the loop takes:
/// they tell whether a key was pressed by hand. The terminal's answer about its background is not passed on as keys.
fn read_events(mut listener: Listener) -> mpsc::UnboundedReceiver<Msg> {
    let (arrived, events) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        let mut stream = EventStream::new();
        let last_answer = Instant::now() + ANSWERS_WITHIN;
        loop {
            let next = if listener.is_holding() {
                tokio::time::timeout(ANSWER_GOES_ON, stream.next()).await
            } else {
                Ok(stream.next().await)
            };
            let (mut fresh, mut palette) = (Vec::new(), None);
            let mut together = Vec::new();
            match next {
                Err(_) => fresh = listener.release(),
                Ok(Some(Ok(event))) => together.push(event),
                Ok(_) => return,
            }
            if Instant::now() > last_answer {
                fresh.extend(listener.end());
            }
            // Events from one read of the terminal arrived together. They are polled with the waker of this task,
            // because the stream keeps the last waker that it was polled with.
            while let Poll::Ready(Some(Ok(event))) =
                poll_fn(|cx| Poll::Ready(stream.poll_next_unpin(cx))).await
            {
                together.push(event);
            }
            for event in together {
                let (told, keys) = listener.feed(event);
                palette = palette.or(told);
                fresh.extend(keys);
            }
            let pressed = |event: &&Event| matches!(event, Event::Key(key) if key.kind != KeyEventKind::Release);
            let arrival = Arrival {
                at: now_ms(),
                alone: fresh.iter().filter(pressed).count() <= 1,
            };
            let fresh = fresh
                .into_iter()
                .filter_map(|event| of_event(event, arrival));
            for msg in palette.map(Msg::Background).into_iter().chain(fresh) {
                if arrived.send(msg).is_err() {
                    return;
                }
            }
        }
    });
    events
}

fn of_event(event: Event, arrival: Arrival) -> Option<Msg> {
    match event {
        Event::Key(key) => Some(Msg::Key(key, arrival)),
        Event::Paste(text) => Some(Msg::Paste(text)),
        Event::Mouse(event) => Some(Msg::Mouse(event)),
        Event::Resize(columns, lines) => Some(Msg::Resize(columns, lines)),
        Event::FocusGained | Event::FocusLost => None,
    }
}

fn resized(screen: &Screen) -> Result<Msg, TuiError> {
    let (columns, lines) = screen.size()?;
    Ok(Msg::Resize(columns, lines))
}

pub fn now_ms() -> i64 {
    Timestamp::now().as_millisecond()
}

/// Ctrl-Z: gives the terminal back, stops the process, and takes the terminal over again when the shell continues it.
async fn suspend(screen: &mut Screen, signals: &mut Signals) -> Result<(), TuiError> {
    use nix::sys::signal::{Signal as Number, kill};
    use nix::unistd::Pid;
    screen.suspend()?;
    // To the whole process group, as the terminal would have done.
    kill(Pid::from_raw(0), Number::SIGTSTP).map_err(std::io::Error::from)?;
    // A process group that no shell controls is not stopped, and no SIGCONT arrives.
    let _ = tokio::time::timeout(Duration::from_millis(300), signals.resumed.recv()).await;
    screen.resume()?;
    Ok(())
}

enum SignalAction {
    End,
    Continue,
}

struct Signals {
    terminate: Signal,
    hang_up: Signal,
    interrupt: Signal,
    resumed: Signal,
}

impl Signals {
    fn listen() -> std::io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            hang_up: signal(SignalKind::hangup())?,
            interrupt: signal(SignalKind::interrupt())?,
            resumed: signal(SignalKind::from_raw(
                nix::sys::signal::Signal::SIGCONT as i32,
            ))?,
        })
    }

    async fn next(&mut self) -> SignalAction {
        tokio::select! {
            _ = self.terminate.recv() => SignalAction::End,
            _ = self.hang_up.recv() => SignalAction::End,
            _ = self.interrupt.recv() => SignalAction::End,
            _ = self.resumed.recv() => SignalAction::Continue,
        }
    }
}

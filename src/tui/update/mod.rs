//! Handles messages: changes the model and returns the effects to carry out. Nothing here waits, reads or writes.

mod actions;
mod answers;
mod back;
mod confirm;
mod dialog;
mod filter_line;
mod forecast;
mod history;
mod keys;
mod list;
mod navigate;
mod open;
mod prompt;
mod rows;

use std::sync::Arc;

use crossterm::event::{KeyEvent, MouseEvent};

pub use actions::{offered, unavailable};

use super::model::{Arrival, Batch, Connection, Model, PageRequest, Row, Start};
use super::source::{CertKey, Done, Request, ServerInfo, SourceError, TokenInfo, Verb};
use crate::forecast::{Life, Week};
use crate::tui::theme::Palette;
use svpki_types::Secret;
use svpki_types::api::{
    CertificateResponse, ConfigHealth, DomainResponse, HealthResponse, OrderResponse,
};

type Answer<T> = Result<T, SourceError>;

/// An event: input, the passing of time, or an answer.
#[derive(Debug, Clone)]
pub enum Msg {
    Key(KeyEvent, Arrival),
    Paste(String),
    Mouse(MouseEvent),
    Resize(u16, u16),
    /// Milliseconds since 1970.
    Tick(i64),
    Mounts(Answer<Vec<String>>),
    Page {
        mount: Arc<str>,
        generation: u64,
        answer: Answer<Batch>,
    },
    Orders {
        mount: Arc<str>,
        answer: Answer<Vec<OrderResponse>>,
    },
    Order {
        id: String,
        answer: Box<Answer<OrderResponse>>,
    },
    Health {
        mount: Arc<str>,
        answer: Answer<HealthResponse>,
    },
    /// Certificates of a mount that may need somebody.
    Attention {
        mount: Arc<str>,
        answer: Answer<Batch>,
    },
    Domains {
        mount: Arc<str>,
        answer: Answer<Vec<DomainResponse>>,
    },
    /// Certificates of a mount that were issued lately.
    Issued {
        mount: Arc<str>,
        answer: Answer<Batch>,
    },
    Forecast(Vec<Week>),
    /// The palette for the background colour that the terminal reported.
    Background(Palette),
    AccountChecked {
        mount: Arc<str>,
        config: String,
        answer: Answer<ConfigHealth>,
    },
    Certificate {
        key: CertKey,
        answer: Box<Answer<CertificateResponse>>,
    },
    Server(Answer<ServerInfo>),
    Token(Answer<TokenInfo>),
    /// The answer to a token that was typed.
    TokenTaken(Answer<TokenInfo>),
    /// What the token may do to the certificates and orders of a mount and config.
    Allowed {
        config: (Arc<str>, Arc<str>),
        answer: Answer<Vec<(Verb, bool)>>,
    },
    Acted {
        job: u64,
        item: usize,
        answer: Answer<Done>,
    },
    /// The path of the written file, or why it was not written.
    Exported(Result<String, String>),
    StartSaved(Result<String, String>),
}

/// Work outside the model, which the runtime carries out.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    Mounts,
    Page(PageRequest),
    Orders(Arc<str>),
    Order {
        mount: Arc<str>,
        config: Arc<str>,
        id: String,
    },
    Health(Arc<str>),
    Attention(Arc<str>),
    Domains(Arc<str>),
    /// Asks for certificates that began after this moment, in Unix seconds.
    Issued(Arc<str>, i64),
    Forecast {
        lives: Vec<Life>,
        /// Ends of the domain validations in force, in Unix seconds.
        validations: Vec<i64>,
        now: i64,
        horizon: i64,
    },
    /// Has the plugin check the SCM account of a config.
    CheckAccount {
        mount: Arc<str>,
        config: String,
    },
    Certificate(CertKey),
    Server,
    Token,
    RenewToken,
    UseToken(Secret),
    /// Asks what the token may do to certificates and orders of this mount and config, named by `paths`.
    Allowed {
        config: (Arc<str>, Arc<str>),
        paths: Vec<(Verb, String)>,
    },
    Act {
        job: u64,
        item: usize,
        request: Request,
    },
    Copy(String),
    Export {
        path: String,
        content: String,
    },
    Mouse(bool),
    /// Saves the columns, sort and filter to start with next time.
    SaveStart(Start),
    /// Frees the memory of rows outside the drawing loop.
    Discard(Vec<Row>),
    /// Suspends the process (Ctrl-Z).
    Suspend,
}

/// Milliseconds without a change after which the filter is also sent to the server.
const FILTER_PAUSE: i64 = 180;

/// The effects to start with.
pub fn start() -> Vec<Effect> {
    vec![Effect::Server, Effect::Token, Effect::Mounts]
}

pub fn update(model: &mut Model, msg: Msg) -> Vec<Effect> {
    let mut effects = match msg {
        Msg::Key(key, arrival) => keys::key(model, key, arrival),
        Msg::Paste(text) => keys::paste(model, &text),
        Msg::Mouse(event) => list::mouse(model, event),
        Msg::Resize(columns, lines) => {
            model.size = (columns, lines);
            Vec::new()
        }
        Msg::Tick(now_ms) => tick(model, now_ms),
        other => answers::answer(model, other),
    };
    list::settle(model);
    // Before `pages`, because the forecast may need all rows.
    effects.extend(forecast::wanted(model));
    effects.extend(dialog::when_complete(model));
    effects.extend(pages(model));
    effects.extend(actions::ask_allowed(model));
    let replaced = model.store.take_replaced();
    if !replaced.is_empty() {
        effects.push(Effect::Discard(replaced));
    }
    effects
}

/// Requests the inventory pages that the rows on the screen still need.
fn pages(model: &mut Model) -> Vec<Effect> {
    // A filter that is still changing is soon sent to the server. Until then no pages are loaded in search of matches.
    if matches!(model.connection, Connection::Lost { .. }) || model.filter.changed.is_some() {
        return Vec::new();
    }
    let until = model.table.offset + usize::from(model.size.1);
    model
        .store
        .requests(until)
        .into_iter()
        .map(Effect::Page)
        .collect()
}

fn tick(model: &mut Model, now_ms: i64) -> Vec<Effect> {
    model.now_ms = now_ms;
    let now = model.now();
    if model
        .notice
        .as_ref()
        .is_some_and(|notice| notice.until <= now_ms)
    {
        model.notice = None;
    }
    if model
        .filter
        .changed
        .is_some_and(|at| now_ms - at >= FILTER_PAUSE)
    {
        model.filter.changed = None;
        model.store.ask_filtered(now);
    }
    let due = match &model.connection {
        Connection::Starting => false,
        Connection::Up => {
            let every = i64::try_from(model.settings.refresh)
                .unwrap_or(i64::MAX)
                .max(1);
            now - model.asked >= every && !model.store.refreshing()
        }
        // Without a valid token every further attempt would fail.
        Connection::Lost {
            retry_at, error, ..
        } => now >= *retry_at && now > model.asked && *error != SourceError::TokenExpired,
    };
    let mut effects = if due { refresh(model) } else { Vec::new() };
    effects.extend(ping(model));
    effects.extend(keep_token(model));
    effects
}

/// Reads everything again. If the server was lost, only its health is asked for first: other requests would hang, too.
pub(super) fn refresh(model: &mut Model) -> Vec<Effect> {
    model.asked = model.now();
    model.pinged = model.now();
    match &model.connection {
        Connection::Lost {
            error: SourceError::Unreachable(_) | SourceError::Sealed,
            ..
        } => vec![Effect::Server],
        _ => vec![Effect::Server, Effect::Mounts],
    }
}

/// Asks for the health of the server between two refreshes, so that a hanging server is reported within ten seconds.
fn ping(model: &mut Model) -> Option<Effect> {
    /// Seconds between two requests. An answer may take about as long again.
    const PAUSE: i64 = 4;
    let now = model.now();
    if !model.connection.is_up() || now - model.pinged < PAUSE {
        return None;
    }
    model.pinged = now;
    Some(Effect::Server)
}

/// Renews the token when less than a third of its life is left.
fn keep_token(model: &mut Model) -> Vec<Effect> {
    /// Seconds between two attempts.
    const PATIENCE: i64 = 10;
    let (Some(token), Some(left)) = (&model.token, model.token_left()) else {
        return Vec::new();
    };
    let life = i64::try_from(token.ttl.unwrap_or_default()).unwrap_or(i64::MAX);
    let now = model.now();
    let late = left.saturating_mul(3) < life;
    if late && token.renewable && model.connection.is_up() && now - model.token_asked >= PATIENCE {
        model.token_asked = now;
        return vec![Effect::RenewToken];
    }
    Vec::new()
}

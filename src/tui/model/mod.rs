//! The state of the dashboard. `update` changes it and `view` draws it; nothing else touches it.

pub mod columns;
mod connection;
pub mod counts;
mod detail;
mod dialog;
pub mod forecast;
pub mod groups;
mod hand;
mod job;
mod orders;
mod paged_loader;
mod prompt;
mod row;
mod store;
pub mod today;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use crate::filter::{Filter, FilterError, Suggestion};
use crate::tui::keys::{Chord, Keymap};
use crate::tui::source::{CertKey, ServerAddress, ServerInfo, SourceError, TokenInfo, Verb};
use crate::tui::text_input::TextInput;
use crate::tui::theme::{Theme, Tone};
use svpki_types::Labels;
use svpki_types::api::HealthResponse;
use vault_client::ServerProduct;

pub use columns::{Column, Sort};
pub use connection::Connection;
pub use detail::{ChainLink, Detail};
pub use dialog::{
    Ask, Dialog, EnrollForm, ExportForm, ExportFormat, REASON_CODES, TypedFocus, TypedForm,
};
pub use forecast::Forecast;
pub use hand::{Arrival, Hand};
pub use job::{Facts, Item, ItemState, Job, Target};
pub use orders::{FIELDS as ORDER_FIELDS, OrderRow, OrderSort, Orders, filter_mistake};
pub use paged_loader::MountSnapshot;
pub use prompt::{Hint, Prompt, PromptKind};
pub use row::{Batch, Renewal, Row};
pub use store::{PageRequest, Store};
pub use today::Today;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Page {
    /// Everything that needs somebody, from all mounts.
    #[default]
    Today,
    Certificates,
    Orders,
    Health,
    Forecast,
    Help,
}

impl Page {
    pub const ALL: [Self; 6] = [
        Self::Today,
        Self::Certificates,
        Self::Orders,
        Self::Health,
        Self::Forecast,
        Self::Help,
    ];

    pub fn title(self) -> &'static str {
        match self {
            Self::Today => "Today",
            Self::Certificates => "Certificates",
            Self::Orders => "Orders",
            Self::Health => "Health",
            Self::Forecast => "Forecast",
            Self::Help => "Help",
        }
    }
}

/// Settings that the caller of the dashboard decides.
#[derive(Debug, Clone)]
pub struct Settings {
    pub read_only: bool,
    /// Seconds between two refreshes.
    pub refresh: u64,
    pub theme: Theme,
    pub keymap: Keymap,
    pub mouse: bool,
    /// Ask the terminal for its background colour, and choose the theme by it.
    pub asks_background: bool,
    pub start: Start,
}

/// The initial columns, sort and filter of the certificates, and the saved filters with their keys.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Start {
    /// Empty: the usual columns.
    pub columns: Vec<Column>,
    pub sort: Sort,
    pub filter: String,
    pub saved: Vec<(Chord, String)>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            read_only: false,
            refresh: 15,
            theme: Theme::default(),
            keymap: Keymap::default(),
            mouse: false,
            asks_background: false,
            start: Start::default(),
        }
    }
}

/// The position in a list: the selected row and the first row on the screen.
#[derive(Debug, Clone, Default)]
pub struct Cursor {
    pub index: usize,
    pub offset: usize,
    /// The key of the selected row, so that a refresh does not move the bar; `None` until somebody has moved it.
    pub key: Option<CertKey>,
    /// The bar follows the last row, because rows before it are still loading.
    pub to_end: bool,
}

/// The filter line and the state of its editing.
#[derive(Debug, Clone, Default)]
pub struct FilterLine {
    pub field: TextInput,
    pub editing: bool,
    pub error: Option<FilterError>,
    pub suggestions: Vec<Suggestion>,
    pub chosen: usize,
    /// Enter was pressed on a line with a mistake: no row is shown until the line is corrected.
    pub refused: bool,
    /// The text before editing began, which Esc restores.
    pub before: String,
    /// Milliseconds at which the line last changed, until the server is asked for it.
    pub changed: Option<i64>,
}

/// A short message to the user that disappears after some seconds.
#[derive(Debug, Clone)]
pub struct Notice {
    pub text: String,
    pub tone: Tone,
    /// Milliseconds.
    pub until: i64,
}

/// A state of the certificates page that `undo` can restore.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    pub marks: BTreeMap<CertKey, Arc<str>>,
    pub filter: String,
    pub columns: Vec<Column>,
    pub sort: Sort,
    pub unfolded: bool,
}

/// The state of a check of an SCM account that the user asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AccountCheck {
    Asked,
    Failed(SourceError),
}

/// The columns if nobody has chosen any. [`Model::tell_whose`] adds one.
const USUAL_COLUMNS: [Column; 9] = [
    Column::Status,
    Column::Name,
    Column::Expires,
    Column::Left,
    Column::Renews,
    Column::Config,
    Column::Mount,
    Column::Key,
    Column::AltNames,
];

#[derive(Debug)]
pub struct Model {
    pub settings: Settings,
    /// Columns and lines of the terminal.
    pub size: (u16, u16),
    /// Milliseconds since 1970.
    pub now_ms: i64,
    pub server_address: ServerAddress,
    pub server: Option<ServerInfo>,
    pub token: Option<TokenInfo>,
    /// Unix seconds at which `token` was read.
    pub token_seen: i64,
    /// Unix seconds at which the token was replaced by one that the operator typed.
    pub token_taken: Option<i64>,
    /// Unix seconds of the last attempt to renew the token.
    pub token_asked: i64,
    pub connection: Connection,
    /// Unix seconds of the last complete refresh.
    pub refreshed: Option<i64>,
    /// Unix seconds of the last attempt to refresh.
    pub asked: i64,
    /// Unix seconds at which the server was last asked for its health.
    pub pinged: i64,
    pub page: Page,
    /// The pages that Esc leads back to, the most recent one last.
    pub trail: Vec<(Page, Option<Detail>)>,
    pub today: Today,
    /// The filter of the Help page.
    pub help: String,
    pub hand: Hand,
    pub store: Store,
    pub table: Cursor,
    pub columns: Vec<Column>,
    /// Whether the column of the owner or the team was added to the usual columns.
    tells_whose: bool,
    /// The number of columns scrolled out of sight on the left, after the pinned ones.
    pub scrolled: usize,
    pub marks: BTreeMap<CertKey, Arc<str>>,
    /// Mark all rows that the filter shows, as soon as they are all loaded.
    pub mark_when_complete: bool,
    pub filter: FilterLine,
    pub orders: Orders,
    pub forecast: Forecast,
    pub health: BTreeMap<String, Result<HealthResponse, SourceError>>,
    /// By mount and config: account checks that the user asked for and that are running or have failed.
    pub account_checks: BTreeMap<(String, String), AccountCheck>,
    /// The first line shown of a page that has only text.
    pub scroll: usize,
    pub detail: Option<Detail>,
    pub dialog: Option<Dialog>,
    pub job: Option<Job>,
    /// Earlier jobs, the oldest first.
    pub history: Vec<Job>,
    /// The line being typed at the foot of the page.
    pub prompt: Option<Prompt>,
    /// The states that `undo` can restore, the most recent one last.
    pub before: Vec<Step>,
    /// The prefix of every idempotency key of this run. No other run has the same.
    session: String,
    keys_given: u64,
    /// Idempotency keys of orders that were sent and whose success is not known. Another attempt must use the same key.
    pub unsettled: HashMap<(Verb, CertKey), Arc<str>>,
    /// By action, mount and config: whether the token may do it; `None` until the server has answered.
    pub allowed: HashMap<(Verb, Arc<str>, Arc<str>), Option<bool>>,
    pub notice: Option<Notice>,
    pub quit: bool,
}

impl Model {
    /// `session` must never be used twice, because all idempotency keys of this run begin with it.
    pub fn new(
        settings: Settings,
        server_address: ServerAddress,
        size: (u16, u16),
        now_ms: i64,
        session: &str,
    ) -> Self {
        let start = settings.start.clone();
        let mut store = Store::default();
        store.set_sort(start.sort, now_ms.div_euclid(1000));
        let (filter, _) = Filter::lenient(&start.filter);
        store.set_filter(filter, now_ms.div_euclid(1000));
        Self {
            settings,
            size,
            now_ms,
            server_address,
            server: None,
            token: None,
            token_seen: 0,
            token_taken: None,
            token_asked: 0,
            connection: Connection::Starting,
            refreshed: None,
            asked: 0,
            pinged: 0,
            page: Page::default(),
            trail: Vec::new(),
            today: Today::default(),
            help: String::new(),
            hand: Hand::default(),
            store,
            table: Cursor::default(),
            columns: if start.columns.is_empty() {
                USUAL_COLUMNS.to_vec()
            } else {
                start.columns
            },
            tells_whose: false,
            scrolled: 0,
            marks: BTreeMap::new(),
            mark_when_complete: false,
            filter: FilterLine {
                changed: (!start.filter.is_empty()).then_some(now_ms),
                field: TextInput::new(start.filter),
                ..FilterLine::default()
            },
            orders: Orders::default(),
            forecast: Forecast::default(),
            health: BTreeMap::new(),
            account_checks: BTreeMap::new(),
            scroll: 0,
            detail: None,
            dialog: None,
            job: None,
            history: Vec::new(),
            prompt: None,
            before: Vec::new(),
            session: session.to_owned(),
            keys_given: 0,
            unsettled: HashMap::new(),
            allowed: HashMap::new(),
            notice: None,
            quit: false,
        }
    }

    /// Unix seconds.
    pub fn now(&self) -> i64 {
        self.now_ms.div_euclid(1000)
    }

    /// The product whose commands are shown on the screen: Vault until the server has answered.
    pub fn product(&self) -> ServerProduct {
        self.server.as_ref().map(|s| s.product).unwrap_or_default()
    }

    pub fn theme(&self) -> Theme {
        self.settings.theme
    }

    pub fn say(&mut self, tone: Tone, text: impl Into<String>) {
        let text = text.into();
        let seconds = if tone == Tone::Bad { 12 } else { 5 };
        self.notice = Some(Notice {
            text,
            tone,
            until: self.now_ms + seconds * 1000,
        });
    }

    /// Seconds that the token is still valid; `None` if it never expires or was not read yet.
    pub fn token_left(&self) -> Option<i64> {
        let ttl = i64::try_from(self.token.as_ref()?.ttl?).unwrap_or(i64::MAX);
        Some(ttl.saturating_sub(self.now() - self.token_seen).max(0))
    }

    /// The idempotency key for an order of this certificate. It stays the same until the order is known to be placed.
    pub(super) fn idempotency_key(&mut self, verb: Verb, key: &CertKey) -> Arc<str> {
        if let Some(known) = self.unsettled.get(&(verb, key.clone())) {
            return Arc::clone(known);
        }
        self.keys_given += 1;
        format!("{}-{}", self.session, self.keys_given).into()
    }

    /// Mounts that cannot be read although the server answers. Their certificates are missing on every page.
    pub fn unreadable(&self) -> impl Iterator<Item = (&Arc<str>, &SourceError)> {
        let mounts = self.store.mounts.iter();
        mounts.filter_map(|mount| {
            let error = mount.error.as_ref()?;
            (!error.is_server_wide()).then_some((&mount.name, error))
        })
    }

    pub fn has_banner(&self) -> bool {
        matches!(self.connection, Connection::Lost { .. }) || self.unreadable().next().is_some()
    }

    /// Every config of every mount whose summary has been read.
    pub fn places(&self) -> Vec<(Arc<str>, String)> {
        let mounts = self.store.mounts.iter();
        mounts
            .filter_map(|mount| Some((mount, mount.summary.as_ref()?)))
            .flat_map(|(mount, summary)| {
                let configs = summary.configs.iter();
                configs.map(|config| (Arc::clone(&mount.name), config.clone()))
            })
            .collect()
    }

    /// Adds the column of the owner, or of the team, to the usual columns once a row has such a label. Without labels
    /// the column would stay empty.
    pub(super) fn tell_whose(&mut self, rows: &[Row]) {
        if self.tells_whose || self.columns != USUAL_COLUMNS {
            return;
        }
        let some =
            |label: fn(&Labels) -> &str| rows.iter().any(|row| !label(&row.labels).is_empty());
        let column = match (some(|labels| &labels.owner), some(|labels| &labels.team)) {
            (true, _) => Column::Owner,
            (false, true) => Column::Team,
            (false, false) => return,
        };
        self.tells_whose = true;
        let key = self.columns.iter().position(|c| *c == Column::Key);
        self.columns.insert(key.unwrap_or_default(), column);
    }

    /// All jobs of this run, the newest first.
    pub fn jobs(&self) -> impl Iterator<Item = &Job> {
        self.job.iter().chain(self.history.iter().rev())
    }

    /// Whether actions apply to the marked rows of this page, not to the selected one.
    pub fn marked_here(&self) -> bool {
        self.detail.is_none()
            && match self.page {
                Page::Certificates => !self.marks.is_empty(),
                Page::Orders => !self.orders.marks.is_empty(),
                Page::Today | Page::Health | Page::Forecast | Page::Help => false,
            }
    }
}

//! The orders that are not yet certificates.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use super::row::whose;
use crate::tui::source::{CertKey, SourceError};
use crate::tui::time;
use svpki_types::api::OrderResponse;
use svpki_types::{Labels, OrderState, WaitingOn};

#[derive(Debug, Clone)]
pub struct OrderRow {
    /// Mount, config and the order's id.
    pub key: CertKey,
    pub order: OrderResponse,
}

impl OrderRow {
    pub fn new(mount: &Arc<str>, order: OrderResponse) -> Self {
        let key = CertKey {
            mount: Arc::clone(mount),
            config: order.config.as_str().into(),
            id: order.order_id.as_str().into(),
        };
        Self { key, order }
    }

    pub fn name(&self) -> &str {
        if self.order.common_name.is_empty() {
            &self.order.order_id
        } else {
            &self.order.common_name
        }
    }

    /// `enroll`, `renew` or `replace`.
    pub fn action(&self) -> &str {
        if self.order.action.is_empty() {
            "order"
        } else {
            &self.order.action
        }
    }

    pub fn state_word(&self) -> &'static str {
        self.order.state.map_or("unknown", OrderState::as_str)
    }

    /// The owner, else the team; empty where neither is known.
    pub fn whose(&self) -> &str {
        whose(&self.order.owner, &self.order.team)
    }

    pub fn labels(&self) -> Labels {
        let order = &self.order;
        Labels {
            owner: order.owner.clone(),
            team: order.team.clone(),
            ticket: order.ticket.clone(),
            metadata: order.metadata.clone(),
        }
    }

    /// SCM's last word.
    pub fn reason(&self) -> String {
        let order = &self.order;
        let code = order.last_scm_code.map(|code| format!("({code})"));
        let words = [
            order.last_message.as_str(),
            code.as_deref().unwrap_or_default(),
        ];
        let words: Vec<&str> = words.into_iter().filter(|word| !word.is_empty()).collect();
        if words.is_empty() {
            "no reason given".to_owned()
        } else {
            words.join(" ")
        }
    }

    /// What has to happen before it goes on, or why it ended.
    pub fn waits_for(&self) -> Cow<'static, str> {
        match self.order.state {
            Some(OrderState::Failed | OrderState::Rejected | OrderState::Declined) => {
                format!("{}: {}", self.waits_on(), self.reason()).into()
            }
            _ => self.waits_on().into(),
        }
    }

    fn waits_on(&self) -> &'static str {
        use svpki_types::OrderState as S;
        match (self.order.state, self.order.waiting_on) {
            (Some(S::Intent), _) => "being sent to SCM",
            (Some(S::Uncertain), _) => "checking whether SCM received it",
            (Some(S::Issued), _) => "issued",
            (Some(S::Declined), _) => "declined in SCM",
            (Some(S::Rejected), _) => "rejected by the CA",
            (Some(S::Failed), _) => "failed",
            (Some(S::Cancelled), _) => "cancelled",
            (_, Some(WaitingOn::Approval)) => "approval in SCM",
            (_, Some(WaitingOn::Dcv)) => "domain validation",
            (_, Some(WaitingOn::Ca)) => "the CA to issue",
            (_, None) => "SCM",
        }
    }

    /// What may cost money twice, what failed, what waits, what is over; the newest failure and the oldest wait first.
    fn rank(&self) -> (u8, bool) {
        match self.order.state {
            Some(OrderState::Uncertain) => (0, false),
            Some(OrderState::Failed | OrderState::Rejected | OrderState::Declined) => (1, true),
            _ if self.is_open() => (2, false),
            _ => (3, true),
        }
    }

    /// Where it stands.
    fn place(&self, sort: OrderSort) -> (String, u8, i64, CertKey) {
        let since = time::seconds(&self.order.since).unwrap_or(0);
        let (rank, newest_first) = self.rank();
        let at = if newest_first { -since } else { since };
        let (word, rank, at) = match sort {
            OrderSort::Urgency => (String::new(), rank, at),
            OrderSort::Age => (String::new(), 0, since),
            OrderSort::Name => (self.name().to_lowercase(), rank, at),
            OrderSort::Config => (self.order.config.clone(), rank, at),
            OrderSort::Mount => (self.key.mount.to_string(), rank, at),
        };
        (word, rank, at, self.key.clone())
    }

    /// One word of the filter, in lower case.
    fn matches(&self, word: &str) -> bool {
        if let Some(word) = word.strip_prefix('!') {
            return word.is_empty() || !self.matches(word);
        }
        let waits = self.waits_for();
        let fields = [
            ("state:", self.state_word()),
            ("action:", self.action()),
            ("waits:", &waits),
            ("config:", &self.order.config),
            ("mount:", &self.key.mount),
            ("name:", self.name()),
            ("id:", &self.key.id),
            ("role:", self.order.role.as_deref().unwrap_or_default()),
            ("owner:", &self.order.owner),
            ("team:", &self.order.team),
            ("ticket:", &self.order.ticket),
        ];
        let holds = |text: &str, word: &str| text.to_lowercase().contains(word);
        match fields.iter().find(|(field, _)| word.starts_with(field)) {
            Some((field, text)) => holds(text, &word[field.len()..]),
            None => {
                let names = &self.order.subject_alt_names;
                fields.iter().any(|(_, text)| holds(text, word))
                    || names.iter().any(|name| holds(name, word))
            }
        }
    }

    pub fn is_open(&self) -> bool {
        !self.order.state.is_some_and(OrderState::is_final)
    }
}

/// The words that may stand before `:` in the filter of the orders.
pub const FIELDS: [&str; 11] = [
    "state:", "action:", "waits:", "config:", "mount:", "name:", "id:", "role:", "owner:", "team:",
    "ticket:",
];

/// What the orders stand in order of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OrderSort {
    /// See [`OrderRow::rank`].
    #[default]
    Urgency,
    Name,
    Age,
    Config,
    Mount,
}

impl OrderSort {
    pub const ALL: [Self; 5] = [
        Self::Urgency,
        Self::Name,
        Self::Age,
        Self::Config,
        Self::Mount,
    ];

    pub fn word(self) -> &'static str {
        match self {
            Self::Urgency => "urgency",
            Self::Name => "name",
            Self::Age => "age",
            Self::Config => "config",
            Self::Mount => "mount",
        }
    }
}

/// Every order of every mount.
#[derive(Debug, Clone, Default)]
pub struct Orders {
    /// Those that the filter shows.
    pub rows: Vec<OrderRow>,
    hidden: Vec<OrderRow>,
    filter: String,
    mistake: Option<String>,
    pub sort: OrderSort,
    pub descending: bool,
    pub index: usize,
    pub offset: usize,
    pub marks: BTreeMap<CertKey, Arc<str>>,
    pub errors: BTreeMap<String, SourceError>,
    pub heard: bool,
}

/// What is wrong with a filter.
pub fn filter_mistake(filter: &str) -> Option<String> {
    filter.split_whitespace().find_map(mistake)
}

/// A word before `:` that is no field.
fn mistake(word: &str) -> Option<String> {
    let (field, _) = word.trim_start_matches('!').split_once(':')?;
    let known = FIELDS
        .iter()
        .any(|known| known.trim_end_matches(':') == field.to_lowercase());
    (!known).then(|| format!("Unknown field {field:?}. Use {}", FIELDS.join(", ")))
}

impl Orders {
    pub fn answer(&mut self, mount: &Arc<str>, result: Result<Vec<OrderResponse>, SourceError>) {
        self.heard = true;
        match result {
            Ok(orders) => {
                self.errors.remove(&**mount);
                self.hidden.retain(|row| row.key.mount != *mount);
                self.hidden
                    .extend(orders.into_iter().map(|order| OrderRow::new(mount, order)));
                let mount = Some(mount);
                self.arrange(|row| mount == Some(&row.key.mount));
                let known = |key: &CertKey| self.all().any(|row| row.key == *key);
                let gone: Vec<CertKey> = self
                    .marks
                    .keys()
                    .filter(|key| !known(key))
                    .cloned()
                    .collect();
                for key in gone {
                    self.marks.remove(&key);
                }
            }
            Err(error) => {
                self.errors.insert(mount.to_string(), error);
            }
        }
    }

    /// Whether the filter shows it or not.
    pub fn all(&self) -> impl Iterator<Item = &OrderRow> {
        self.rows.iter().chain(&self.hidden)
    }

    pub fn open(&self) -> usize {
        self.all().filter(|row| row.is_open()).count()
    }

    pub fn filter(&self) -> &str {
        &self.filter
    }

    /// What is wrong with the filter; it shows nothing then.
    pub fn mistake(&self) -> Option<&str> {
        self.mistake.as_deref()
    }

    pub fn set_filter(&mut self, filter: &str) {
        filter.clone_into(&mut self.filter);
        self.mistake = filter_mistake(filter);
        self.arrange(|_| false);
    }

    pub fn set_sort(&mut self, sort: OrderSort, descending: bool) {
        (self.sort, self.descending) = (sort, descending);
        self.arrange(|_| false);
        (self.index, self.offset) = (0, 0);
    }

    /// Shows what the filter lets through, in order; the bar stays on its row. `replaced` names rows that are shown
    /// and have come anew.
    fn arrange(&mut self, replaced: impl Fn(&OrderRow) -> bool) {
        let under_bar = self.selected().map(|row| row.key.clone());
        let mut all = std::mem::take(&mut self.rows);
        all.retain(|row| !replaced(row));
        all.append(&mut self.hidden);
        let words: Vec<String> = self
            .filter
            .split_whitespace()
            .map(str::to_lowercase)
            .collect();
        let wrong = self.mistake.is_some();
        let shows = |row: &OrderRow| !wrong && words.iter().all(|word| row.matches(word));
        (self.rows, self.hidden) = all.into_iter().partition(shows);
        let sort = self.sort;
        self.rows.sort_by_cached_key(|row| row.place(sort));
        if self.descending {
            self.rows.reverse();
        }
        let kept = under_bar.and_then(|key| self.rows.iter().position(|row| row.key == key));
        self.index = kept
            .unwrap_or(self.index)
            .min(self.rows.len().saturating_sub(1));
    }

    pub fn select(&mut self, key: &CertKey) {
        if let Some(at) = self.rows.iter().position(|row| row.key == *key) {
            self.index = at;
        }
    }

    pub fn selected(&self) -> Option<&OrderRow> {
        self.rows.get(self.index)
    }
}

//! The orders of all mounts, open and ended.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use super::row::whose;
use crate::filter::{METADATA, Pattern, Word, says, words};
use crate::tui::source::{CertKey, SourceError};
use crate::tui::time;
use svpki_types::api::OrderResponse;
use svpki_types::{Labels, OrderState, WaitingOn};

#[derive(Debug, Clone)]
pub struct OrderRow {
    /// Mount, config and order ID.
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

    /// The owner, or the team if there is no owner; empty if neither is known.
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

    /// The last message and code of SCM.
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

    /// What the order waits for, or why it ended.
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

    /// The rank by urgency, and whether the newest comes first in it: uncertain orders, which may cost money twice,
    /// then failed, open and other ended ones.
    fn rank(&self) -> (u8, bool) {
        match self.order.state {
            Some(OrderState::Uncertain) => (0, false),
            Some(OrderState::Failed | OrderState::Rejected | OrderState::Declined) => (1, true),
            _ if self.is_open() => (2, false),
            _ => (3, true),
        }
    }

    /// The sort key.
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

    /// Whether the order matches one word of the filter. A field means the same as in the filter for certificates.
    fn matches(&self, word: &Word, any: &[Pattern]) -> bool {
        let order = &self.order;
        let waits = self.waits_for();
        let contains = [
            ("state", self.state_word()),
            ("action", self.action()),
            ("waits", &waits),
            ("name", self.name()),
            ("id", &self.key.id),
        ];
        let equals = [
            ("config", &*order.config),
            ("mount", &self.key.mount),
            ("role", order.role.as_deref().unwrap_or_default()),
            ("owner", &order.owner),
            ("team", &order.team),
            ("ticket", &order.ticket),
        ];
        let mut entries = order.metadata.iter();
        let named = |(field, _): &&(&str, &str)| *field == word.field;
        let found = |text: &str| any.iter().any(|pattern| pattern.finds(text));
        let holds = if word.field.is_empty() {
            let fields = contains.iter().chain(&equals).map(|(_, text)| *text);
            let names = order.subject_alt_names.iter().map(String::as_str);
            fields.chain(names).any(found)
        } else if let Some(name) = word.field.strip_prefix(METADATA) {
            entries.any(|(entry, value)| entry.eq_ignore_ascii_case(name) && says(any, value))
        } else if let Some((_, text)) = contains.iter().find(named) {
            found(text)
        } else {
            equals
                .iter()
                .find(named)
                .is_some_and(|(_, text)| says(any, text))
        };
        holds != word.negated
    }

    pub fn is_open(&self) -> bool {
        !self.order.state.is_some_and(OrderState::is_final)
    }
}

/// The fields of the filter for orders.
pub const FIELDS: [&str; 11] = [
    "state", "action", "waits", "config", "mount", "name", "id", "role", "owner", "team", "ticket",
];

/// The order in which orders are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OrderSort {
    /// By `OrderRow::rank`.
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

/// The orders of all mounts.
#[derive(Debug, Clone, Default)]
pub struct Orders {
    /// The orders that the filter shows.
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
    pub answered: bool,
}

/// What is wrong with a filter line.
pub fn filter_mistake(filter: &str) -> Option<String> {
    let mistake = words(filter, &FIELDS).find_map(Result::err)?;
    Some(mistake.message)
}

impl Orders {
    pub fn answer(&mut self, mount: &Arc<str>, result: Result<Vec<OrderResponse>, SourceError>) {
        self.answered = true;
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

    /// All orders, whether or not the filter shows them.
    pub fn all(&self) -> impl Iterator<Item = &OrderRow> {
        self.rows.iter().chain(&self.hidden)
    }

    pub fn open(&self) -> usize {
        self.all().filter(|row| row.is_open()).count()
    }

    pub fn filter(&self) -> &str {
        &self.filter
    }

    /// What is wrong with the filter. Such a filter shows no order.
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

    /// Filters and sorts the orders; the bar stays on its order. Shown orders for which `replaced` holds are dropped,
    /// because their new versions are in `hidden`.
    fn arrange(&mut self, replaced: impl Fn(&OrderRow) -> bool) {
        let under_bar = self.selected().map(|row| row.key.clone());
        let mut all = std::mem::take(&mut self.rows);
        all.retain(|row| !replaced(row));
        all.append(&mut self.hidden);
        let words: Vec<(Word, Vec<Pattern>)> = words(&self.filter, &FIELDS)
            .flatten()
            .map(|word| {
                let any = word.patterns();
                (word, any)
            })
            .collect();
        let wrong = self.mistake.is_some();
        let shows =
            |row: &OrderRow| !wrong && words.iter().all(|(word, any)| row.matches(word, any));
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Each of these lines once meant something else than in the filter for certificates, or nothing.
    #[test]
    fn a_line_means_what_it_means_of_certificates() {
        let order = |id: &str, name: &str, config: &str, owner: &str| OrderResponse {
            order_id: id.into(),
            common_name: name.into(),
            config: config.into(),
            owner: owner.into(),
            state: Some(OrderState::Pending),
            metadata: [("Room".to_owned(), format!("{id} B"))].into(),
            ..OrderResponse::default()
        };
        let mut orders = Orders::default();
        let all = vec![
            order("o-1", "api.example.com", "prod", "Anna Meier"),
            order("o-2", "www.example.com", "prod-eu", ""),
        ];
        orders.answer(&Arc::from("sectigo"), Ok(all));
        for (line, shown) in [
            ("config:prod", "o-1"),
            ("config:prod*", "o-1 o-2"),
            ("config:prod,prod-eu", "o-1 o-2"),
            ("mount:sectigo/", "o-1 o-2"),
            ("name:api", "o-1"),
            ("cn:api", "o-1"),
            ("cn:*.example.com", "o-1 o-2"),
            ("cn:=api", ""),
            ("CN:API", "o-1"),
            ("owner:\"anna meier\"", "o-1"),
            ("owner:anna", ""),
            ("!owner:*", "o-2"),
            ("metadata.room:\"o-2 b\"", "o-2"),
            ("\"anna meier\"", "o-1"),
            ("!api example", "o-2"),
        ] {
            orders.set_filter(line);
            assert_eq!(orders.mistake(), None, "{line}");
            let ids: Vec<&str> = orders.rows.iter().map(|row| &*row.key.id).collect();
            assert_eq!(ids.join(" "), shown, "{line}");
        }
        for (line, words) in [
            ("cn:", "needs a value"),
            ("stat:pending", "Did you mean state: ?"),
            ("config=prod", "Write config:prod"),
            ("-config:prod", "Write ! to exclude"),
            ("api OR www", "There is no \"or\""),
            ("\"anna", "Closing quote missing"),
            ("exp<30d", "Unknown field \"exp\""),
        ] {
            orders.set_filter(line);
            let mistake = orders.mistake().unwrap_or_default();
            assert!(mistake.contains(words), "{line}: {mistake}");
            assert!(orders.rows.is_empty(), "{line}");
        }
    }
}

//! The orders that are not yet certificates.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use crate::tui::source::{CertKey, SourceError};
use crate::tui::time;
use svpki_types::api::OrderResponse;
use svpki_types::{OrderState, WaitingOn};

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

    pub fn is_open(&self) -> bool {
        !self.order.state.is_some_and(OrderState::is_final)
    }
}

/// Every order of every mount, in the order of [`OrderRow::rank`].
#[derive(Debug, Clone, Default)]
pub struct Orders {
    pub rows: Vec<OrderRow>,
    pub index: usize,
    pub offset: usize,
    pub marks: BTreeMap<CertKey, Arc<str>>,
    pub errors: BTreeMap<String, SourceError>,
    pub heard: bool,
}

impl Orders {
    pub fn answer(&mut self, mount: &Arc<str>, result: Result<Vec<OrderResponse>, SourceError>) {
        self.heard = true;
        match result {
            Ok(orders) => {
                let under_bar = self.selected().map(|row| row.key.clone());
                self.errors.remove(&**mount);
                self.rows.retain(|row| row.key.mount != *mount);
                self.rows
                    .extend(orders.into_iter().map(|order| OrderRow::new(mount, order)));
                self.rows.sort_by_cached_key(|row| {
                    let since = time::seconds(&row.order.since).unwrap_or(0);
                    let (rank, newest_first) = row.rank();
                    let at = if newest_first { -since } else { since };
                    (rank, at, row.key.clone())
                });
                self.marks
                    .retain(|key, _| self.rows.iter().any(|row| row.key == *key));
                let kept =
                    under_bar.and_then(|key| self.rows.iter().position(|row| row.key == key));
                self.index = kept
                    .unwrap_or(self.index)
                    .min(self.rows.len().saturating_sub(1));
            }
            Err(error) => {
                self.errors.insert(mount.to_string(), error);
            }
        }
    }

    pub fn open(&self) -> usize {
        self.rows.iter().filter(|row| row.is_open()).count()
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

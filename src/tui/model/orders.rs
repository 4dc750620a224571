//! The orders that are not yet certificates.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::tui::source::{CertKey, SourceError};
use crate::tui::time;
use svpki_types::WaitingOn;
use svpki_types::api::OrderResponse;

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

    /// What has to happen before it goes on, in a person's words.
    pub fn waits_for(&self) -> &'static str {
        use svpki_types::OrderState as S;
        match (self.order.state, self.order.waiting_on) {
            (Some(S::Intent), _) => "being sent to SCM",
            (Some(S::Uncertain), _) => "finding out whether SCM took it",
            (Some(S::Issued), _) => "nothing: issued",
            (Some(S::Declined), _) => "nothing: declined by a person",
            (Some(S::Rejected), _) => "nothing: rejected by the CA",
            (Some(S::Failed), _) => "nothing: it failed",
            (Some(S::Cancelled), _) => "nothing: cancelled",
            (_, Some(WaitingOn::Approval)) => "approval by a person at SCM",
            (_, Some(WaitingOn::Dcv)) => "domain control validation",
            (_, Some(WaitingOn::Ca)) => "the CA to issue",
            (_, None) => "SCM",
        }
    }

    pub fn is_open(&self) -> bool {
        !self
            .order
            .state
            .is_some_and(svpki_types::OrderState::is_final)
    }
}

/// Every order of every mount, those that wait longest first; what has ended stands below.
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
                    (
                        !row.is_open(),
                        time::seconds(&row.order.since).unwrap_or(0),
                        row.key.clone(),
                    )
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

    pub fn selected(&self) -> Option<&OrderRow> {
        self.rows.get(self.index)
    }
}

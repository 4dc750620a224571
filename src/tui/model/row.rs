//! What only the dashboard needs of an inventory row.

use std::sync::Arc;

pub use crate::filter::Renewal;
pub use crate::inventory::{Batch, Row};
use crate::tui::source::CertKey;
use crate::tui::time;
use svpki_types::api::{CertificateResponse, InventoryRow};

impl Row {
    /// Builds a row from the certificate itself, if its inventory row is not loaded.
    pub fn of_certificate(answer: &CertificateResponse) -> Self {
        let row = InventoryRow {
            id: answer.sectigo_cert_unique_id.clone(),
            config: answer.config.clone(),
            status: answer.status,
            common_name: answer.common_name.clone(),
            subject_alt_names: answer.subject_alt_names.clone(),
            serial_number: answer.serial_number.clone(),
            not_before: answer.not_before.clone(),
            not_after: answer.not_after.clone(),
            expiration: answer.expiration.unwrap_or(0),
            profile_id: answer.profile_id,
            role: answer.role.clone(),
            renewed_from: answer.renewed_from.clone(),
            renewed_to: answer.renewed_to.clone(),
            changes: answer.changes.clone(),
            missing_names: answer.missing_names.clone(),
            owner: answer.owner.clone(),
            team: answer.team.clone(),
            ticket: answer.ticket.clone(),
            metadata: answer.metadata.clone(),
            renew_at: answer.renew_at.clone(),
            ..InventoryRow::default()
        };
        Self::of(row)
    }

    /// A row of a certificate of which only the key and the name are known.
    pub fn known_as(key: &CertKey, name: &str) -> Self {
        let row = InventoryRow {
            id: key.id.to_string(),
            config: key.config.to_string(),
            common_name: name.to_owned(),
            ..InventoryRow::default()
        };
        Self::of(row)
    }

    pub fn key(&self, mount: &Arc<str>) -> CertKey {
        CertKey {
            mount: Arc::clone(mount),
            config: Arc::clone(&self.config),
            id: Arc::clone(&self.id),
        }
    }

    /// The owner, or the team if there is no owner; empty if neither is known.
    pub fn whose(&self) -> &str {
        whose(&self.labels.owner, &self.labels.team)
    }

    /// Why the last renewal failed and when it is tried again.
    pub fn renewal_failure(&self, now: i64) -> Option<String> {
        let why = self.renew_error.as_deref()?;
        let next = match self.renew_retry_at {
            0 => String::new(),
            at if at <= now => ", next try at the next background run".to_owned(),
            at => format!(", next try {}", time::soon(at, now)),
        };
        Some(format!("{why}{next}"))
    }
}

pub(super) fn whose<'a>(owner: &'a str, team: &'a str) -> &'a str {
    if owner.is_empty() { team } else { owner }
}

//! The details of one certificate, as far as they have been fetched.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::tui::source::{CertKey, SourceError};
use svpki_types::api::{CertificateResponse, OrderResponse};

use super::row::Row;

/// One certificate of a chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChainLink {
    pub subject: String,
    pub issuer: String,
    /// Unix seconds.
    pub not_after: i64,
}

#[derive(Debug, Clone)]
pub struct Detail {
    pub key: CertKey,
    /// The row of the table when the page was opened, kept up to date afterwards.
    pub row: Row,
    pub answer: Option<Result<CertificateResponse, SourceError>>,
    pub chain: Vec<ChainLink>,
    pub order: Option<Result<OrderResponse, SourceError>>,
    /// By ID: predecessors and successors that were fetched.
    pub relatives: BTreeMap<Arc<str>, Result<CertificateResponse, SourceError>>,
    /// Unix seconds of the last answer for this certificate.
    pub read: i64,
    /// First line shown.
    pub scroll: usize,
}

/// The maximum number of certificates in a lineage.
const FURTHEST: usize = 12;

impl Detail {
    pub fn new(key: CertKey, row: Row) -> Self {
        Self {
            key,
            row,
            answer: None,
            chain: Vec::new(),
            order: None,
            relatives: BTreeMap::new(),
            read: 0,
            scroll: 0,
        }
    }

    /// Updates the row from the table, or from the last answer if the table does not have it.
    pub fn refresh(&mut self, row: Option<&Row>) {
        if let Some(row) = row {
            self.row = row.clone();
        } else if let Some(Ok(answer)) = &self.answer
            && self.row.status.is_none()
        {
            self.row = Row::of_certificate(answer);
        } else if let Some(Ok(answer)) = &self.answer {
            self.row.status = answer.status.or(self.row.status);
            self.row.renewed_to = answer.renewed_to.as_deref().map(Into::into);
        }
    }

    pub fn pem(&self) -> Option<&str> {
        match &self.answer {
            Some(Ok(answer)) if !answer.certificate.is_empty() => Some(&answer.certificate),
            _ => None,
        }
    }

    /// IDs from the oldest predecessor to the newest successor, including this certificate.
    pub fn lineage(&self) -> Vec<Arc<str>> {
        let mut line: Vec<Arc<str>> = vec![Arc::clone(&self.key.id)];
        while let Some(id) = line.first().and_then(|id| self.renewed_from(id)) {
            if line.contains(&id) || line.len() >= FURTHEST {
                break;
            }
            line.insert(0, id);
        }
        while let Some(id) = line.last().and_then(|id| self.renewed_to(id)) {
            if line.contains(&id) || line.len() >= FURTHEST {
                break;
            }
            line.push(id);
        }
        line
    }

    /// Predecessors and successors of which only the ID is known, to be fetched.
    pub fn unknown_relatives(&self) -> Vec<CertKey> {
        self.lineage()
            .into_iter()
            .filter(|id| *id != self.key.id && !self.relatives.contains_key(id))
            .map(|id| CertKey {
                id,
                ..self.key.clone()
            })
            .collect()
    }

    fn renewed_from(&self, id: &Arc<str>) -> Option<Arc<str>> {
        match self.known(id) {
            Some(answer) => answer.renewed_from.as_deref().map(Into::into),
            None if *id == self.key.id => self.row.renewed_from.clone(),
            None => None,
        }
    }

    fn renewed_to(&self, id: &Arc<str>) -> Option<Arc<str>> {
        match self.known(id) {
            Some(answer) => answer.renewed_to.as_deref().map(Into::into),
            None if *id == self.key.id => self.row.renewed_to.clone(),
            None => None,
        }
    }

    fn known(&self, id: &Arc<str>) -> Option<&CertificateResponse> {
        let answer = if *id == self.key.id {
            self.answer.as_ref()
        } else {
            self.relatives.get(id)
        };
        answer.and_then(|a| a.as_ref().ok())
    }
}

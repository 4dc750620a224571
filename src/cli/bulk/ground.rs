//! What is known before the first row is looked at: the config, its profiles, and what Vault holds already.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use serde_json::Value;

use super::error::BulkError;
use super::request::{CertKind, fold_name};
use crate::domain::Status;
use crate::domain::answers::{InventoryRow, OrderAnswer, ProfileAnswer};
use crate::vault::{Engine, InventoryQuery, VaultErrorKind};

/// The config that a file is ordered through.
#[derive(Clone)]
pub struct Ground {
    pub engine: Engine,
    pub config: String,
    pub kind: CertKind,
    pub profiles: Vec<ProfileAnswer>,
    pub default_name: bool,
    /// `vault`, `once` or `never`.
    pub key_storage: String,
    /// Requests a second that the config sends to SCM; 0 is no limit.
    pub rate: u64,
    /// The cluster, namespace and mount, so that a journal of one is not taken for another's.
    pub place: String,
}

impl Ground {
    pub async fn survey(engine: Engine, config: &str) -> Result<Self, BulkError> {
        let fields = engine.config(config).await?.data;
        let text = |name: &str| fields.get(name).and_then(Value::as_str).unwrap_or_default();
        let kind = match text("sectigo_config_type") {
            "client_cert" => CertKind::Client,
            _ => CertKind::Ssl,
        };
        let rate = fields
            .get("max_requests_per_second")
            .and_then(Value::as_u64);
        Ok(Self {
            kind,
            profiles: profiles(&engine, config).await?,
            default_name: !text("sectigo_csr_domain").trim().is_empty(),
            key_storage: text("key_storage").to_owned(),
            rate: rate.unwrap_or_default(),
            place: place(&engine).await?,
            config: config.to_owned(),
            engine,
        })
    }

    /// How many rows are worked on at once when nobody says: the config's rate limit is kept busy, and no more.
    pub fn concurrency(&self) -> usize {
        match self.rate {
            0 => 16,
            rate => usize::try_from(rate).unwrap_or(16).clamp(1, 16),
        }
    }
}

async fn profiles(engine: &Engine, config: &str) -> Result<Vec<ProfileAnswer>, BulkError> {
    let ids = match engine.profiles(config).await {
        Ok(listing) => listing.keys,
        // A token that may enrol need not see the profiles; rows then name them by id.
        Err(error) if error.kind == VaultErrorKind::Denied => return Ok(Vec::new()),
        Err(error) => return Err(error.into()),
    };
    let mut profiles = Vec::with_capacity(ids.len());
    for id in ids {
        match engine.profile(config, &id).await {
            Ok(profile) => profiles.push(profile.value),
            Err(error) if error.kind == VaultErrorKind::Denied => {}
            Err(error) => return Err(error.into()),
        }
    }
    profiles.sort_by(|a, b| a.name.cmp(&b.name).then(a.id.cmp(&b.id)));
    Ok(profiles)
}

/// The cluster's own id: nodes and addresses of one cluster share it.
async fn place(engine: &Engine) -> Result<String, BulkError> {
    let server = engine.server();
    let query = [("standbyok", "true"), ("perfstandbyok", "true")];
    let health = server.read("sys/health", &query).await?.data;
    let cluster = health
        .get("cluster_id")
        .and_then(Value::as_str)
        .unwrap_or_default();
    Ok(format!(
        "{cluster} {}/{}",
        server.namespace().unwrap_or_default(),
        engine.mount()
    ))
}

/// Certificates in use and open orders of a config, findable by name.
#[derive(Default)]
pub struct Holdings {
    held: Vec<Held>,
    /// By the hash of each name: indices into `held`.
    by_name: HashMap<u64, Vec<u32>>,
}

struct Held {
    id: Box<str>,
    names: Box<[u64]>,
    what: What,
}

enum What {
    Certificate { status: Status, not_after: Box<str> },
    Order { waits_for: Box<str> },
}

const PAGE: usize = 1000;

impl Holdings {
    /// Reads the whole config once, page by page: one call a thousand certificates, however many rows the file has.
    pub async fn read(engine: &Engine, config: &str) -> Result<Self, BulkError> {
        let mut holdings = Self::default();
        let mut query = InventoryQuery {
            status: vec![Status::Issued, Status::Expiring],
            config: config.to_owned(),
            limit: PAGE,
            ..InventoryQuery::default()
        };
        loop {
            let page = engine.inventory(&query).await?.value;
            for row in page.certificates {
                holdings.certificate(row);
            }
            if page.next.is_empty() {
                break;
            }
            query.after = page.next;
        }
        let orders = match engine.orders(config).await {
            Ok(listing) => listing.key_info,
            Err(error) if error.kind == VaultErrorKind::Denied => Default::default(),
            Err(error) => return Err(error.into()),
        };
        for (id, info) in orders {
            // A tolerant reader: an order that cannot be read cannot be a duplicate either.
            if let Ok(order) = serde_json::from_value::<OrderAnswer>(info) {
                holdings.order(&id, &order);
            }
        }
        Ok(holdings)
    }

    fn certificate(&mut self, row: InventoryRow) {
        let Some(status) = row
            .status
            .filter(|s| matches!(s, Status::Issued | Status::Expiring))
        else {
            return;
        };
        let names = [row.common_name].into_iter().chain(row.subject_alt_names);
        let what = What::Certificate {
            status,
            not_after: row.not_after.split('T').next().unwrap_or_default().into(),
        };
        self.add(&row.id, names, what);
    }

    fn order(&mut self, id: &str, order: &OrderAnswer) {
        if order.state.is_none_or(|state| state.is_final()) {
            return;
        }
        let names = [order.common_name.clone()]
            .into_iter()
            .chain(order.subject_alt_names.iter().cloned());
        let what = What::Order {
            waits_for: order
                .waiting_on
                .map_or("the CA", |whom| whom.as_str())
                .into(),
        };
        self.add(id, names, what);
    }

    fn add(&mut self, id: &str, names: impl Iterator<Item = String>, what: What) {
        let mut names: Vec<u64> = names.map(|name| hash(&fold_name(&name))).collect();
        names.sort_unstable();
        names.dedup();
        let index = self.held.len() as u32;
        for name in &names {
            self.by_name.entry(*name).or_default().push(index);
        }
        self.held.push(Held {
            id: id.into(),
            names: names.into(),
            what,
        });
    }

    /// What already covers every one of these names: its id, and what it is.
    pub fn covering(&self, names: &[String]) -> Option<(String, String)> {
        let wanted: Vec<u64> = names.iter().map(|name| hash(name)).collect();
        let candidates = self.by_name.get(wanted.first()?)?;
        let covers = |held: &&Held| {
            wanted
                .iter()
                .all(|name| held.names.binary_search(name).is_ok())
        };
        let held = candidates
            .iter()
            .map(|index| &self.held[*index as usize])
            .find(covers)?;
        let what = match &held.what {
            What::Certificate {
                status: Status::Expiring,
                not_after,
            } => {
                format!(
                    "certificate {} has these names until {not_after} and is expiring: renew it",
                    held.id
                )
            }
            What::Certificate { not_after, .. } => {
                format!("certificate {} has these names until {not_after}", held.id)
            }
            What::Order { waits_for } => {
                format!(
                    "order {} for these names is open and waits for {waits_for}",
                    held.id
                )
            }
        };
        Some((held.id.to_string(), what))
    }
}

/// 64 bits are enough to compare names of one config: a clash would say "exists" and order nothing.
fn hash(name: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    name.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_covers_its_names_and_fewer() {
        let mut holdings = Holdings::default();
        holdings.certificate(InventoryRow {
            id: "1_acme".into(),
            status: Some(Status::Issued),
            common_name: "A.example.com".into(),
            subject_alt_names: vec!["a.example.com".into(), "b.example.com".into()],
            not_after: "2027-01-02T00:00:00Z".into(),
            ..InventoryRow::default()
        });
        holdings.certificate(InventoryRow {
            id: "2_acme".into(),
            status: Some(Status::Revoked),
            common_name: "c.example.com".into(),
            ..InventoryRow::default()
        });
        let covering = |names: &[&str]| {
            let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
            holdings.covering(&names).map(|(id, _)| id)
        };
        assert_eq!(covering(&["a.example.com"]).as_deref(), Some("1_acme"));
        assert_eq!(
            covering(&["b.example.com", "a.example.com"]).as_deref(),
            Some("1_acme")
        );
        assert_eq!(covering(&["a.example.com", "x.example.com"]), None);
        assert_eq!(covering(&["c.example.com"]), None);
        assert_eq!(covering(&[]), None);
    }
}

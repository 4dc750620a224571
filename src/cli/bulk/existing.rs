//! What Vault already has in a config: the certificates in use and the open orders.

use std::io;

use serde::{Deserialize, Serialize};

use super::error::BulkError;
use super::request::{digest, fold_name};
use super::spill::{DiskMap, DiskVec};
use svpki_types::Status;
use svpki_types::api::{InventoryRow, OrderResponse, left_out};
use vault_client::{EngineClient, InventoryQuery, VaultErrorKind};

/// The certificates in use and the open orders of a config, with a search by name.
pub struct ExistingCertificates {
    /// The ids of all certificates in use and of all listed orders: open ones, and those that ended without a
    /// certificate. The value is [`ORDER`] for an order, and the entry's number plus one for a certificate.
    ids: DiskMap,
    entry: DiskVec<Entry>,
    /// The digest of a name, and the number of the newest link in `links` that has this name.
    by_name: DiskMap,
    links: DiskVec<Link>,
}

/// The value of an order in [`ExistingCertificates::ids`].
const ORDER: u64 = 0;

/// A certificate in use or an open order that already has the names of a row.
pub struct Covering {
    pub id: String,
    pub is_order: bool,
    /// The certificate was renewed from another one.
    pub is_successor: bool,
    /// The role by which it was ordered.
    pub role: String,
    pub message: String,
    /// Says which names SCM left out of the certificate.
    pub left_out: Option<String>,
}

/// An entry that has a certain name. All links of one name form a list from the newest to the oldest.
#[derive(Serialize, Deserialize)]
struct Link {
    entry: u64,
    before: Option<u64>,
}

#[derive(Serialize, Deserialize)]
struct Entry {
    id: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    role: String,
    /// Folded by [`fold_name`], sorted, without repetitions.
    names: Vec<String>,
    /// Names that were ordered but that SCM left out of the certificate.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    missing: Vec<String>,
    what: What,
}

#[derive(Serialize, Deserialize)]
enum What {
    Certificate {
        status: Status,
        not_after: String,
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        is_successor: bool,
    },
    Order {
        waits_for: String,
    },
}

const PAGE: usize = 500;

impl ExistingCertificates {
    fn none() -> io::Result<Self> {
        Ok(Self {
            ids: DiskMap::new()?,
            entry: DiskVec::new()?,
            by_name: DiskMap::new()?,
            links: DiskVec::new()?,
        })
    }

    /// Reads the whole config once, with one request for each page of certificates, whatever the number of rows.
    pub async fn read(engine: &EngineClient, config: &str) -> Result<Self, BulkError> {
        let mut existing = Self::none().map_err(BulkError::Spill)?;
        let mut query = InventoryQuery {
            status: vec![Status::Issued, Status::Expiring],
            config: config.to_owned(),
            limit: PAGE,
            ..InventoryQuery::default()
        };
        loop {
            let page = engine.inventory(&query).await?.value;
            for row in page.certificates {
                existing.certificate(row).map_err(BulkError::Spill)?;
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
            // An order that cannot be parsed is skipped: its names are unknown, so no row can be compared with it.
            if let Ok(order) = serde_json::from_value::<OrderResponse>(info) {
                existing.order(id, order).map_err(BulkError::Spill)?;
            }
        }
        Ok(existing)
    }

    fn certificate(&mut self, row: InventoryRow) -> io::Result<()> {
        let Some(status) = row
            .status
            .filter(|s| matches!(s, Status::Issued | Status::Expiring))
        else {
            return Ok(());
        };
        let number = self.entry.count() + 1;
        self.ids.set(&digest([row.id.as_str()]), number)?;
        let names = [row.common_name].into_iter().chain(row.subject_alt_names);
        let what = What::Certificate {
            is_successor: row.renewed_from.is_some(),
            status,
            not_after: row
                .not_after
                .split('T')
                .next()
                .unwrap_or_default()
                .to_owned(),
        };
        self.add(row.id, row.role, names, row.missing_names, what)
    }

    fn order(&mut self, id: String, order: OrderResponse) -> io::Result<()> {
        self.ids.set(&digest([id.as_str()]), ORDER)?;
        if order.state.is_none_or(|state| state.is_final()) {
            return Ok(());
        }
        let names = [order.common_name]
            .into_iter()
            .chain(order.subject_alt_names);
        let what = What::Order {
            waits_for: order
                .waiting_on
                .map_or("the CA", |whom| whom.as_str())
                .to_owned(),
        };
        self.add(id, order.role, names, Vec::new(), what)
    }

    fn add(
        &mut self,
        id: String,
        role: Option<String>,
        names: impl Iterator<Item = String>,
        missing: Vec<String>,
        what: What,
    ) -> io::Result<()> {
        let mut names: Vec<String> = names.map(|name| fold_name(&name)).collect();
        names.sort_unstable();
        names.dedup();
        let number = self.entry.count();
        for name in names.iter().chain(&missing) {
            let key = digest([name.as_str()]);
            let link = Link {
                entry: number,
                before: self.by_name.get(&key)?,
            };
            self.by_name.set(&key, self.links.push(&link)?)?;
        }
        let role = role.unwrap_or_default();
        self.entry.push(&Entry {
            id,
            role,
            names,
            missing,
            what,
        })?;
        Ok(())
    }

    /// The certificate or open order that already has every one of these names.
    pub fn covering(&self, names: &[String]) -> Result<Option<Covering>, BulkError> {
        let found = self.find(names, false);
        Ok(found.map_err(BulkError::Spill)?.map(Entry::covering))
    }

    /// Says which names are missing from the certificate that was ordered with all of these names.
    pub fn lacking(&self, names: &[String]) -> Result<Option<String>, BulkError> {
        let found = self.find(names, true).map_err(BulkError::Spill)?;
        let found = found.map(Entry::covering);
        Ok(found.and_then(|found| Some(format!("{}: {}", found.id, found.left_out?))))
    }

    /// Whether the certificate was in use, or the order existed, when the run began.
    pub fn has(&self, id: &str) -> Result<bool, BulkError> {
        let known = self.ids.get(&digest([id])).map_err(BulkError::Spill)?;
        Ok(known.is_some())
    }

    /// The certificate with this id, if it was in use when the run began.
    pub fn in_use(&self, id: &str) -> Result<Option<Covering>, BulkError> {
        let known = self.ids.get(&digest([id])).map_err(BulkError::Spill)?;
        let Some(number) = known.and_then(|number| number.checked_sub(1)) else {
            return Ok(None);
        };
        let found = self.entry.get(number).map_err(BulkError::Spill)?;
        Ok(found.map(Entry::covering))
    }

    /// Of the entries that have all these names, the one that was added last: an open order, or else the certificate
    /// that expires last. With `ordered`, names that SCM left out count as well.
    fn find(&self, names: &[String], ordered: bool) -> io::Result<Option<Entry>> {
        let Some(first) = names.first() else {
            return Ok(None);
        };
        let mut next = self.by_name.get(&digest([first.as_str()]))?;
        while let Some(at) = next {
            let Some(link) = self.links.get(at)? else {
                break;
            };
            if let Some(entry) = self.entry.get(link.entry)?
                && names.iter().all(|name| entry.has(name, ordered))
            {
                return Ok(Some(entry));
            }
            next = link.before;
        }
        Ok(None)
    }
}

impl Entry {
    fn has(&self, name: &String, ordered: bool) -> bool {
        self.names.contains(name) || (ordered && self.missing.contains(name))
    }

    fn covering(self) -> Covering {
        Covering {
            message: self.words(),
            is_order: matches!(self.what, What::Order { .. }),
            is_successor: matches!(
                self.what,
                What::Certificate {
                    is_successor: true,
                    ..
                }
            ),
            left_out: left_out(&self.missing),
            id: self.id,
            role: self.role,
        }
    }

    fn words(&self) -> String {
        match &self.what {
            What::Certificate {
                status: Status::Expiring,
                not_after,
                ..
            } => {
                format!(
                    "certificate {} has these names until {not_after} and is expiring: renew it",
                    self.id
                )
            }
            What::Certificate { not_after, .. } => {
                format!("certificate {} has these names until {not_after}", self.id)
            }
            What::Order { waits_for } => {
                format!(
                    "order {} for these names is open and waits for {waits_for}",
                    self.id
                )
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_covers_its_names_and_fewer() {
        let mut existing = ExistingCertificates::none().unwrap();
        existing
            .certificate(InventoryRow {
                id: "1_acme".into(),
                status: Some(Status::Issued),
                common_name: "A.example.com".into(),
                subject_alt_names: vec!["a.example.com".into(), "b.example.com".into()],
                not_after: "2027-01-02T00:00:00Z".into(),
                ..InventoryRow::default()
            })
            .unwrap();
        existing
            .certificate(InventoryRow {
                id: "2_acme".into(),
                status: Some(Status::Revoked),
                common_name: "c.example.com".into(),
                ..InventoryRow::default()
            })
            .unwrap();
        let covering = |names: &[&str]| {
            let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
            existing
                .covering(&names)
                .unwrap()
                .map(|covering| covering.id)
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

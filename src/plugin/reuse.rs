//! Orders one certificate for one wish. Clients of Vault's own PKI engine never say that they repeat a request, so the
//! latest order of the same role, caller and names decides what is left to do.
//!
//! The storage holds the latest order of each wish. Background renewals start from that order's certificate, so its
//! successors are followed to the certificate in use.

use super::certificates;
use super::config::Config;
use super::engine::Engine;
use super::ledger::{self, RequestIdentity};
use super::locks::{Guard, LockKey};
use super::renewal_window::RenewalWindow;
use super::role::Reuse;
use super::store::{
    CertRecord, Key, KeyLocation, KeyRecord, Lifecycle, OrderRecord, Phase, ReuseRecord, Store,
};
use super::time;
use pki::Csr;
use svpki_types::{OrderId, RoleName};
use vault_plugin::logical::{Error, Request};

/// For how many seconds after the first answer an equal request counts as a retry even without `reuse`, because the
/// answer may have been lost. Vault's client library limits all of its attempts to 60 seconds.
const RETRIED_WITHIN: i64 = 60;

/// What a request wants, with the digests by which later requests find its order.
pub struct Wish {
    pub role: Option<RoleName>,
    pub reuse: Reuse,
    pub until: RenewalWindow,
    /// Digest of role, names and caller (except if every caller gets the same certificate), and for keys that are made
    /// here also of the key type. `None` if the caller is not known.
    digest: Option<String>,
    /// For a CSR: digest of role, names and public key, the same for every caller.
    same_key: Option<String>,
    spki: Option<Vec<u8>>,
}

/// What is left to do for a wish.
#[derive(Debug)]
pub enum Found {
    /// There is no usable order: place one.
    Nothing,
    /// An order that is still open, or that ended without a certificate and whose error was not answered yet.
    Order(OrderId),
    /// A usable certificate: hand it out.
    Certificate(Box<CertRecord>),
    /// A certificate whose remaining lifetime or key is not sufficient: renew it.
    Renew(Box<CertRecord>),
    /// A certificate for another key that was never delivered: SCM replaces it within its order.
    Replace(Box<CertRecord>),
}

/// The present state of a wish's latest order.
enum Latest {
    Gone,
    Open(OrderRecord),
    Undelivered(OrderRecord),
    Certificate(Box<CertRecord>),
}

impl Wish {
    /// `scope` is the role, or the config if the request went to a config. `key` is the type of the key to make here,
    /// or the CSR.
    pub fn new(
        scope: &str,
        role: Option<&RoleName>,
        reuse: Reuse,
        until: RenewalWindow,
        request: &Request,
        names: &[String],
        key: Result<&str, &Csr>,
    ) -> Self {
        let mut names = names.to_vec();
        names.sort();
        let names = names.join(",");
        let caller = match reuse {
            Reuse::EveryCaller => Some(""),
            Reuse::SameCaller | Reuse::Nobody => ledger::caller(request),
        };
        let kind = match key {
            Ok(kind) => format!("key {kind}"),
            Err(_) => "csr".to_owned(),
        };
        let spki = key.err().map(|csr| csr.spki_der().to_vec());
        Self {
            role: role.cloned(),
            reuse,
            until,
            digest: caller
                .map(|caller| ledger::sha256(&format!("{scope}\n{caller}\n{names}\n{kind}"))),
            same_key: spki
                .as_ref()
                .map(|spki| ledger::sha256(&format!("{scope}\n{names}\n{}", hex::encode(spki)))),
            spki,
        }
    }

    /// Waits until no other request with the same wish is searching or placing an order. The guards keep such requests
    /// out.
    pub async fn lock(&self, engine: &Engine, config: &Config) -> Vec<Guard> {
        let mut guards = Vec::new();
        for digest in self.digests() {
            let key = LockKey::Reuse(config.name.clone(), digest.clone());
            guards.push(engine.locks.lock(key).await);
        }
        guards
    }

    pub fn identity(&self, request: &Request) -> Result<RequestIdentity, Error> {
        let digests = self.digests().cloned().collect();
        RequestIdentity::reusable(self.role.clone(), digests, request)
    }

    pub fn digests(&self) -> impl Iterator<Item = &String> {
        self.digest.iter().chain(&self.same_key)
    }

    pub async fn find(&self, store: &Store, config: &Config) -> Result<Found, Error> {
        if let Some(digest) = &self.same_key
            && let Some(record) = store
                .read::<ReuseRecord>(&Key::reuse(&config.name, digest))
                .await?
        {
            match latest(store, config, &record).await? {
                Latest::Open(order) | Latest::Undelivered(order) => {
                    return Ok(Found::Order(order.id));
                }
                Latest::Certificate(cert) if self.is_for_its_key(&cert) && self.lasts(&cert) => {
                    return Ok(Found::Certificate(cert));
                }
                Latest::Certificate(_) | Latest::Gone => {}
            }
        }
        let record = match &self.digest {
            Some(digest) => {
                store
                    .read::<ReuseRecord>(&Key::reuse(&config.name, digest))
                    .await?
            }
            None => None,
        };
        let Some(record) = record else {
            return Ok(Found::Nothing);
        };
        let cert = match latest(store, config, &record).await? {
            Latest::Gone => return Ok(Found::Nothing),
            Latest::Open(order) | Latest::Undelivered(order) => return Ok(Found::Order(order.id)),
            Latest::Certificate(cert) => cert,
        };
        let is_delivered = record.delivered == cert.serial;
        // Even without `reuse`, a retry must not pay for a second certificate.
        let is_retry = self.spki.is_none()
            && (0..=RETRIED_WITHIN).contains(&(time::now() - record.delivered_at));
        let reuses = self.reuse != Reuse::Nobody || !is_delivered || is_retry;
        let serves = match &self.spki {
            Some(_) => self.is_for_its_key(&cert) && self.lasts(&cert),
            None => reuses && self.lasts(&cert) && has_key(store, &cert).await?,
        };
        if serves {
            return Ok(Found::Certificate(cert));
        }
        if let Some(open) = &cert.renewal.order
            && store
                .read::<OrderRecord>(&Key::order(&config.name, open))
                .await?
                .is_some_and(|order| !order.state().is_final())
            && (self.reuse != Reuse::Nobody || !is_delivered)
        {
            return Ok(Found::Order(open.clone()));
        }
        Ok(match (&self.spki, is_delivered) {
            (Some(_), false) if self.lasts(&cert) => Found::Replace(cert),
            _ if self.reuse == Reuse::Nobody => Found::Nothing,
            // The one-time key was handed out and removed. A renewal would supersede the certificate that its holder
            // uses.
            (None, _) if self.lasts(&cert) => Found::Nothing,
            _ => Found::Renew(cert),
        })
    }

    /// Whether the certificate is for the key of this request's CSR.
    pub fn is_for_its_key(&self, cert: &CertRecord) -> bool {
        let Some(spki) = &self.spki else {
            return true;
        };
        pki::Certificate::parse_pem_or_der(cert.certificate.as_bytes())
            .is_ok_and(|leaf| leaf.spki_der() == spki.as_slice())
    }

    fn lasts(&self, cert: &CertRecord) -> bool {
        cert.not_after - time::now() > self.until.seconds(cert.not_after - cert.not_before)
    }

    /// Records that the caller gets this certificate now.
    pub async fn note_delivered(
        &self,
        store: &Store,
        config: &Config,
        cert: &CertRecord,
    ) -> Result<(), Error> {
        self.note(store, config, |record| {
            // This is the time of the first answer, so repeated requests do not extend it.
            if record.delivered != cert.serial {
                record.delivered_at = time::now();
            }
            record.delivered.clone_from(&cert.serial);
            record.cert = Some(cert.id.clone());
        })
        .await
    }

    /// Records that the caller is told now how its order ended. The next request places a new order.
    pub async fn note_ended(
        &self,
        store: &Store,
        config: &Config,
        order: &OrderId,
    ) -> Result<(), Error> {
        self.note(store, config, |record| {
            if record.order == *order {
                record.delivered = order.to_string();
            }
        })
        .await
    }

    async fn note(
        &self,
        store: &Store,
        config: &Config,
        change: impl Fn(&mut ReuseRecord),
    ) -> Result<(), Error> {
        for digest in self.digests() {
            let key = Key::reuse(&config.name, digest);
            let Some(old) = store.read::<ReuseRecord>(&key).await? else {
                continue;
            };
            let mut new = old.clone();
            change(&mut new);
            if new != old {
                store.write(&key, &new).await?;
            }
        }
        Ok(())
    }
}

async fn latest(store: &Store, config: &Config, record: &ReuseRecord) -> Result<Latest, Error> {
    let key = Key::order(&config.name, &record.order);
    let Some(order) = store.read::<OrderRecord>(&key).await? else {
        return Ok(Latest::Gone);
    };
    if !order.state().is_final() {
        return Ok(Latest::Open(order));
    }
    let from = if let Phase::Issued(ids) = &order.phase {
        Some(record.cert.clone().unwrap_or_else(|| ids.cert_id.clone()))
    } else if record.delivered == order.id.as_str() {
        order.action.of().cloned()
    } else {
        return Ok(Latest::Undelivered(order));
    };
    let Some(mut id) = from else {
        return Ok(Latest::Gone);
    };
    for _ in 0..ledger::MOST_RENEWALS {
        let cert = match certificates::load(store, &config.name, &id).await {
            Ok(cert) => cert,
            Err(Error::NotFound(_)) => return Ok(Latest::Gone),
            Err(error) => return Err(error),
        };
        match cert.renewed_to.clone() {
            Some(next) if next != id => id = next,
            _ => {
                let in_use = cert.lifecycle == Lifecycle::Live && cert.not_after > time::now();
                return Ok(if in_use {
                    Latest::Certificate(Box::new(cert))
                } else {
                    Latest::Gone
                });
            }
        }
    }
    Ok(Latest::Gone)
}

async fn has_key(store: &Store, cert: &CertRecord) -> Result<bool, Error> {
    if cert.key_location == KeyLocation::External {
        return Ok(false);
    }
    let key = Key::private_key(&cert.config, &cert.id);
    Ok(store.read::<KeyRecord>(&key).await?.is_some())
}

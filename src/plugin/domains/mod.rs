//! Domains: whether their validation holds, until when, and what hangs on it.
//!
//! SCM is asked in the background and when somebody asks for it; all else goes by what was stored then.

mod hanging;
mod orders;

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::time::Instant;

use super::config::Config;
use super::engine::Engine;
use super::error::scm_error;
use super::locks::LockKey;
use super::store::{CertKind, DomainRecord, DomainsRecord, Key, Store, ToPublish};
use super::time;
use scm_client::{
    Client, DcvMethod, DcvOrderStatus, DcvRecord, DcvStatus, DomainFilter, DomainListed,
    DomainValidation, ScmError, ScmErrorKind,
};
use svpki_types::ConfigName;
use svpki_types::api::{DomainAnswer, DomainRecordAnswer, JobHealth};
use vault_plugin::logical::Error;

pub use hanging::{Hanging, hanging};
pub use orders::{LONGEST_WAIT, may_send, note_waiting, proven, to_do, waited_for};

const DAY: i64 = 86_400;
/// More domains than this are not kept.
const MOST_DOMAINS: usize = 5_000;
/// Domains whose validation one look asks about one by one.
const MOST_DETAILS: usize = 50;
/// Seconds between two looks while a validation is missing or under way.
const INTERVAL_OF_WAITING: i64 = 300;
/// Seconds between two looks at an SCM that gives this login no domains.
const INTERVAL_OF_REFUSAL: i64 = 86_400;
/// Codes by which SCM says that this login, or this customer, has nothing to do with domain validation.
const NO_VALIDATION: [i64; 4] = [-3, -25, -37, -1608];

impl DomainRecord {
    fn base(&self) -> &str {
        self.domain.strip_prefix("*.").unwrap_or(&self.domain)
    }

    fn covers(&self, name: &str) -> bool {
        let name = name.strip_prefix("*.").unwrap_or(name);
        let rest = name.strip_suffix(self.base());
        rest.is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    }

    /// Its validation has ended by then. One that was never validated here says nothing: SCM may issue all the same.
    pub fn has_ended_by(&self, at: i64) -> bool {
        match self.valid_until {
            Some(until) => until <= at,
            None => self.status == "expired",
        }
    }

    fn is_waited_for(&self, now: i64) -> bool {
        self.status != "validated"
            || self.validation != "not_initiated"
            || self.has_ended_by(now + DAY)
    }

    fn listed(listed: DomainListed) -> Self {
        let method = listed.method.map(|word| match DcvMethod::parse(&word) {
            Some(method) => method.as_str().to_owned(),
            None => word,
        });
        Self {
            domain: listed.domain,
            status: listed.status.as_str().to_owned(),
            method,
            valid_until: listed.expires.map(|at| at.as_second()),
            validation: listed.order_status.as_str().to_owned(),
            ..Self::default()
        }
    }

    /// Takes in what SCM says of this domain alone.
    fn heard(&mut self, heard: DomainValidation) {
        self.status = heard.status.as_str().to_owned();
        self.validation = heard.order_status.as_str().to_owned();
        self.valid_until = heard.expires.map(|at| at.as_second()).or(self.valid_until);
        if heard.status == DcvStatus::NotValidated {
            self.valid_until = None;
        }
        let method = heard.order_method.map(|method| method.as_str().to_owned());
        self.validation_method = method.or(self.validation_method.take());
        self.to_publish = heard.record.map(to_publish).or(self.to_publish.take());
        self.email = heard.email.or(self.email.take());
        self.last_check = heard.last_check.map(|at| at.as_second());
        self.next_check = heard.next_check.map(|at| at.as_second());
        if heard.order_status == DcvOrderStatus::NotInitiated {
            self.validation_method = None;
            self.to_publish = None;
            self.email = None;
        }
    }
}

fn to_publish(record: DcvRecord) -> ToPublish {
    match record {
        DcvRecord::Cname { host, target } => ToPublish::Cname { host, target },
        DcvRecord::Txt { host, text } => ToPublish::Txt { host, text },
        DcvRecord::File { url, lines } => ToPublish::File { url, lines },
    }
}

impl ToPublish {
    /// For people, on one line.
    pub fn explain(&self) -> String {
        match self {
            Self::Cname { host, target } => format!("{host} CNAME {target}"),
            Self::Txt { host, text } => format!("{host} TXT {text:?}"),
            Self::File { url, lines } => format!("{url} with the lines {}", lines.join(", ")),
        }
    }

    fn answer(&self) -> DomainRecordAnswer {
        match self.clone() {
            Self::Cname { host, target } => DomainRecordAnswer {
                kind: "CNAME".to_owned(),
                name: host,
                value: target,
            },
            Self::Txt { host, text } => DomainRecordAnswer {
                kind: "TXT".to_owned(),
                name: host,
                value: text,
            },
            Self::File { url, lines } => DomainRecordAnswer {
                kind: "file".to_owned(),
                name: url,
                value: lines.join("\n"),
            },
        }
    }
}

impl DomainsRecord {
    pub async fn load(store: &Store, config: &ConfigName) -> Result<Self, Error> {
        let stored: Option<Self> = store.read(&Key::domains(config)).await?;
        Ok(stored.unwrap_or_default())
    }

    /// Of all configs, by name.
    pub async fn load_all(
        store: &Store,
        configs: &[Config],
    ) -> Result<BTreeMap<ConfigName, Self>, Error> {
        let mut all = BTreeMap::new();
        for config in configs.iter().filter(|config| config.kind == CertKind::Ssl) {
            all.insert(config.name.clone(), Self::load(store, &config.name).await?);
        }
        Ok(all)
    }

    /// The entry whose validation serves this name: the one that holds longest, and of equals the nearest.
    pub fn of_name(&self, name: &str) -> Option<&DomainRecord> {
        self.domains
            .iter()
            .filter(|domain| domain.covers(name))
            .max_by_key(|domain| (domain.valid_until, domain.base().len()))
    }

    /// The entries that these names hang on, each once.
    pub fn of_names<'a>(&self, names: impl Iterator<Item = &'a str>) -> Vec<&DomainRecord> {
        let mut found: Vec<&DomainRecord> = Vec::new();
        for domain in names.filter_map(|name| self.of_name(name)) {
            if !found.iter().any(|known| known.domain == domain.domain) {
                found.push(domain);
            }
        }
        found
    }

    /// The domain that stands in the way of ordering for these names then.
    pub fn in_the_way<'a>(
        &self,
        names: impl Iterator<Item = &'a str>,
        at: i64,
    ) -> Option<&DomainRecord> {
        let found = self.of_names(names);
        found.into_iter().find(|domain| domain.has_ended_by(at))
    }

    /// The entry of exactly this name, or its wildcard.
    pub fn entry(&self, name: &str) -> Option<&DomainRecord> {
        let exact = self.domains.iter().find(|domain| domain.domain == name);
        exact.or_else(|| self.domains.iter().find(|domain| domain.base() == name))
    }

    fn entry_mut(&mut self, name: &str) -> &mut DomainRecord {
        let found = self.domains.iter().position(|domain| domain.domain == name);
        let found = found.or_else(|| self.domains.iter().position(|one| one.base() == name));
        let at = found.unwrap_or_else(|| {
            self.domains.push(DomainRecord {
                domain: name.to_owned(),
                ..DomainRecord::default()
            });
            self.domains.len() - 1
        });
        &mut self.domains[at]
    }

    fn is_due(&self, refresh: i64, now: i64) -> bool {
        let interval = if !self.error.is_empty() {
            INTERVAL_OF_REFUSAL
        } else if self.domains.iter().any(|domain| domain.is_waited_for(now)) {
            INTERVAL_OF_WAITING
        } else {
            refresh
        };
        self.awaited || !(0..interval).contains(&(now - self.looked))
    }
}

pub fn answer(config: &ConfigName, domain: &DomainRecord, hanging: &Hanging) -> DomainAnswer {
    DomainAnswer {
        domain: domain.domain.clone(),
        config: config.to_string(),
        status: domain.status.clone(),
        method: domain.method.clone(),
        valid_until: domain.valid_until.map(time::rfc3339),
        validation: domain.validation.clone(),
        validation_method: domain.validation_method.clone(),
        record: domain.to_publish.as_ref().map(ToPublish::answer),
        email: domain.email.clone(),
        last_check: domain.last_check.map(time::rfc3339),
        next_check: domain.next_check.map(time::rfc3339),
        method_ends: domain
            .method
            .as_deref()
            .and_then(method_ends)
            .map(str::to_owned),
        certificates: hanging.certificates,
        blocked_renewals: hanging.blocked,
        first_blocked: hanging.first_blocked.map(time::rfc3339),
        certificate_ids: Vec::new(),
        warnings: Vec::new(),
    }
}

/// The day from which on the CA may no longer validate in this way (CA/Browser Forum ballots SC-090 and SC-091).
fn method_ends(method: &str) -> Option<&'static str> {
    (method == "email").then_some("2028-03-15")
}

/// Asks SCM for all domains of an account, and for the state of each validation under way.
pub async fn look(client: &Client, known: &DomainsRecord) -> Result<DomainsRecord, ScmError> {
    let now = time::now();
    let dcv = client.dcv();
    let listed = dcv.list(&DomainFilter::default()).all(MOST_DOMAINS).await?;
    let mut found = DomainsRecord {
        looked: now,
        ..DomainsRecord::default()
    };
    let mut asked = 0;
    for one in listed {
        let mut domain = DomainRecord::listed(one);
        let before = known.domains.iter().find(|old| old.domain == domain.domain);
        if domain.validation != "not_initiated" {
            if let Some(before) = before {
                domain
                    .validation_method
                    .clone_from(&before.validation_method);
                domain.to_publish.clone_from(&before.to_publish);
                domain.email.clone_from(&before.email);
                domain.last_check = before.last_check;
                domain.next_check = before.next_check;
            }
            if asked < MOST_DETAILS {
                asked += 1;
                // A submitted validation is checked by asking for it.
                let heard = match domain.validation.as_str() {
                    "submitted" => dcv.sync(domain.base()).await,
                    _ => dcv.status(domain.base()).await,
                };
                match heard {
                    Ok(heard) => domain.heard(heard),
                    Err(error) if error.kind() == ScmErrorKind::BadContent => {
                        tracing::warn!(domain = domain.domain, %error, "SCM tells nothing of a domain");
                    }
                    Err(error) => return Err(error),
                }
            }
        }
        found.domains.push(domain);
    }
    found.domains.sort_by(|a, b| a.domain.cmp(&b.domain));
    Ok(found)
}

/// Looks at the domains of one account and keeps what it saw.
pub async fn refresh(
    engine: &Engine,
    store: &Store,
    config: &Config,
) -> Result<DomainsRecord, Error> {
    let client = engine.client(config)?;
    let _turn = engine
        .locks
        .lock(LockKey::Domains(config.name.clone()))
        .await;
    let known = DomainsRecord::load(store, &config.name).await?;
    let found = match look(&client, &known).await {
        Ok(found) => found,
        Err(error) if has_no_validation(&error) => DomainsRecord {
            looked: time::now(),
            error: error.to_string(),
            ..DomainsRecord::default()
        },
        Err(error) => return Err(scm_error(&error, "the domains are as they were seen last")),
    };
    store.write(&Key::domains(&config.name), &found).await?;
    Ok(found)
}

fn has_no_validation(error: &ScmError) -> bool {
    error
        .code()
        .is_some_and(|code| NO_VALIDATION.contains(&code))
        || matches!(
            error.kind(),
            ScmErrorKind::Forbidden | ScmErrorKind::NotFound
        )
}

/// The job: looks at the domains of every account whose last look is too old.
pub async fn run(
    engine: &Arc<Engine>,
    store: &Store,
    configs: &[Config],
    until: Instant,
) -> Result<JobHealth, Error> {
    let mut health = JobHealth::default();
    let with_domains =
        |config: &&Config| config.kind == CertKind::Ssl && config.profile_refresh > 0;
    for config in configs.iter().filter(with_domains) {
        let known = DomainsRecord::load(store, &config.name).await?;
        if !known.is_due(config.profile_refresh, time::now()) {
            health.count_skipped("not due yet");
        } else if engine
            .client(config)
            .is_ok_and(|client| client.login_in_backoff())
        {
            health.count_skipped("SCM refuses the login");
        } else {
            match tokio::time::timeout_at(until, refresh(engine, store, config)).await {
                Ok(Ok(found)) if found.error.is_empty() => health.done += 1,
                Ok(Ok(_)) => health.count_skipped("SCM gives this login no domain validation"),
                Ok(Err(Error::Storage(error))) => return Err(error.into()),
                Ok(Err(error)) => health.last_error = format!("config {}: {error}", config.name),
                Err(_) => health.count_skipped("no time left in this run"),
            }
        }
    }
    Ok(health)
}

/// Starts the validation of a domain: what to publish is known then, and SCM looks for it.
pub async fn start(
    engine: &Engine,
    store: &Store,
    config: &Config,
    name: &str,
    method: DcvMethod,
    email: Option<&str>,
) -> Result<DomainRecord, Error> {
    let client = engine.client(config)?;
    let dcv = client.dcv();
    let asked = async {
        let email = match (method, email) {
            (DcvMethod::Email, None) => {
                let addresses = dcv.addresses(name).await?;
                return Ok(Err(addresses));
            }
            (DcvMethod::Email, given) => given,
            _ => None,
        };
        let mut record = None;
        if matches!(
            method,
            DcvMethod::Cname | DcvMethod::Http | DcvMethod::Https
        ) {
            record = dcv.start(name, method).await?;
        }
        let mut heard = dcv.submit(name, method, email).await?;
        heard.record = heard.record.or(record);
        Ok(Ok(heard))
    };
    let heard = asked
        .await
        .map_err(|error: ScmError| scm_error(&error, "the validation was not started"))?;
    let heard = heard.map_err(|addresses| {
        Error::bad_request(format!(
            "email is missing: SCM sends the mail to one of {}",
            addresses.join(", ")
        ))
    })?;
    keep(engine, store, config, name, heard).await
}

/// Has SCM look for the record now.
pub async fn check(
    engine: &Engine,
    store: &Store,
    config: &Config,
    name: &str,
) -> Result<DomainRecord, Error> {
    let client = engine.client(config)?;
    let heard = client.dcv().sync(name).await;
    let heard = heard.map_err(|error| scm_error(&error, "the validation is as it was"))?;
    keep(engine, store, config, name, heard).await
}

async fn keep(
    engine: &Engine,
    store: &Store,
    config: &Config,
    name: &str,
    heard: DomainValidation,
) -> Result<DomainRecord, Error> {
    let _turn = engine
        .locks
        .lock(LockKey::Domains(config.name.clone()))
        .await;
    let mut known = DomainsRecord::load(store, &config.name).await?;
    let entry = known.entry_mut(name);
    if heard.status == DcvStatus::Validated && heard.order_status == DcvOrderStatus::NotInitiated {
        // How it was proven stands in the list only.
        let method = entry.validation_method.clone();
        entry.method = method.or(entry.method.take());
    }
    entry.heard(heard);
    let entry = entry.clone();
    store.write(&Key::domains(&config.name), &known).await?;
    Ok(entry)
}

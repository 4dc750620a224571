//! The stored state of domains: which domain covers a name, whether it is validated, and when SCM is asked again.

use std::collections::BTreeMap;

use super::super::config::Config;
use super::super::store::{CertKind, DomainEntry, DomainList, Key, RecordToPublish, Store};
use super::DAY;
use scm_client::{DcvMethod, DcvOrderStatus, DcvRecord, DcvStatus, DomainListed, DomainValidation};
use svpki_types::ConfigName;
use svpki_types::api::DcvRecordResponse;
use vault_plugin::logical::Error;

/// Seconds between two reads while a domain is not validated, its validation ends within a day, or a new validation is
/// under way.
const INTERVAL_OF_WAITING: i64 = 300;
/// Seconds between two reads if SCM refuses the list to this login and no domains of an earlier answer are stored.
const INTERVAL_OF_REFUSAL: i64 = 86_400;
/// Seconds between two reads if SCM refuses the list and domains of an earlier answer are stored: the permission may
/// come back.
const INTERVAL_OF_LOSS: i64 = 3_600;

impl DomainEntry {
    pub(super) fn base(&self) -> &str {
        self.domain.strip_prefix("*.").unwrap_or(&self.domain)
    }

    fn covers(&self, name: &str) -> bool {
        let name = name.strip_prefix("*.").unwrap_or(name);
        let rest = name.strip_suffix(self.base());
        rest.is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    }

    /// Whether the domain's validation has ended at this time. A domain that was never validated counts as not ended:
    /// SCM may issue all the same.
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

    pub(super) fn listed(listed: DomainListed) -> Self {
        let method = listed.method.map(|word| match DcvMethod::parse(&word) {
            Some(method) => method.as_str().to_owned(),
            None => word,
        });
        let order_method = listed.order_method.map(|method| method.as_str().to_owned());
        Self {
            domain: listed.domain,
            status: listed.status.as_str().to_owned(),
            method,
            valid_until: listed.expires.map(|at| at.as_second()),
            validation: listed.order_status.as_str().to_owned(),
            validation_method: order_method.filter(|_| listed.order_status.is_under_way()),
            ..Self::default()
        }
    }

    /// Copies the stored state of a validation under way, because SCM's list does not contain it.
    pub(super) fn with_known(mut self, known: &DomainList) -> Self {
        let before = known.domains.iter().find(|old| old.domain == self.domain);
        let Some(before) = before.filter(|_| self.is_under_way()) else {
            return self;
        };
        self.asked = before.asked;
        self.error.clone_from(&before.error);
        let method = before.validation_method.clone();
        if self.validation_method.is_none() || self.validation_method == method {
            self.validation_method = method;
            self.to_publish.clone_from(&before.to_publish);
            self.email.clone_from(&before.email);
            self.last_check = before.last_check;
            self.next_check = before.next_check;
        }
        self
    }

    /// Whether a validation has been started, no matter whether SCM already checks the record.
    pub(super) fn is_under_way(&self) -> bool {
        self.validation != "not_initiated"
    }

    /// Copies SCM's answer about this domain.
    pub(super) fn update(&mut self, seen: DomainValidation) {
        self.status = seen.status.as_str().to_owned();
        self.validation = seen.order_status.as_str().to_owned();
        self.valid_until = seen.expires.map(|at| at.as_second()).or(self.valid_until);
        if seen.status == DcvStatus::NotValidated {
            self.valid_until = None;
        }
        let method = seen.order_method.map(|method| method.as_str().to_owned());
        if method.is_some() && method != self.validation_method {
            // The record of the earlier method proves nothing now.
            self.to_publish = None;
            self.email = None;
        }
        self.validation_method = method.or(self.validation_method.take());
        self.to_publish = seen.record.map(to_publish).or(self.to_publish.take());
        self.email = seen.email.or(self.email.take());
        self.last_check = seen.last_check.map(|at| at.as_second());
        self.next_check = seen.next_check.map(|at| at.as_second());
        self.error.clear();
        if seen.order_status == DcvOrderStatus::NotInitiated {
            self.validation_method = None;
            self.to_publish = None;
            self.email = None;
        }
    }
}

fn to_publish(record: DcvRecord) -> RecordToPublish {
    match record {
        DcvRecord::Cname { host, target } => RecordToPublish::Cname { host, target },
        DcvRecord::Txt { host, text } => RecordToPublish::Txt { host, text },
        DcvRecord::File { url, lines } => RecordToPublish::File { url, lines },
    }
}

impl RecordToPublish {
    /// One line for people.
    pub fn explain(&self) -> String {
        match self {
            Self::Cname { host, target } => format!("{host} CNAME {target}"),
            Self::Txt { host, text } => format!("{host} TXT {text:?}"),
            Self::File { url, lines } => format!("{url} with the lines {}", lines.join(", ")),
        }
    }

    pub(super) fn answer(&self) -> DcvRecordResponse {
        match self.clone() {
            Self::Cname { host, target } => DcvRecordResponse {
                kind: "CNAME".to_owned(),
                name: host,
                value: target,
            },
            Self::Txt { host, text } => DcvRecordResponse {
                kind: "TXT".to_owned(),
                name: host,
                value: text,
            },
            Self::File { url, lines } => DcvRecordResponse {
                kind: "file".to_owned(),
                name: url,
                value: lines.join("\n"),
            },
        }
    }
}

impl DomainList {
    pub async fn load(store: &Store, config: &ConfigName) -> Result<Self, Error> {
        let stored: Option<Self> = store.read(&Key::domains(config)).await?;
        Ok(stored.unwrap_or_default())
    }

    /// The records of all SSL configs by config name.
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

    /// The entry whose validation covers this name: the one that is valid longest, and if several are, the one closest
    /// to the name.
    pub fn of_name(&self, name: &str) -> Option<&DomainEntry> {
        self.domains
            .iter()
            .filter(|domain| domain.covers(name))
            .max_by_key(|domain| (domain.valid_until, domain.base().len()))
    }

    /// The entries that these names depend on, without duplicates.
    pub fn of_names<'a>(&self, names: impl Iterator<Item = &'a str>) -> Vec<&DomainEntry> {
        let mut found: Vec<&DomainEntry> = Vec::new();
        for domain in names.filter_map(|name| self.of_name(name)) {
            if !found.iter().any(|known| known.domain == domain.domain) {
                found.push(domain);
            }
        }
        found
    }

    /// The domain that blocks an order for these names at this time.
    pub fn in_the_way<'a>(
        &self,
        names: impl Iterator<Item = &'a str>,
        at: i64,
    ) -> Option<&DomainEntry> {
        let found = self.of_names(names);
        found.into_iter().find(|domain| domain.has_ended_by(at))
    }

    /// The entry for exactly this domain, or else its wildcard entry.
    pub fn entry(&self, name: &str) -> Option<&DomainEntry> {
        let exact = self.domains.iter().find(|domain| domain.domain == name);
        exact.or_else(|| self.domains.iter().find(|domain| domain.base() == name))
    }

    pub(super) fn entry_mut(&mut self, name: &str) -> &mut DomainEntry {
        let found = self.domains.iter().position(|domain| domain.domain == name);
        let found = found.or_else(|| self.domains.iter().position(|one| one.base() == name));
        let at = found.unwrap_or_else(|| {
            self.domains.push(DomainEntry {
                domain: name.to_owned(),
                ..DomainEntry::default()
            });
            self.domains.len() - 1
        });
        &mut self.domains[at]
    }

    /// This record, or an empty one if it belongs to another account than the config's.
    pub(super) fn of_account(self, config: &Config) -> Self {
        match self.account.is_empty() || self.account == account(config) {
            true => self,
            false => Self::default(),
        }
    }

    /// Whether SCM was never asked, or not since the config's account changed.
    pub fn is_unseen(&self) -> bool {
        self.looked == 0 && self.error.is_empty()
    }

    /// Whether the domains must be read again. `refresh` is the config's period in seconds. With 0 they are read only
    /// while an order or a submitted validation waits for a domain, or if they were never read.
    pub(super) fn is_due(&self, refresh: i64, now: i64) -> bool {
        let is_over =
            |interval: i64| !(0..interval).contains(&(now - self.looked.max(self.refused)));
        let is_submitted = |domain: &DomainEntry| domain.validation == "submitted";
        if self.awaited || self.is_unseen() {
            true
        } else if !self.error.is_empty() {
            let interval = match self.domains.is_empty() {
                true => INTERVAL_OF_REFUSAL,
                false => INTERVAL_OF_LOSS,
            };
            refresh > 0 && is_over(interval)
        } else if self.domains.iter().any(is_submitted) {
            is_over(INTERVAL_OF_WAITING)
        } else if self.domains.iter().any(|domain| domain.is_waited_for(now)) {
            refresh > 0 && is_over(INTERVAL_OF_WAITING)
        } else {
            refresh > 0 && is_over(refresh)
        }
    }

    /// Whether the domains should be read again for an order that waits.
    pub(super) fn is_too_old_to_wait(&self, now: i64) -> bool {
        let age = now - self.looked;
        !self.awaited && self.error.is_empty() && !(0..INTERVAL_OF_WAITING).contains(&age)
    }
}

/// Identifies the domains that a config sees: another login, customer or organisation may see others.
pub fn account(config: &Config) -> String {
    let (customer, organisation) = (&config.customer_uri, config.org_id);
    format!("{} of {customer}, {organisation}", config.account())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_795_000_000;

    fn seen(validation: &str, status: &str, ago: i64) -> DomainList {
        DomainList {
            looked: NOW - ago,
            domains: vec![DomainEntry {
                domain: "example.com".to_owned(),
                status: status.to_owned(),
                validation: validation.to_owned(),
                ..DomainEntry::default()
            }],
            ..DomainList::default()
        }
    }

    /// With a period of 0 nothing was read, not even a domain that an order waited for.
    #[test]
    fn a_period_of_nothing_still_looks_at_what_somebody_waits_for() {
        let is_due = |known: DomainList| known.is_due(0, NOW);
        assert!(is_due(DomainList::default()), "never looked at");
        assert!(!is_due(seen("not_initiated", "validated", DAY)));
        assert!(!is_due(seen("not_initiated", "expired", DAY)));
        assert!(is_due(seen("submitted", "expired", 300)));
        assert!(!is_due(seen("submitted", "expired", 299)));
        let mut awaited = seen("not_initiated", "expired", 1);
        awaited.awaited = true;
        assert!(is_due(awaited));
    }

    #[test]
    fn a_list_that_scm_no_longer_gives_is_asked_for_more_often_than_one_it_never_gave() {
        let refused = |known: DomainList, ago: i64| {
            let known = DomainList {
                error: "-3".to_owned(),
                refused: NOW - ago,
                ..known
            };
            known.is_due(DAY, NOW)
        };
        let known = || seen("submitted", "expired", 3 * DAY);
        assert!(refused(known(), 3_600) && !refused(known(), 3_599));
        let unknown = DomainList::default;
        assert!(refused(unknown(), DAY) && !refused(unknown(), DAY - 1));
    }

    #[test]
    fn another_method_forgets_what_the_first_one_had_to_publish() {
        let validation = |method, record| DomainValidation {
            order_status: DcvOrderStatus::Submitted,
            order_method: Some(method),
            record,
            ..DomainValidation::default()
        };
        let cname = DcvRecord::Cname {
            host: "_a.example.com.".to_owned(),
            target: "b.sectigo.com.".to_owned(),
        };
        let mut domain = DomainEntry::default();
        domain.update(validation(DcvMethod::Cname, Some(cname)));
        domain.update(validation(DcvMethod::Cname, None));
        assert!(domain.to_publish.is_some(), "an answer that says less");
        domain.update(validation(DcvMethod::Email, None));
        assert_eq!(domain.to_publish, None);
        assert_eq!(domain.validation_method.as_deref(), Some("email"));
    }
}

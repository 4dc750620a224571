//! The domains of this SCM: how they are created, validated and checked, and which orders wait for them.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::{Record, World};
use crate::domain::{
    Asked, DcvStatus, Delegation, Domain, Look, Method, Proof, Sought, Validation, order_method,
};
use crate::http::Refusal;
use crate::order::Order;
use crate::settings::{DcvMissing, DomainSetting, Kind};

impl World {
    pub fn domain(&self, id: u32) -> Option<&Domain> {
        self.domains.get(&id)
    }

    pub fn domains(&self) -> impl Iterator<Item = &Domain> {
        self.domains.values()
    }

    pub fn domain_by_name(&self, name: &str) -> Option<&Domain> {
        self.domains().find(|domain| domain.name == name)
    }

    /// The domain on which a validation of this name runs: the domain itself, or its wildcard.
    pub fn domain_to_validate(&self, name: &str) -> Option<&Domain> {
        let wildcard = format!("*.{name}");
        self.domain_by_name(name)
            .or_else(|| self.domain_by_name(&wildcard))
    }

    pub fn keep_domain(&mut self, domain: Domain) {
        self.write(&Record::Domain(Box::new(domain.clone())));
        self.domains.insert(domain.id, domain);
        self.release_proven();
    }

    pub fn remove_domain(&mut self, id: u32) {
        self.write(&Record::DomainRemoved { id });
        self.domains.remove(&id);
    }

    /// Creates the domains of the scenario that do not exist yet.
    pub fn enter_domains(&mut self) {
        for setting in self.settings.domains.clone() {
            if self.domain_by_name(&setting.name).is_none() {
                let domain = self.entered(&setting);
                self.keep_domain(domain);
            }
        }
    }

    /// The domain that a setting describes. An existing domain with this name keeps its id.
    pub fn entered(&mut self, setting: &DomainSetting) -> Domain {
        let id = match self.domain_by_name(&setting.name) {
            Some(known) => known.id,
            None => self.next_id(),
        };
        let now = self.now();
        let orgs = if setting.organisations.is_empty() {
            let every = |org: &crate::settings::Organisation| {
                let departments: Vec<u32> = org.departments.iter().map(|dep| dep.id).collect();
                std::iter::once(org.id)
                    .chain(departments)
                    .collect::<Vec<_>>()
            };
            self.settings.organisations.iter().flat_map(every).collect()
        } else {
            setting.organisations.clone()
        };
        let delegations = orgs
            .into_iter()
            .map(|org_id| Delegation {
                org_id,
                cert_types: vec!["SSL".to_owned()],
                privileges: Vec::new(),
                requested: false,
            })
            .collect();
        let validation = setting.valid_for.map(|left| {
            let until = now.saturating_add(left.signed()).unwrap_or(now);
            let lifetime = self.settings.switches.dcv_lifetime.signed();
            Validation {
                method: setting.method.unwrap_or(Method::Cname),
                at: until.saturating_sub(lifetime).unwrap_or(until).min(now),
                until,
            }
        });
        Domain {
            id,
            name: setting.name.to_lowercase(),
            suspended: setting.suspended,
            delegations,
            validation,
            running: None,
            proof: None,
        }
    }

    /// The names among these whose domain is not validated. Fails if a name does not belong to this organisation.
    pub fn unproven(&self, org_id: u32, names: &[String]) -> Result<Vec<String>, Refusal> {
        let now = self.now();
        let mut unproven: Vec<String> = Vec::new();
        for name in names
            .iter()
            .filter(|name| name.parse::<std::net::IpAddr>().is_err())
        {
            let entries: Vec<&Domain> = self
                .domains()
                .filter(|domain| domain.covers(name) && domain.serves(org_id))
                .collect();
            let Some(nearest) = entries.iter().max_by_key(|domain| domain.base().len()) else {
                let text = format!("The domain {name} is not allowed for the organization");
                return Err(Refusal::coded(-1010, text));
            };
            let proven = entries
                .iter()
                .any(|domain| domain.standing(now) == DcvStatus::Validated);
            let base = nearest.base().to_owned();
            if !proven && !unproven.contains(&base) {
                unproven.push(base);
            }
        }
        Ok(unproven)
    }

    /// Refuses an order for these names, or answers whether the order must wait for a validation.
    pub fn check_control(&self, org_id: u32, names: &[String]) -> Result<bool, Refusal> {
        let switches = &self.settings.switches;
        if !switches.require_validated_domains {
            return Ok(false);
        }
        let unproven = self.unproven(org_id, names)?;
        if unproven.is_empty() {
            return Ok(false);
        }
        match switches.dcv_missing {
            DcvMissing::Pending => Ok(true),
            DcvMissing::Refuse => {
                let domains = unproven.join(", ");
                let text = format!("DCV is not completed or expired for the domains: {domains}");
                Err(Refusal::coded(switches.dcv_code, text))
            }
        }
    }

    /// Continues orders that waited for a domain that is validated now.
    fn release_proven(&mut self) {
        if !self.settings.switches.require_validated_domains {
            return;
        }
        let now = self.now();
        let proven: Vec<Order> = self
            .orders()
            .filter(|order| order.dcv_open && order.course.dcv.is_none() && order.kind == Kind::Ssl)
            .filter(|order| {
                let unproven = self.unproven(order.org_id, &order.names);
                unproven.is_ok_and(|unproven| unproven.is_empty())
            })
            .cloned()
            .collect();
        for mut order in proven {
            order.dcv_open = false;
            order.not_before(now);
            self.keep(order);
        }
    }

    /// What the CA checks now: every domain whose next check is due, and the domain or order that a call is about.
    pub fn looks(&self, domain: Option<&str>, order: Option<u32>) -> Vec<Look> {
        let now = self.now();
        let switches = &self.settings.switches;
        let mut looks = Vec::new();
        for entry in self.domains() {
            let asked = domain.is_some_and(|name| name == entry.base() || name == entry.name);
            if let Some(running) = &entry.running
                && (asked || running.next_check.is_some_and(|at| at <= now))
                && running.submitted.is_some()
                && !running.by_connector
                && let Some(proof) = &entry.proof
                && let Some(sought) = proof.sought(entry.base(), running.method)
            {
                looks.push(Look {
                    of: Asked::Domain(entry.id),
                    sought,
                });
            } else if switches.persistent_txt
                && (asked || entry.standing(now) == DcvStatus::Expired)
                && entry.running.is_none()
            {
                let host = format!("_validation-persist.{}.", entry.base());
                let sought = Sought::PersistentTxt { host };
                looks.push(Look {
                    of: Asked::Domain(entry.id),
                    sought,
                });
            }
        }
        let order = order.and_then(|id| self.order(Kind::Ssl, id));
        if let Some(order) = order.filter(|order| order.dcv_open) {
            let proof = Proof::of_order(order);
            let method = order_method(order);
            let names = order.names.iter().map(|name| name.trim_start_matches("*."));
            looks.extend(names.filter_map(|name| {
                let sought = proof.sought(name, method)?;
                let of = Asked::Order(order.id, name.to_owned());
                Some(Look { of, sought })
            }));
        }
        looks
    }

    /// Applies the results of the CA's checks, one by one.
    pub fn looked(&mut self, results: Vec<(Look, bool)>) {
        let mut orders: BTreeMap<u32, bool> = BTreeMap::new();
        for (look, found) in results {
            match look.of {
                Asked::Order(id, _) => *orders.entry(id).or_insert(true) &= found,
                Asked::Domain(id) => {
                    let Some(domain) = self.domains.get(&id).cloned() else {
                        continue;
                    };
                    self.checked(domain, &look.sought, found);
                }
            }
        }
        let now = self.now();
        for (id, _) in orders.into_iter().filter(|(_, all)| *all) {
            if let Some(mut order) = self.any_order(id).cloned() {
                order.dcv_open = false;
                order.not_before(now);
                self.keep(order);
            }
        }
    }

    fn checked(&mut self, mut domain: Domain, sought: &Sought, found: bool) {
        let now = self.now();
        let persistent = matches!(sought, Sought::PersistentTxt { .. });
        if found {
            let method = match &domain.running {
                Some(running) if !persistent => running.method,
                _ => Method::Txt,
            };
            self.prove(&mut domain, method);
        } else if let Some(running) = domain.running.as_mut().filter(|_| !persistent) {
            running.last_check = Some(now);
            let pause = self.settings.switches.dcv_check_every.signed();
            running.next_check = now.checked_add(pause).ok();
        } else {
            return;
        }
        self.keep_domain(domain);
    }

    /// Validates a domain from now on, for the lifetime of a validation.
    pub fn prove(&self, domain: &mut Domain, method: Method) {
        let now = self.now();
        let lifetime = self.dcv_lifetime(now);
        domain.validation = Some(Validation {
            method,
            at: now,
            until: now.saturating_add(lifetime).unwrap_or(Timestamp::MAX),
        });
        domain.running = None;
        domain.proof = None;
    }

    /// The lifetime of a validation that is made on this day.
    fn dcv_lifetime(&self, now: Timestamp) -> SignedDuration {
        let switches = &self.settings.switches;
        let set = switches.dcv_lifetime.signed();
        if !switches.coming_limits {
            return set;
        }
        let days = if now.as_second() >= FROM_2029 {
            10
        } else if now.as_second() >= FROM_2027 {
            98
        } else {
            198
        };
        set.min(SignedDuration::from_hours(24 * days))
    }

    /// The longest term in days on this day, if the switch `coming_limits` is on.
    pub fn longest_term(&self, kind: Kind) -> u32 {
        let now = self.now().as_second();
        match self.settings.switches.coming_limits && kind == Kind::Ssl {
            false => u32::MAX,
            true if now >= FROM_2029 => 46,
            true if now >= FROM_2027 => 99,
            true => 199,
        }
    }
}

/// 15 March of 2027 and of 2029 (CA/Browser Forum ballot SC-081).
const FROM_2027: i64 = 1_805_068_800;
const FROM_2029: i64 = 1_868_227_200;

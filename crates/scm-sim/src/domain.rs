//! Domains, their delegations, and who has proven to control them.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::http::Refusal;
use super::order::Order;
use super::settings::{DcvMissing, DomainSetting, Kind};
use super::world::{Record, World};

/// A domain as an administrator has entered it; `*.x` is an entry of its own, validated with `x`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Domain {
    pub id: u32,
    pub name: String,
    #[serde(default)]
    pub suspended: bool,
    #[serde(default)]
    pub delegations: Vec<Delegation>,
    /// The last validation that succeeded, whether it still holds or not.
    #[serde(default)]
    pub validation: Option<Validation>,
    /// The validation under way.
    #[serde(default)]
    pub running: Option<Running>,
    /// What proves control, until it has done so.
    #[serde(default)]
    pub proof: Option<Proof>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delegation {
    pub org_id: u32,
    pub cert_types: Vec<String>,
    #[serde(default)]
    pub privileges: Vec<String>,
    /// Waits for an administrator's approval.
    #[serde(default)]
    pub requested: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Validation {
    pub method: Method,
    pub at: Timestamp,
    pub until: Timestamp,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Running {
    pub method: Method,
    pub number: u32,
    pub submitted: Option<Timestamp>,
    pub last_check: Option<Timestamp>,
    pub next_check: Option<Timestamp>,
    pub email: Option<String>,
    /// SCM's DNS connector publishes the record: there is nothing to look for.
    pub by_connector: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Method {
    Email,
    Cname,
    Http,
    Https,
    Txt,
}

/// One secret for all methods: digits for CNAME, HTTP and HTTPS, and a text for TXT.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proof {
    /// 32 hexadecimal digits.
    pub hash: String,
    /// 64 hexadecimal digits.
    pub point: String,
    pub text: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RevocationStatus {
    Validated,
    NotValidated,
    Expired,
}

/// What the CA looks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sought {
    Cname {
        host: String,
        point: String,
    },
    Txt {
        host: String,
        text: String,
    },
    PersistentTxt {
        host: String,
    },
    File {
        host: String,
        path: String,
        lines: Vec<String>,
    },
}

/// A look that is due, and whose it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Look {
    pub of: Asked,
    pub sought: Sought,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asked {
    Domain(u32),
    /// A name of an order with a validation of its own.
    Order(u32, String),
}

impl Method {
    /// As an order's method is spelled.
    pub fn order_word(self) -> &'static str {
        match self {
            Self::Email => "EMAIL",
            Self::Cname => "CNAME",
            Self::Http => "HTTP",
            Self::Https => "HTTPS",
            Self::Txt => "TXT",
        }
    }

    /// As the method of a validation that holds is spelled.
    pub fn word(self) -> &'static str {
        match self {
            Self::Email => "EMAIL",
            Self::Cname => "CNAME_CSR_HASH",
            Self::Http => "HTTP_CSR_HASH",
            Self::Https => "HTTPS_CSR_HASH",
            Self::Txt => "DNSTXT_RANDOM_VALUE",
        }
    }
}

impl Proof {
    pub fn random() -> Result<Self, Refusal> {
        /// Characters that a zone file and JSON must both survive.
        const ALPHABET: &[u8] = b"abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789\"\\`|;";
        let mut random = [0; 80];
        aws_lc_rs::rand::fill(&mut random).map_err(|_| Refusal::internal("no randomness"))?;
        let text = random[48..]
            .iter()
            .map(|byte| char::from(ALPHABET[usize::from(*byte) % ALPHABET.len()]))
            .collect();
        Ok(Self {
            hash: hex::encode(&random[..16]),
            point: hex::encode(&random[16..48]),
            text,
        })
    }

    /// The proof of one order, made from a text of its own.
    pub fn of_order(order: &Order) -> Self {
        let seed = format!("{} {}", order.id, order.renew_id);
        let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA512, seed.as_bytes());
        let digits = hex::encode_upper(digest.as_ref());
        Self {
            hash: digits[..32].to_owned(),
            point: digits[32..96].to_owned(),
            text: digits[96..].to_lowercase(),
        }
    }

    pub fn cname(&self, domain: &str) -> (String, String) {
        let (first, second) = self.point.split_at(32);
        (
            format!("_{}.{domain}.", self.hash),
            format!("{first}.{second}.sectigo.com."),
        )
    }

    pub fn txt(&self, domain: &str) -> (String, String) {
        (format!("_pki-validation.{domain}."), self.text.clone())
    }

    pub fn path(&self) -> String {
        let hash = self.hash.to_uppercase();
        format!("/.well-known/pki-validation/{hash}.txt")
    }

    pub fn lines(&self) -> [String; 2] {
        [self.point.clone(), "sectigo.com".to_owned()]
    }

    pub fn sought(&self, domain: &str, method: Method) -> Option<Sought> {
        Some(match method {
            Method::Email => return None,
            Method::Cname => {
                let (host, point) = self.cname(domain);
                Sought::Cname { host, point }
            }
            Method::Txt => {
                let (host, text) = self.txt(domain);
                Sought::Txt { host, text }
            }
            Method::Http | Method::Https => Sought::File {
                host: domain.to_owned(),
                path: self.path(),
                lines: self.lines().to_vec(),
            },
        })
    }
}

impl Domain {
    /// The name that is validated: without the star.
    pub fn base(&self) -> &str {
        self.name.strip_prefix("*.").unwrap_or(&self.name)
    }

    pub fn covers(&self, name: &str) -> bool {
        let name = name.strip_prefix("*.").unwrap_or(name).to_lowercase();
        let base = self.base();
        name == base
            || name
                .strip_suffix(base)
                .is_some_and(|rest| rest.ends_with('.'))
    }

    pub fn standing(&self, now: Timestamp) -> RevocationStatus {
        match self.validation {
            None => RevocationStatus::NotValidated,
            Some(validation) if validation.until > now => RevocationStatus::Validated,
            Some(_) => RevocationStatus::Expired,
        }
    }

    pub fn serves(&self, org_id: u32) -> bool {
        let mut delegations = self.delegations.iter();
        !self.suspended && delegations.any(|one| one.org_id == org_id && !one.requested)
    }
}

/// The domains by id.
pub type Domains = BTreeMap<u32, Domain>;

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

    /// The entry that a validation of this name runs on: itself, or its wildcard.
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

    /// Enters the scenario's domains that are not there yet.
    pub fn enter_domains(&mut self) {
        for setting in self.settings.domains.clone() {
            if self.domain_by_name(&setting.name).is_none() {
                let domain = self.entered(&setting);
                self.keep_domain(domain);
            }
        }
    }

    /// A domain as a setting describes it; one of that name keeps its id.
    pub fn entered(&mut self, setting: &DomainSetting) -> Domain {
        let id = match self.domain_by_name(&setting.name) {
            Some(known) => known.id,
            None => self.next_id(),
        };
        let now = self.now();
        let orgs = if setting.organisations.is_empty() {
            let every = |org: &super::settings::Organisation| {
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

    /// The domains among these whose control nobody has proven. Refused when one is not this organisation's at all.
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
                .any(|domain| domain.standing(now) == RevocationStatus::Validated);
            let base = nearest.base().to_owned();
            if !proven && !unproven.contains(&base) {
                unproven.push(base);
            }
        }
        Ok(unproven)
    }

    /// Refuses a request for these names, or says that its order must wait for a validation.
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

    /// Lets orders go on that waited for a domain, now that it is proven.
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

    /// What the CA looks for now: of every domain whose next check has come, and of the one that a call is about.
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
                && (asked || entry.standing(now) == RevocationStatus::Expired)
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

    /// Takes in what the CA saw, look by look.
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

    /// Validates a domain from now on for as long as a validation is good.
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

    /// How long a validation of this day is good for.
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

    /// The longest term of this day in days, where the coming limits are followed.
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

/// How an order of its own is validated: as its request says, otherwise with a CNAME record.
pub fn order_method(order: &Order) -> Method {
    match order.dcv.as_ref().and_then(|wish| wish.mode.as_deref()) {
        Some("EMAIL") => Method::Email,
        Some("HTTP") => Method::Http,
        Some("HTTPS") => Method::Https,
        Some("TXT") => Method::Txt,
        _ => Method::Cname,
    }
}

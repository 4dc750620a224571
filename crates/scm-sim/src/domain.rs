//! Domains, their delegations and their validation.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::http::Refusal;
use super::order::Order;
pub use super::settings::Method;

/// A domain that an administrator has created. `*.x` is a separate domain that is validated together with `x`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Domain {
    pub id: u32,
    pub name: String,
    #[serde(default)]
    pub suspended: bool,
    #[serde(default)]
    pub delegations: Vec<Delegation>,
    /// The last successful validation, which may have expired.
    #[serde(default)]
    pub validation: Option<Validation>,
    /// The validation under way.
    #[serde(default)]
    pub running: Option<Running>,
    /// The record or text that proves control, until the validation has succeeded.
    #[serde(default)]
    pub proof: Option<Proof>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delegation {
    pub org_id: u32,
    pub cert_types: Vec<String>,
    #[serde(default)]
    pub privileges: Vec<String>,
    /// The delegation waits for an administrator's approval.
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
    /// SCM's DNS connector publishes the record, so nothing has to be checked.
    pub by_connector: bool,
}

/// One secret for all methods: hexadecimal digits for CNAME, HTTP and HTTPS, and a text for TXT.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proof {
    /// 32 hexadecimal digits.
    pub hash: String,
    /// 64 hexadecimal digits.
    pub point: String,
    pub text: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DcvStatus {
    Validated,
    NotValidated,
    Expired,
}

/// What the CA checks.
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

/// A check that is due, with the domain or order to which it belongs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Look {
    pub of: Asked,
    pub sought: Sought,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asked {
    Domain(u32),
    /// A name of an order that has its own validation.
    Order(u32, String),
}

impl Method {
    /// The spelling of the method of an order.
    pub fn order_word(self) -> &'static str {
        match self {
            Self::Email => "EMAIL",
            Self::Cname => "CNAME",
            Self::Http => "HTTP",
            Self::Https => "HTTPS",
            Self::Txt => "TXT",
        }
    }

    /// The spelling of the method of a present validation.
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
        /// Includes characters that must be escaped in zone files or JSON.
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

    /// The proof of one order, derived from the order's own data.
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
    /// The name that is validated, without the `*.`.
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

    pub fn standing(&self, now: Timestamp) -> DcvStatus {
        match self.validation {
            None => DcvStatus::NotValidated,
            Some(validation) if validation.until > now => DcvStatus::Validated,
            Some(_) => DcvStatus::Expired,
        }
    }

    pub fn serves(&self, org_id: u32) -> bool {
        let mut delegations = self.delegations.iter();
        !self.suspended && delegations.any(|one| one.org_id == org_id && !one.requested)
    }
}

/// The domains by id.
pub type Domains = BTreeMap<u32, Domain>;

/// The validation method of an order: the requested one, or else a CNAME record.
pub fn order_method(order: &Order) -> Method {
    match order.dcv.as_ref().and_then(|wish| wish.mode.as_deref()) {
        Some("EMAIL") => Method::Email,
        Some("HTTP") => Method::Http,
        Some("HTTPS") => Method::Https,
        Some("TXT") => Method::Txt,
        _ => Method::Cname,
    }
}

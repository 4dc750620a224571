//! Looks up a domain in DNS: whether a record is published, which CAs the CAA record allows, and whether DNSSEC is
//! broken.
//!
//! A single name server is asked, as with `dig`. If it answers SERVFAIL, but succeeds with the bit "checking disabled",
//! it could not verify the signatures. We use no stub resolver of a library, because none can set this bit.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use hickory_proto::op::{Message, Query, ResponseCode};
use hickory_proto::rr::{Name, RData, Record, RecordType};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpStream, UdpSocket};
use tokio::time::timeout;

use super::super::CliError;
use svpki_types::api::DcvRecordResponse;

/// The names that mean Sectigo in CAA records (CPS 4.2.4).
const SECTIGO: [&str; 5] = [
    "sectigo.com",
    "trust-provider.com",
    "comodo.com",
    "comodoca.com",
    "usertrust.com",
];
const PATIENCE: Duration = Duration::from_secs(3);
const ATTEMPTS: u32 = 2;

pub struct Resolver {
    server: SocketAddr,
}

/// The state of a record in DNS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    Stands,
    Missing,
    /// There is another record, with this value.
    Other(String),
    Unknown(String),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Caa {
    Allowed,
    /// The name that has the CAA record, and the CAs that it allows.
    Forbidden(String, String),
    Unknown,
}

/// What CAA says about a domain's names and about its wildcards.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaaOf {
    pub names: Caa,
    pub wildcards: Caa,
}

impl CaaOf {
    fn both(caa: Caa) -> Self {
        Self {
            names: caa.clone(),
            wildcards: caa,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dnssec {
    /// The server answers. Whether the domain is signed is not checked.
    Ok,
    Broken,
    Unknown,
}

impl Found {
    pub fn word(&self) -> &'static str {
        match self {
            Self::Stands => "stands",
            Self::Missing => "missing",
            Self::Other(_) => "other",
            Self::Unknown(_) => "unknown",
        }
    }
}

impl Caa {
    pub fn word(&self) -> &'static str {
        match self {
            Self::Allowed => "allowed",
            Self::Forbidden(..) => "forbidden",
            Self::Unknown => "unknown",
        }
    }
}

impl Dnssec {
    pub fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Broken => "broken",
            Self::Unknown => "unknown",
        }
    }
}

/// An address with or without a port.
pub fn server(text: &str) -> Result<SocketAddr, String> {
    let with_port = text.parse::<SocketAddr>();
    let alone = || text.parse::<IpAddr>().map(|ip| SocketAddr::new(ip, 53));
    with_port.or_else(|_| alone()).map_err(|_| {
        format!("{text:?} is no IP address: give one such as 1.1.1.1 or 127.0.0.1:5353")
    })
}

impl Resolver {
    /// Uses the given server, or the first one in /etc/resolv.conf.
    pub fn new(given: Option<SocketAddr>) -> Result<Self, CliError> {
        if let Some(server) = given {
            return Ok(Self { server });
        }
        let text = std::fs::read_to_string("/etc/resolv.conf").unwrap_or_default();
        let first = text.lines().find_map(|line| {
            let mut words = line.split_ascii_whitespace();
            let keyword = words.next()?;
            let address = words.next().filter(|_| keyword == "nameserver")?;
            address.parse::<IpAddr>().ok()
        });
        match first {
            Some(ip) => Ok(Self {
                server: SocketAddr::new(ip, 53),
            }),
            None => Err(CliError::failed("/etc/resolv.conf names no name server")
                .hinted("give one: --resolver 1.1.1.1")),
        }
    }

    pub async fn record(&self, record: &DcvRecordResponse) -> Found {
        let kind = match record.kind.as_str() {
            "TXT" => RecordType::TXT,
            _ => RecordType::CNAME,
        };
        let answer = match self.ask(&record.name, kind, false).await {
            Ok(answer) => answer,
            Err(why) => return Found::Unknown(why),
        };
        match answer.metadata.response_code {
            ResponseCode::NoError | ResponseCode::NXDomain => {}
            code => return Found::Unknown(format!("{} answers {code}", self.server)),
        }
        let values: Vec<String> = answer
            .answers
            .iter()
            .filter_map(|one| match &one.data {
                RData::CNAME(name) if kind == RecordType::CNAME => Some(name.0.to_ascii()),
                RData::TXT(txt) if kind == RecordType::TXT => {
                    Some(String::from_utf8_lossy(&txt.txt_data.concat()).into_owned())
                }
                _ => None,
            })
            .collect();
        let same = |value: &String| match kind {
            RecordType::TXT => *value == record.value,
            _ => folded(value) == folded(&record.value),
        };
        if values.iter().any(same) {
            Found::Stands
        } else if let Some(other) = values.into_iter().next() {
            Found::Other(other)
        } else {
            Found::Missing
        }
    }

    /// The nearest CAA record set, from the domain upwards, decides, whatever it contains (RFC 8659, section 3).
    pub async fn caa(&self, domain: &str) -> CaaOf {
        let mut name = domain;
        loop {
            let Ok(answer) = self.ask(name, RecordType::CAA, false).await else {
                return CaaOf::both(Caa::Unknown);
            };
            match answer.metadata.response_code {
                ResponseCode::NoError | ResponseCode::NXDomain => {}
                _ => return CaaOf::both(Caa::Unknown),
            }
            let properties: Vec<Property> =
                answer.answers.iter().filter_map(Property::of).collect();
            if !properties.is_empty() {
                return judged(name, &properties);
            }
            match name.split_once('.') {
                Some((_, parent)) => name = parent,
                None => return CaaOf::both(Caa::Allowed),
            }
        }
    }

    pub async fn dnssec(&self, domain: &str) -> Dnssec {
        let code = async |unchecked| {
            let answer = self.ask(domain, RecordType::SOA, unchecked).await.ok()?;
            Some(answer.metadata.response_code)
        };
        match code(false).await {
            Some(ResponseCode::ServFail) => match code(true).await {
                Some(ResponseCode::NoError | ResponseCode::NXDomain) => Dnssec::Broken,
                _ => Dnssec::Unknown,
            },
            Some(_) => Dnssec::Ok,
            None => Dnssec::Unknown,
        }
    }

    async fn ask(&self, name: &str, kind: RecordType, unchecked: bool) -> Result<Message, String> {
        let mut name = Name::from_ascii(name).map_err(|error| error.to_string())?;
        name.set_fqdn(true);
        let mut query = Message::query();
        query.metadata.recursion_desired = true;
        query.metadata.checking_disabled = unchecked;
        query.add_query(Query::query(name, kind));
        let bytes = query.to_vec().map_err(|error| error.to_string())?;
        let mut why = String::new();
        for _ in 0..ATTEMPTS {
            match timeout(PATIENCE, self.exchange(&bytes)).await {
                Ok(Ok(answer)) if answer.metadata.id == query.metadata.id => return Ok(answer),
                Ok(Ok(_)) => why = "an answer to another question came".to_owned(),
                Ok(Err(error)) => why = error.to_string(),
                Err(_) => why = "no answer came".to_owned(),
            }
        }
        Err(format!("name server {}: {why}", self.server))
    }

    /// Asks by UDP, and again by TCP when the answer is truncated.
    async fn exchange(&self, query: &[u8]) -> std::io::Result<Message> {
        let local = match self.server {
            SocketAddr::V4(_) => "0.0.0.0:0",
            SocketAddr::V6(_) => "[::]:0",
        };
        let socket = UdpSocket::bind(local).await?;
        socket.connect(self.server).await?;
        socket.send(query).await?;
        let mut buffer = vec![0; 4096];
        let length = socket.recv(&mut buffer).await?;
        let answer = Message::from_vec(&buffer[..length]).map_err(std::io::Error::other)?;
        if !answer.metadata.truncation {
            return Ok(answer);
        }
        let mut stream = TcpStream::connect(self.server).await?;
        stream
            .write_u16(u16::try_from(query.len()).unwrap_or(u16::MAX))
            .await?;
        stream.write_all(query).await?;
        let length = stream.read_u16().await?;
        let mut buffer = vec![0; usize::from(length)];
        stream.read_exact(&mut buffer).await?;
        Message::from_vec(&buffer).map_err(std::io::Error::other)
    }
}

/// A property of a CAA record.
struct Property {
    /// In lower case.
    tag: String,
    value: String,
    is_critical: bool,
}

impl Property {
    fn of(record: &Record) -> Option<Self> {
        let RData::CAA(caa) = &record.data else {
            return None;
        };
        Some(Self {
            tag: caa.tag.to_ascii_lowercase(),
            value: String::from_utf8_lossy(&caa.value).into_owned(),
            is_critical: caa.issuer_critical,
        })
    }

    /// The value without parameters, in lower case.
    fn issuer(&self) -> String {
        let issuer = self.value.split(';').next().unwrap_or_default();
        issuer.trim().to_lowercase()
    }
}

/// The properties that a CA knows (RFC 8659, and `issuemail` of RFC 9495). Any other critical property forbids issuing.
const KNOWN: [&str; 4] = ["issue", "issuewild", "issuemail", "iodef"];

/// What the record set at this name allows.
fn judged(name: &str, properties: &[Property]) -> CaaOf {
    let strange = properties
        .iter()
        .any(|one| one.is_critical && !KNOWN.contains(&one.tag.as_str()));
    if strange {
        return CaaOf::both(Caa::Forbidden(name.to_owned(), String::new()));
    }
    let issuers = |tag: &str| -> Vec<String> {
        let of_tag = properties.iter().filter(|one| one.tag == tag);
        of_tag.map(Property::issuer).collect()
    };
    let (issue, wild) = (issuers("issue"), issuers("issuewild"));
    CaaOf {
        names: allowed(name, &issue),
        // For wildcards, `issuewild` replaces `issue` if there is one.
        wildcards: allowed(name, if wild.is_empty() { &issue } else { &wild }),
    }
}

/// Whether these issuers allow Sectigo. An empty list allows every CA.
fn allowed(name: &str, issuers: &[String]) -> Caa {
    let is_sectigo = |issuer: &String| SECTIGO.contains(&issuer.as_str());
    if issuers.is_empty() || issuers.iter().any(is_sectigo) {
        return Caa::Allowed;
    }
    let named: Vec<&str> = issuers
        .iter()
        .map(String::as_str)
        .filter(|name| !name.is_empty())
        .collect();
    Caa::Forbidden(name.to_owned(), named.join(", "))
}

fn folded(name: &str) -> String {
    name.trim_end_matches('.').to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(records: &[(&str, &str)]) -> (&'static str, &'static str) {
        let properties: Vec<Property> = records
            .iter()
            .map(|(tag, value)| Property {
                tag: tag.trim_end_matches('!').to_owned(),
                value: (*value).to_owned(),
                is_critical: tag.ends_with('!'),
            })
            .collect();
        let of = judged("example.com", &properties);
        (of.names.word(), of.wildcards.word())
    }

    /// RFC 8659, sections 4.2 and 4.3, with their examples.
    #[test]
    fn caa_is_judged_for_names_and_for_wildcards() {
        let (yes, no) = ("allowed", "forbidden");
        for (records, expected) in [
            (&[("iodef", "mailto:a@example.com")][..], (yes, yes)),
            (&[("issue", "sectigo.com; policy=ev")], (yes, yes)),
            (&[("issue", ";")], (no, no)),
            (&[("issue", "letsencrypt.org")], (no, no)),
            (&[("issue", "Sectigo.com"), ("issuewild", ";")], (yes, no)),
            (
                &[("issue", "letsencrypt.org"), ("issuewild", "sectigo.com")],
                (no, yes),
            ),
            (&[("issuewild", "letsencrypt.org")], (yes, no)),
            (&[("issuemail", ";")], (yes, yes)),
            (&[("issue!", "sectigo.com")], (yes, yes)),
            (&[("issue", "sectigo.com"), ("tbs!", "unknown")], (no, no)),
        ] {
            assert_eq!(said(records), expected, "{records:?}");
        }
    }
}

//! Shows orders and certificates in answers.

use aws_lc_rs::digest;
use serde_json::{Map, Value, json};
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::{GeneralName, ParsedExtension};
use x509_parser::objects::{oid_registry, oid2abbrev};
use x509_parser::prelude::FromDer as _;
use x509_parser::x509::X509Name;

use super::dates;
use crate::ca::{Csr, KeyType};
use crate::order::{Issued, Order, State};
use crate::settings::{Absent, DateStyle, Kind, Profile, SerialStyle};
use crate::world::World;

/// An object without empty members, which SCM leaves out.
#[derive(Default)]
pub struct Object {
    members: Map<String, Value>,
    absent: Absent,
}

impl Object {
    pub fn showing(absent: Absent) -> Self {
        Self {
            absent,
            ..Self::default()
        }
    }

    /// A text. If there is none, it is shown as the switch says.
    pub fn with_text(mut self, name: &str, text: Option<String>) -> Self {
        let value = match (text, self.absent) {
            (Some(text), _) => text.into(),
            (None, Absent::Omitted) => return self,
            (None, Absent::Null) => Value::Null,
            (None, Absent::Empty) => "".into(),
        };
        self.members.insert(name.to_owned(), value);
        self
    }

    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        let value = value.into();
        let says_nothing = match &value {
            Value::Null => true,
            Value::Array(items) => items.is_empty(),
            Value::Object(members) => members.is_empty(),
            _ => false,
        };
        if !says_nothing {
            self.members.insert(name.to_owned(), value);
        }
        self
    }

    pub fn value(self) -> Value {
        Value::Object(self.members)
    }
}

pub fn profile(profile: &Profile, longest: u32) -> Value {
    Object::default()
        .with("id", profile.id)
        .with("name", profile.name.clone())
        .with("description", profile.description.clone())
        .with("terms", profile.terms_within(longest))
        .with("keyTypes", json!(profile.key_types))
        .with("useSecondaryOrgName", false)
        .value()
}

/// The status of an SSL certificate.
pub fn status(world: &World, order: &Order) -> String {
    if let Some(shown) = scripted_word(order) {
        return shown;
    }
    if order.expired(world.now()) {
        return "Expired".to_owned();
    }
    match order.state {
        State::Requested => "Requested",
        State::Applied => "Applied",
        State::Issued => "Issued",
        State::Declined => "Declined",
        State::Rejected => "Rejected",
        State::Invalid => "Invalid",
        State::Replaced => "Replaced",
        State::Revoked => "Revoked",
    }
    .to_owned()
}

/// The status that the scenario sets for an order that is still open.
fn scripted_word(order: &Order) -> Option<String> {
    let open = matches!(order.state, State::Requested | State::Applied);
    order.course.show_status.clone().filter(|_| open)
}

/// The state of a client certificate.
pub fn client_state(world: &World, order: &Order) -> String {
    if let Some(shown) = scripted_word(order) {
        return shown;
    }
    if order.expired(world.now()) {
        return "expired".to_owned();
    }
    match order.state {
        State::Requested | State::Applied => "requested",
        State::Issued => "issued",
        State::Declined | State::Rejected | State::Invalid => "rejected",
        State::Replaced | State::Revoked => "revoked",
    }
    .to_owned()
}

pub fn details(world: &World, order: &Order, style: DateStyle) -> Value {
    let date = |at: Option<jiff::Timestamp>| at.map(|at| dates::written(at, style));
    let account_id = |login: &str| {
        let mut accounts = world.settings.accounts.iter();
        accounts.position(|account| account.login == login)
    };
    let profile_settings = world.settings.profile(order.kind, order.profile);
    let status = match order.kind {
        Kind::Ssl => status(world, order),
        Kind::Client => client_state(world, order),
    };
    let reason_code = order.reason_code.map(|code| {
        if world.settings.switches.reason_code_as_text {
            Value::from(code.to_string())
        } else {
            Value::from(code)
        }
    });
    let custom_fields: Vec<Value> = order
        .custom_fields
        .iter()
        .map(|field| json!({ "name": field.name, "value": field.value }))
        .collect();
    let issued = order.certificate.as_ref();
    let common = Object::showing(world.settings.switches.absent)
        .with("commonName", order.common_name.clone())
        .with("id", order.id)
        .with("orgId", order.org_id)
        .with("status", status)
        .with("backendCertId", order.backend_id().to_string())
        .with(
            "certType",
            profile_settings.map(|settings| profile(settings, u32::MAX)),
        )
        .with("term", order.term)
        .with("requested", date(Some(order.requested)))
        .with_text("issued", date(order.dates.issued))
        .with_text("expires", date(issued.map(|issued| issued.not_after)))
        .with_text("revoked", date(order.dates.revoked))
        .with("reasonCode", reason_code)
        .with_text("serialNumber", issued.map(|issued| serial(world, issued)))
        .with_text("comments", order.comments.clone())
        .with("customFields", custom_fields)
        .with("suspendNotifications", order.suspend_notifications);
    let kind_specific = match order.kind {
        Kind::Ssl => common
            .with("sslId", order.id)
            .with("orderNumber", order.backend_id())
            .with("vendor", "Sectigo")
            .with("owner", order.requester.clone())
            .with(
                "ownerId",
                account_id(&order.requester).map(|index| index + 1),
            )
            .with("requester", order.requester.clone())
            .with(
                "requesterId",
                account_id(&order.requester).map(|index| index + 1),
            )
            .with("requestedVia", REQUESTED_VIA)
            .with_text("externalRequester", order.external_requester.clone())
            .with_text("approved", date(order.dates.approved))
            .with_text("declined", date(order.dates.declined))
            .with_text("replaced", date(order.dates.replaced))
            .with("renewed", order.renewed)
            .with_text("renewedDate", date(order.dates.renewed))
            .with("subjectAlternativeNames", other_names(order))
            .with("autoInstallDetails", json!({ "state": NOT_SCHEDULED }))
            .with("autoRenewDetails", auto_renew(order)),
        Kind::Client => common
            .with("requestedVia", "API Enroll")
            .with("subjectAlternativeNames", order.names.clone()),
    };
    let key = key_of(order);
    let with_key = with_key(kind_specific, key, order.kind);
    match issued {
        Some(issued) => with_certificate(with_key, issued),
        None => with_key,
    }
    .value()
}

/// How an SSL order was requested, in answers; filters also accept a constant for it.
pub const REQUESTED_VIA: &str = "Web API";
/// Neither SCM nor one of its agents installs or renews anything here.
pub const NOT_SCHEDULED: &str = "NOT_SCHEDULED";
pub const SIGNATURE_ALGORITHM: &str = "SHA256withECDSA";

fn auto_renew(order: &Order) -> Value {
    let wanted = order.auto_renew.as_ref();
    Object::default()
        .with(
            "state",
            wanted.map_or(NOT_SCHEDULED, |wanted| &wanted.state),
        )
        .with(
            "daysBeforeExpiration",
            wanted.and_then(|wanted| wanted.days_before_expiration),
        )
        .value()
}

/// The key of the certificate, or of the CSR if there is no certificate.
pub fn key_of(order: &Order) -> Option<KeyType> {
    match &order.certificate {
        Some(issued) => {
            let (_, certificate) = X509Certificate::from_der(&issued.der).ok()?;
            KeyType::of(certificate.public_key().raw)
        }
        None => Csr::from_der(order.csr.clone()).ok().map(|csr| csr.key),
    }
}

/// The names except the common name, as the list shows them.
pub fn other_names(order: &Order) -> Vec<String> {
    order
        .names
        .iter()
        .filter(|name| **name != order.common_name)
        .cloned()
        .collect()
}

/// Pairs of upper-case hexadecimal digits with colons, or only digits.
pub fn serial(world: &World, issued: &Issued) -> String {
    let digits = issued.serial.to_uppercase();
    if world.settings.switches.serials == SerialStyle::Plain {
        return digits.trim_start_matches('0').to_owned();
    }
    let digits: Vec<char> = digits.chars().collect();
    let pairs: Vec<String> = digits.chunks(2).map(|pair| pair.iter().collect()).collect();
    pairs.join(":")
}

pub fn sha1(issued: &Issued) -> String {
    let hash = digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, &issued.der);
    hex::encode_upper(hash)
}

pub fn sha256(issued: &Issued) -> String {
    hex::encode_upper(digest::digest(&digest::SHA256, &issued.der))
}

/// The member `certificateDetails`.
pub fn certificate_details(issued: &Issued) -> Value {
    let Ok((_, certificate)) = X509Certificate::from_der(&issued.der) else {
        return Value::Null;
    };
    Object::default()
        .with("issuer", rfc2253(certificate.issuer()))
        .with("subject", rfc2253(certificate.subject()))
        .with("subjectAltNames", shown_names(&certificate))
        .with("sha1Hash", sha1(issued))
        .with("sha256Hash", sha256(issued))
        .value()
}

fn with_key(object: Object, key: Option<KeyType>, kind: Kind) -> Object {
    let Some(key) = key else {
        return object;
    };
    let shown = object.with("keyType", format!("{} - {}", key.algorithm, key.size));
    match kind {
        Kind::Client => shown,
        Kind::Ssl => shown
            .with("keyAlgorithm", key.algorithm)
            .with("keySize", key.size.parse::<u32>().unwrap_or(0)),
    }
}

fn with_certificate(object: Object, issued: &Issued) -> Object {
    let (key_usages, extended) = usages(issued);
    object
        .with("signatureAlg", SIGNATURE_ALGORITHM)
        .with("certificateDetails", certificate_details(issued))
        .with("keyUsages", key_usages)
        .with("extendedKeyUsages", extended)
}

/// Key usages in words, and extended key usages as object identifiers.
pub fn usages(issued: &Issued) -> (Vec<String>, Vec<String>) {
    let Ok((_, certificate)) = X509Certificate::from_der(&issued.der) else {
        return Default::default();
    };
    let key_usages = certificate
        .key_usage()
        .ok()
        .flatten()
        .map(|usage| usage.value.to_string())
        .iter()
        .flat_map(|usages| usages.split(", ").map(str::to_owned).collect::<Vec<_>>())
        .collect();
    let extended = certificate
        .extended_key_usage()
        .ok()
        .flatten()
        .map(|usage| {
            let usage = usage.value;
            [
                (usage.server_auth, "1.3.6.1.5.5.7.3.1"),
                (usage.client_auth, "1.3.6.1.5.5.7.3.2"),
                (usage.email_protection, "1.3.6.1.5.5.7.3.4"),
            ]
            .into_iter()
            .filter(|(present, _)| *present)
            .map(|(_, oid)| oid.to_owned())
            .collect()
        })
        .unwrap_or_default();
    (key_usages, extended)
}

/// The name with its most specific part first, and without spaces between the parts.
fn rfc2253(name: &X509Name<'_>) -> String {
    let mut parts: Vec<String> = name
        .iter_rdn()
        .map(|rdn| {
            let attributes: Vec<String> = rdn
                .iter()
                .map(|attribute| {
                    let oid = attribute.attr_type();
                    let short = oid2abbrev(oid, oid_registry());
                    let label = short.map_or_else(|_| oid.to_id_string(), str::to_owned);
                    let value = attribute.as_str().unwrap_or_default();
                    format!("{label}={}", escaped(value))
                })
                .collect();
            attributes.join("+")
        })
        .collect();
    parts.reverse();
    parts.join(",")
}

fn escaped(value: &str) -> String {
    let last = value.chars().count().saturating_sub(1);
    let mut text = String::with_capacity(value.len());
    for (at, c) in value.chars().enumerate() {
        let special = ",+\"\\<>;".contains(c)
            || (c == '#' && at == 0)
            || (c == ' ' && (at == 0 || at == last));
        if special {
            text.push('\\');
        }
        text.push(c);
    }
    text
}

/// The names in the form `dNSName=a, dNSName=b`.
fn shown_names(certificate: &X509Certificate<'_>) -> Option<String> {
    let names: Vec<String> = certificate
        .extensions()
        .iter()
        .filter_map(|extension| match extension.parsed_extension() {
            ParsedExtension::SubjectAlternativeName(names) => Some(names),
            _ => None,
        })
        .flat_map(|names| &names.general_names)
        .filter_map(|name| match name {
            GeneralName::DNSName(name) => Some(format!("dNSName={name}")),
            GeneralName::RFC822Name(name) => Some(format!("rfc822Name={name}")),
            GeneralName::IPAddress(bytes) => Some(format!("iPAddress={}", address(bytes)?)),
            _ => None,
        })
        .collect();
    (!names.is_empty()).then(|| names.join(", "))
}

fn address(bytes: &[u8]) -> Option<std::net::IpAddr> {
    match bytes.len() {
        4 => Some(<[u8; 4]>::try_from(bytes).ok()?.into()),
        16 => Some(<[u8; 16]>::try_from(bytes).ok()?.into()),
        _ => None,
    }
}

//! Turns a request to a role into the fields of an enrolment. Refuses fields that SCM cannot fulfil, and warns about
//! fields without effect.

use super::config;
use super::fields;
use super::role::{KeyType, Role};
use super::store::CertificateSpec;
use super::{time, validate};
use crate::plugin::error::bad_x509;
use pki::{Csr, San};
use vault_plugin::framework::{Call, Field, Value, Values};
use vault_plugin::logical::Error;

/// The value of RFC 5280 for "no end". Clients send it, and `jiff` cannot represent it.
const WITHOUT_END: &str = "9999-12-31T23:59:59Z";

/// Checks the names and the CSR's key against the role.
pub async fn check(
    role: &Role,
    call: &Call,
    spec: &CertificateSpec,
    csr: Option<&Csr>,
) -> Result<(), Error> {
    let mut names = validate::parse_sans(&spec.sans)?;
    names.push(San::parse(&spec.common_name).map_err(bad_x509)?);
    if let Some(csr) = csr {
        names.extend(csr.sans().iter().cloned());
        role.check_key(csr)?;
    }
    let entity = if role.needs_entity() && !call.request.entity_id.is_empty() {
        call.context.system.entity(&call.request.entity_id).await?
    } else {
        None
    };
    role.check_names(&names, entity.as_ref())
}

/// The request as fields of an enrolment. The config's defaults for these fields do not apply to requests to a role.
pub fn values(role: &Role, asked: &Values, csr: Option<&Csr>) -> Result<Values, Error> {
    let (name, sans) = match csr {
        Some(csr) => {
            let sans: Vec<String> = csr.sans().iter().map(San::to_string).collect();
            (csr.common_name().map(str::to_owned), sans)
        }
        None => {
            let list = |field: &Field| asked.text_list(field).unwrap_or_default();
            let mut sans = list(&fields::ISSUE_ALT_NAMES);
            for ip in list(&fields::ISSUE_IPS) {
                if ip.parse::<std::net::IpAddr>().is_err() {
                    return Err(Error::bad_request(format!(
                        "ip_sans: {ip:?} is no IP address"
                    )));
                }
                sans.push(ip);
            }
            (config::text(asked, &fields::ISSUE_NAME), sans)
        }
    };
    let name = name.or_else(|| sans.first().cloned()).ok_or_else(|| {
        Error::bad_request(match csr {
            Some(_) => "the CSR has neither a common name nor other names",
            None => "common_name is missing: give it, or alt_names",
        })
    })?;
    let mut values = Values::default();
    let mut all = vec![name.clone()];
    all.extend(sans);
    values.insert(&fields::COMMON_NAME, Value::Text(name));
    values.insert(&fields::SSL_ALT_NAMES, Value::TextList(all));
    values.insert(
        &fields::CSR,
        Value::Text(csr.map(Csr::to_pem).unwrap_or_default()),
    );
    if let (KeyType::Only(spec), None) = (role.key_type, csr) {
        values.insert(&fields::KEY_ALGO, Value::Text(spec.algorithm().to_owned()));
        values.insert(&fields::KEY_SIZE, Value::Text(spec.size().to_owned()));
    }
    if let Some(id) = role.profile_id {
        values.insert(&fields::PROFILE_ID, Value::Integer(id));
    }
    if let Some(auto_renew) = role.auto_renew {
        values.insert(&fields::AUTO_RENEW, Value::Boolean(auto_renew));
    }
    Ok(values)
}

/// Refuses fields that SCM cannot put into a certificate, and warns about fields without effect, which many clients
/// always send.
pub fn without_effect(asked: &Values) -> Result<Vec<String>, Error> {
    for field in [
        &fields::ISSUE_URIS,
        &fields::ISSUE_OTHERS,
        &fields::ISSUE_USER_IDS,
    ] {
        if !asked.text_list(field).unwrap_or_default().is_empty() {
            return Err(Error::bad_request(format!(
                "{}: {}",
                field.name, field.description
            )));
        }
    }
    let text = |field: &Field| config::text(asked, field);
    if text(&fields::ISSUE_SERIAL).is_some() {
        let field = &fields::ISSUE_SERIAL;
        return Err(Error::bad_request(format!(
            "{}: {}",
            field.name, field.description
        )));
    }
    let mut warnings = Vec::new();
    if text(&fields::ISSUE_ISSUER).is_some_and(|issuer| issuer != "default") {
        warnings.push("issuer_ref is not used: the profile decides which CA issues".into());
    }
    let named = text(&fields::ISSUE_NAME);
    let others = asked
        .text_list(&fields::ISSUE_ALT_NAMES)
        .unwrap_or_default();
    if asked.boolean(&fields::ISSUE_EXCLUDE_CN) == Some(true)
        && named.is_some_and(|name| !others.contains(&name))
    {
        warnings.push(
            "exclude_cn_from_sans is not used: a public CA puts the common name among the names"
                .into(),
        );
    }
    for field in [
        &fields::ISSUE_METADATA,
        &fields::ISSUE_NOT_BEFORE,
        &fields::PKCS12_ENCODER,
        &fields::JKS_ALIAS,
    ] {
        if asked.has(field) && text(field).is_some() {
            warnings.push(format!("{} is not used: {}", field.name, field.description));
        }
    }
    Ok(warnings)
}

/// A warning about names that are not in the CSR: as in the PKI engine, only the names of the CSR are ordered.
pub fn names_beside(csr: &Csr, asked: &Values) -> Option<String> {
    let mut named: Vec<String> = config::text(asked, &fields::ISSUE_NAME)
        .into_iter()
        .collect();
    for field in [&fields::ISSUE_ALT_NAMES, &fields::ISSUE_IPS] {
        named.extend(asked.text_list(field).unwrap_or_default());
    }
    let in_csr = |name: &String| {
        let name = name.to_ascii_lowercase();
        csr.sans().iter().any(|san| san.to_string() == name)
            || csr
                .common_name()
                .is_some_and(|own| own.eq_ignore_ascii_case(&name))
    };
    named.retain(|name| !in_csr(name));
    (!named.is_empty()).then(|| format!("not in the CSR, and so not ordered: {}", named.join(", ")))
}

/// The requested validity in seconds, and a warning if the role allows less.
pub fn ttl(role: &Role, asked: &Values) -> Result<(Option<u64>, Option<String>), Error> {
    let mut ttl = asked.seconds(&fields::ISSUE_TTL).filter(|ttl| *ttl > 0);
    if let Some(end) = config::text(asked, &fields::ISSUE_NOT_AFTER) {
        let end = match end.parse() {
            Ok(end) => end,
            Err(_) if end == WITHOUT_END => jiff::Timestamp::MAX,
            Err(_) => {
                return Err(Error::bad_request(format!(
                    "not_after {end:?} is no time such as 2027-01-31T12:00:00Z"
                )));
            }
        };
        if ttl.is_some() {
            return Err(Error::bad_request(
                "ttl and not_after are both given: give one",
            ));
        }
        let left = u64::try_from(end.as_second() - time::now()).unwrap_or_default();
        if left == 0 {
            return Err(Error::bad_request("not_after is in the past"));
        }
        ttl = Some(left);
    }
    let mut warning = None;
    if let (Some(given), Some(most)) = (ttl, role.max_ttl)
        && given > most
    {
        warning = Some(format!(
            "a ttl of {given} seconds is above the role's max_ttl of {most}, which is used instead"
        ));
        ttl = Some(most);
    }
    Ok((ttl.or(role.ttl).or(role.max_ttl), warning))
}

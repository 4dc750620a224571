//! Order ids, and the digests by which a repeated request is recognised.
//!
//! A request is repeated for three reasons: the caller repeats it with an idempotency key; the server repeats it under
//! the same request id, when the plugin dies while handling it; or the caller never got the answer and tries again, as
//! Vault's client library does after a 5xx and people do after a timeout.

use std::collections::{BTreeMap, BTreeSet};

use aws_lc_rs::digest;
use serde_json::Value as Json;

use super::super::store::CertKind;
use super::super::{fields, random};
use pki::{San, domain_name, email_address};

use svpki_types::{OrderId, RoleName};
use vault_plugin::framework::{Call, Field, Values};
use vault_plugin::logical::{CallerHandle, Error, Request};

/// Enough random bytes that no two orders get the same id.
const ID_BYTES: usize = 12;

#[derive(Debug, Clone)]
pub struct RequestIdentity {
    pub(super) order: OrderId,
    pub(super) key: Option<Idempotency>,
    /// Digest of a request without an idempotency key, and of its caller.
    pub(super) fingerprint: Option<String>,
    /// The role through which the request came, and the digests by which later requests for the same names find the
    /// order.
    pub role: Option<RoleName>,
    pub reuse: Vec<String>,
    pub(super) caller: CallerHandle,
}

/// An idempotency key with the digests of the fields of its request.
#[derive(Debug, Clone)]
pub(super) struct Idempotency {
    pub hash: String,
    /// Digests of the normalised values, by the field names that the caller used. These are stored.
    pub fields: BTreeMap<String, String>,
    /// Digests of the values exactly as the caller wrote them, as in records of older versions. They recognise a
    /// caller that repeats the same text; with such a record, any other spelling of a value is refused.
    plain: BTreeMap<String, String>,
}

impl Idempotency {
    /// The fields in which this request differs from a stored one, named as this caller named them.
    pub(super) fn differing<'a>(
        &'a self,
        stored: &'a BTreeMap<String, String>,
    ) -> BTreeSet<&'a str> {
        let others = stored
            .keys()
            .filter(|name| !self.fields.keys().any(|asked| says_the_same(asked, name)));
        let asked = self.fields.iter().filter(|(name, digest)| {
            let mut known = stored
                .iter()
                .filter(|(other, _)| says_the_same(name, other))
                .map(|(_, known)| known)
                .peekable();
            known.peek().is_none()
                || known.any(|known| known != *digest && Some(known) != self.plain.get(*name))
        });
        others
            .chain(asked.map(|(name, _)| name))
            .map(String::as_str)
            .collect()
    }
}

impl RequestIdentity {
    /// The identity of a request. `step` tells enroll, renew and replace apart.
    pub fn of(step: &str, kind: CertKind, call: &Call) -> Result<Self, Error> {
        let fields = digests(step, &call.fields, |name, value| folded(name, value, kind));
        let key = call
            .fields
            .text(&fields::IDEMPOTENCY_KEY)
            .filter(|key| !key.is_empty());
        if key.as_ref().is_some_and(|key| key.len() > 500) {
            return Err(Error::bad_request(
                "idempotency_key is longer than 500 bytes",
            ));
        }
        // A request with an idempotency key is recognised by the key alone, so its order id is random.
        let order = if key.is_some() || call.request.id.is_empty() {
            random::hex(ID_BYTES)?
        } else {
            sha256(&call.request.id)[..2 * ID_BYTES].to_owned()
        };
        let fingerprint = match key {
            Some(_) => None,
            None => caller(&call.request).map(|caller| sha256(&format!("{caller} {fields:?}"))),
        };
        Ok(Self {
            order: order_id(&order)?,
            key: key.map(|key| Idempotency {
                hash: sha256(&key),
                fields,
                plain: digests(step, &call.fields, |_, value| value),
            }),
            fingerprint,
            role: None,
            reuse: Vec::new(),
            caller: call.request.caller.clone(),
        })
    }

    /// The identity of an order that no request asked for.
    pub fn internal() -> Result<Self, Error> {
        Ok(Self {
            order: order_id(&random::hex(ID_BYTES)?)?,
            key: None,
            fingerprint: None,
            role: None,
            reuse: Vec::new(),
            caller: CallerHandle::default(),
        })
    }

    /// The identity of an order that is found again only by these digests.
    pub fn reusable(
        role: Option<RoleName>,
        reuse: Vec<String>,
        request: &Request,
    ) -> Result<Self, Error> {
        // One request may place several orders, so the request id alone would not be unique.
        let id = format!("{} {}", random::hex(ID_BYTES)?, request.id);
        Ok(Self {
            order: order_id(&sha256(&id)[..2 * ID_BYTES])?,
            key: None,
            fingerprint: None,
            role,
            reuse,
            caller: request.caller.clone(),
        })
    }
}

/// Digest of the caller; `None` if the server names neither an entity nor a token.
pub fn requester(request: &Request) -> Option<String> {
    caller(request).map(sha256)
}

/// The entity of a request, which stays the same after a new login, or else its token. Batch tokens have no accessor.
pub fn caller(request: &Request) -> Option<&str> {
    [
        &request.entity_id,
        &request.client_token_accessor,
        &request.client_token_hash,
    ]
    .into_iter()
    .map(String::as_str)
    .find(|name| !name.is_empty() && !request.unauthenticated)
}

/// A digest of each field. Fields that say how long the caller waits, or in which form it wants the answer, are left
/// out: they do not make it another order.
fn digests(
    step: &str,
    request: &Values,
    read: impl Fn(&str, Json) -> Json,
) -> BTreeMap<String, String> {
    let passing = [
        &fields::IDEMPOTENCY_KEY,
        &fields::MAX_TIMEOUT,
        &fields::LOOP_PERIOD,
        &fields::FORMAT,
        &fields::FORMAT_TYPE,
        &fields::FORMAT_PASSWORD,
        &fields::INCLUDE_ROOT,
    ];
    let mut digests = BTreeMap::from([("(path)".to_owned(), sha256(step))]);
    for (name, value) in request.given() {
        if !passing.iter().any(|field| field.name == name) {
            let value = read(name, value.to_json());
            digests.insert(name.to_owned(), sha256(&value.to_string()));
        }
    }
    digests
}

/// Whether both names belong to the same field, or to fields with the same meaning.
fn says_the_same(one: &str, other: &str) -> bool {
    let among = |spellings: &[Field], name| spellings.iter().any(|field| field.name == name);
    one == other
        || [fields::PROFILE_SPELLINGS, fields::TERM_SPELLINGS]
            .iter()
            .any(|spellings| among(spellings, one) && among(spellings, other))
}

/// Normalises the spelling of a value, as an order does. A value that cannot be read stays as it is; it is refused
/// elsewhere.
fn folded(name: &str, value: Json, kind: CertKind) -> Json {
    match value {
        Json::String(text) => Json::String(folded_text(name, text.trim(), kind)),
        Json::Array(items) => items
            .into_iter()
            .map(|item| folded(name, item, kind))
            .collect(),
        other => other,
    }
}

fn folded_text(name: &str, text: &str, kind: CertKind) -> String {
    let is = |any: &[&Field]| any.iter().any(|field| field.name == name);
    let read = if is(&[&fields::SSL_ALT_NAMES]) {
        San::parse(text).map(|san| san.to_string())
    } else if is(&[&fields::CLIENT_EMAIL, &fields::CLIENT_SECONDARY_EMAILS]) {
        email_address(text)
    } else if is(&[&fields::COMMON_NAME, &fields::REPLACE_COMMON_NAME]) && kind == CertKind::Ssl {
        domain_name(text)
    } else if is(&[&fields::KEY_ALGO, &fields::KEY_SIZE]) {
        Ok(text.to_ascii_uppercase())
    } else {
        return text.to_owned();
    };
    read.unwrap_or_else(|_| text.to_owned())
}

fn order_id(text: &str) -> Result<OrderId, Error> {
    text.parse()
        .map_err(|_| Error::internal("an order id is no id"))
}

pub fn sha256(text: &str) -> String {
    hex::encode(digest::digest(&digest::SHA256, text.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn asked(body: Json) -> Idempotency {
        let declared = [
            &fields::COMMON_NAME,
            &fields::KEY_ALGO,
            &fields::PROFILE_ID,
            &fields::SSL_TYPE,
        ];
        let data = body.as_object().unwrap();
        let (values, _) = Values::parse(data, &declared, &[]).unwrap();
        Idempotency {
            hash: String::new(),
            fields: digests("enroll", &values, |name, value| {
                folded(name, value, CertKind::Ssl)
            }),
            plain: digests("enroll", &values, |_, value| value),
        }
    }

    #[test]
    fn a_record_of_an_older_version_knows_the_same_text() {
        let body = json!({"common_name": "WWW.example.com", "key_type": "ec", "profile_id": 51});
        let old = asked(body.clone()).plain;
        assert!(asked(body).differing(&old).is_empty());
        let other = json!({"common_name": "WWW.example.com", "key_type": "EC", "profile_id": 51});
        let named = Vec::from_iter(asked(other).differing(&old).into_iter().map(str::to_owned));
        assert_eq!(named, ["sectigo_csr_key_algo"]);
    }

    #[test]
    fn what_differs_is_named_as_the_caller_did() {
        let stored = asked(json!({"common_name": "a.example.com", "profile_id": 51})).fields;
        for (body, names) in [
            (
                json!({"common_name": "A.example.com", "sectigo_ssl_cert_type": 51}),
                vec![],
            ),
            (
                json!({"common_name": "a.example.com", "sectigo_ssl_cert_type": 52}),
                vec!["sectigo_ssl_cert_type"],
            ),
            (json!({"profile_id": 51}), vec!["sectigo_csr_domain"]),
            (
                json!({"common_name": "a.example.com", "profile_id": 51, "key_type": "EC"}),
                vec!["sectigo_csr_key_algo"],
            ),
        ] {
            assert_eq!(Vec::from_iter(asked(body).differing(&stored)), names);
        }
    }
}

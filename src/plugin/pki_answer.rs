//! Answers in the form of Vault's own PKI engine: exactly its members, and `order_id`. Clients of that engine take
//! every PEM text for a certificate or a key, copy every member, and expect one linear chain.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value as Json, json};

use super::error::bad_x509;
use super::fields;
use super::store::CertRecord;
use pki::{Certificate, Chain, Exported, Format, PrivateKey, export};
use svpki_types::Secret;
use vault_plugin::framework::{Field, Values};
use vault_plugin::logical::{Error, Response};

/// The form in which a certificate is answered.
pub struct PkiForm {
    format: PkiFormat,
    pkcs8: bool,
    without_root: bool,
}

enum PkiFormat {
    Pem,
    Der,
    PemBundle,
    Keystore(Format, Secret),
}

impl PkiForm {
    /// Reads and checks the fields before an order is placed, so that an invalid value costs nothing.
    pub fn of(asked: &Values, has_key: bool) -> Result<Self, Error> {
        let text = |field: &Field| super::config::text(asked, field);
        let keystore = |format, field: &Field, name: &str| {
            if !has_key {
                return Err(Error::bad_request(format!(
                    "format {name} needs the private key, and only you have it: take pem"
                )));
            }
            let password = text(field)
                .ok_or_else(|| Error::bad_request(format!("format {name} needs a password")))?;
            Ok(PkiFormat::Keystore(format, Secret::new(password)))
        };
        let format = match text(&fields::ISSUE_FORMAT).as_deref() {
            Some("der") => PkiFormat::Der,
            Some("pem_bundle") => PkiFormat::PemBundle,
            Some(name @ "pkcs12_bundle") => {
                keystore(Format::Pkcs12, &fields::PKCS12_PASSWORD, name)?
            }
            Some(name @ "jks_bundle") => keystore(Format::Jks, &fields::JKS_PASSWORD, name)?,
            _ => PkiFormat::Pem,
        };
        Ok(Self {
            format,
            pkcs8: text(&fields::ISSUE_KEY_FORMAT).as_deref() == Some("pkcs8"),
            without_root: asked.boolean(&fields::ISSUE_NO_ROOT).unwrap_or_default(),
        })
    }
}

/// PEM without a newline at the end, as the PKI engine writes it.
fn trimmed(pem: &str) -> String {
    pem.trim_end().to_owned()
}

/// The answer with this certificate, and with its key for `issue`.
pub fn certificate(
    cert: &CertRecord,
    output: &PkiForm,
    key: Option<&Secret>,
) -> Result<Response, Error> {
    let parse = |pem: &String| {
        Certificate::parse_pem_or_der(pem.as_bytes())
            .map_err(|error| Error::internal(error.to_string()))
    };
    let leaf = parse(&cert.certificate)?;
    let mut chain: Vec<Certificate> = Vec::new();
    for pem in cert.issuers.iter().chain(&cert.root) {
        let certificate = parse(pem)?;
        let is_root = certificate.is_self_signed();
        let left_out = is_root && output.without_root;
        if !left_out && !chain.contains(&certificate) {
            chain.push(certificate);
        }
    }
    let issuer = match chain.first() {
        Some(issuer) => Some(issuer.clone()),
        None => cert.root.as_ref().map(parse).transpose()?,
    };
    let key = key
        .map(|pem| PrivateKey::from_pem(pem.expose()))
        .transpose()
        .map_err(|error| Error::internal(error.to_string()))?;
    let written = |certificate: &Certificate| match output.format {
        PkiFormat::Der => STANDARD.encode(certificate.der()),
        _ => trimmed(&certificate.to_pem()),
    };
    let key_pem = match &key {
        Some(key) if output.pkcs8 => Some(trimmed(key.to_pem().expose())),
        Some(key) => Some(trimmed(key.traditional_pem().map_err(bad_x509)?.expose())),
        None => None,
    };
    let mut data = Map::new();
    let certificate = match &output.format {
        PkiFormat::Pem | PkiFormat::Der => written(&leaf),
        PkiFormat::PemBundle => {
            let certificates = std::iter::once(&leaf).chain(&chain).map(written);
            let parts: Vec<String> = key_pem.iter().cloned().chain(certificates).collect();
            parts.join("\n")
        }
        PkiFormat::Keystore(format, password) => {
            let chain = Chain {
                leaf: leaf.clone(),
                issuers: chain.clone(),
                root: None,
            };
            match export(&chain, key.as_ref(), *format, Some(password.into())).map_err(bad_x509)? {
                Exported::Text(text) => text,
                Exported::Binary(bytes) => STANDARD.encode(bytes),
            }
        }
    };
    data.insert("certificate".into(), certificate.into());
    data.insert(
        "issuing_ca".into(),
        issuer.as_ref().map(written).unwrap_or_default().into(),
    );
    if !chain.is_empty() {
        let chain: Vec<Json> = chain.iter().map(|issuer| written(issuer).into()).collect();
        data.insert("ca_chain".into(), Json::Array(chain));
    }
    data.insert("serial_number".into(), json!(cert.serial));
    data.insert("expiration".into(), json!(cert.not_after));
    if let Some(id) = leaf.authority_key_id() {
        data.insert("authority_key_id".into(), json!(id));
    }
    if let (Some(key), Some(pem)) = (&key, key_pem) {
        let text = match (&output.format, output.pkcs8) {
            (PkiFormat::Der, true) => STANDARD.encode(key.pkcs8_der()),
            (PkiFormat::Der, false) => STANDARD.encode(key.traditional_der().map_err(bad_x509)?),
            _ => pem,
        };
        data.insert("private_key".into(), text.into());
        data.insert("private_key_type".into(), key.kind().into());
    }
    if let Some(order) = &cert.order {
        data.insert("order_id".into(), json!(order));
    }
    Ok(Response {
        data,
        ..Response::default()
    })
}

//! Answers with a certificate, in the format that the caller asked for.

use crate::plugin::error::bad_x509;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::config::Config;
use super::effective_fields::EffectiveFields;
use super::fields;
use super::index::IndexRow;
use super::store::{CertRecord, KeyLocation, OrderRecord, Store};
use super::{domains, time};
use pki::{Certificate, Chain, Exported, Format, Keystore, PrivateKey, export};
use svpki_types::api::{CertificateResponse, NOT_ISSUED_YET, OrderResponse};
use svpki_types::{OrderState, Secret};
use vault_plugin::framework::Values;
use vault_plugin::logical::{Error, Response};

/// The format in which a certificate is answered.
pub struct OutputFormat {
    format: Format,
    /// The name of the format as it was asked for.
    name: String,
    password: Option<Secret>,
    alias: Option<String>,
    include_root: bool,
}

impl OutputFormat {
    /// PEM, whatever the config's default is.
    pub fn plain() -> Self {
        Self {
            format: Format::Pem,
            name: "pem".to_owned(),
            password: None,
            alias: None,
            include_root: false,
        }
    }

    /// Refuses a format that needs the private key when there is none.
    pub fn require_key(&self) -> Result<(), Error> {
        if !self.format.needs_key_and_password() {
            return Ok(());
        }
        Err(Error::bad_request(format!(
            "format {} needs the private key, and there is none here: read it on keys/, or take pem",
            self.name
        )))
    }

    /// Reads and checks the fields before an order is placed, so that an invalid value costs nothing.
    pub fn of(request: &Values, config: &Config) -> Result<Self, Error> {
        let output = Self::parse_format(request, config)?;
        if output.format.needs_key_and_password() && output.password.is_none() {
            return Err(Error::bad_request(format!(
                "format {} needs a password: give it in the field password",
                output.name
            )));
        }
        Ok(output)
    }

    /// The same check for a config's defaults. The password is not required, because each request brings its own.
    pub fn check_default(config: &Config) -> Result<(), Error> {
        Self::parse_format(&Values::default(), config).map(drop)
    }

    fn parse_format(request: &Values, config: &Config) -> Result<Self, Error> {
        let effective = EffectiveFields { request, config };
        let own = request.has(&fields::FORMAT) || request.has(&fields::FORMAT_TYPE);
        let (ours, scms) = if own {
            (
                super::config::text(request, &fields::FORMAT),
                super::config::text(request, &fields::FORMAT_TYPE),
            )
        } else {
            (
                effective.text(&fields::FORMAT),
                effective.text(&fields::FORMAT_TYPE),
            )
        };
        let (format, name) = match (ours, scms) {
            (Some(ours), Some(scms))
                if Format::parse(&ours).map_err(bad_x509)?
                    != Format::parse_scm(&scms).map_err(bad_x509)? =>
            {
                return Err(Error::bad_request(format!(
                    "format is {ours:?} and sectigo_ssl_cert_format_type is {scms:?}: give one"
                )));
            }
            (Some(ours), _) => (Format::parse(&ours).map_err(bad_x509)?, ours),
            (None, Some(scms)) => (Format::parse_scm(&scms).map_err(bad_x509)?, scms),
            (None, None) => (Format::Pem, "pem".to_owned()),
        };
        let password = request
            .text(&fields::FORMAT_PASSWORD)
            .filter(|p| !p.is_empty())
            .map(Secret::new);
        let alias = super::config::text(request, &fields::ALIAS);
        if let Some(alias) = &alias {
            if !format.needs_key_and_password() {
                return Err(Error::bad_request(format!(
                    "alias names the entry of a keystore, and format is {name}: take pkcs12, pkcs12_legacy or jks"
                )));
            }
            if alias.chars().count() > 128 || alias.chars().any(char::is_control) {
                return Err(Error::bad_request(
                    "alias is at most 128 characters, none of them a control character",
                ));
            }
        }
        Ok(Self {
            format,
            name,
            password,
            alias,
            include_root: effective.boolean(&fields::INCLUDE_ROOT).unwrap_or_default(),
        })
    }
}

/// A stored certificate. `key` is given if the path may answer it.
pub fn certificate(
    config: &Config,
    cert: &CertRecord,
    output: &OutputFormat,
    key: Option<&Secret>,
) -> Result<Response, Error> {
    let row = IndexRow::of(cert);
    let rule = config.renewal_rule();
    let mut ca_chain = cert.issuers.clone();
    if output.include_root {
        ca_chain.extend(cert.root.clone());
    }
    let private_key = match key {
        Some(pem) => Some(
            PrivateKey::from_pem(pem.expose())
                .map_err(|error| Error::internal(error.to_string()))?,
        ),
        None => None,
    };
    let mut answer = CertificateResponse {
        sectigo_cert_unique_id: cert.id.to_string(),
        order_id: cert
            .order
            .as_ref()
            .map(ToString::to_string)
            .unwrap_or_default(),
        config: cert.config.to_string(),
        status: Some(row.status(rule, time::now())),
        ssl_id: cert.scm_id.clone(),
        common_name: cert.common_name.clone(),
        subject_alt_names: cert.sans.clone(),
        serial_number: cert.serial.clone(),
        not_before: time::rfc3339(cert.not_before),
        not_after: time::rfc3339(cert.not_after),
        expiration: Some(cert.not_after),
        issuing_ca: cert
            .issuers
            .first()
            .or(cert.root.as_ref())
            .cloned()
            .unwrap_or_default(),
        ca_chain,
        key_type: cert.spec.key_type.clone(),
        has_key: Some(cert.key_location != KeyLocation::External),
        private_key_type: private_key.as_ref().map(|key| key.kind().to_owned()),
        profile_id: cert.spec.profile_id,
        extended_key_usages: row.extended_key_usages.clone(),
        chain_not_after: cert.chain_not_after.map(time::rfc3339),
        role: cert.role.as_ref().map(ToString::to_string),
        renewed_from: cert.renewed_from.as_ref().map(ToString::to_string),
        renewed_to: cert.renewed_to.as_ref().map(ToString::to_string),
        changes: cert.changes.clone(),
        missing_names: cert.missing_names(),
        renew_at: row.renew_at(rule).map(time::rfc3339),
        format: output.name.clone(),
        ..CertificateResponse::default()
    }
    .labelled(cert.spec.labels.or(&config.labels));
    answer.certificate = if output.format == Format::Pem {
        cert.certificate.clone()
    } else {
        let (text, alias) = exported(cert, output, private_key.as_ref())?;
        answer.alias = alias;
        text
    };
    answer.private_key = key.map(|pem| pem.expose().to_owned());
    let mut response = Response::of(&answer)?;
    if let Some(left_out) = cert.left_out() {
        response.warn(left_out);
    }
    if output.format == Format::PemBundle
        && key.is_none()
        && cert.key_location == KeyLocation::Stored
    {
        response.warn(format!(
            "the private key is not in this bundle: keys/{}/{} answers it",
            cert.config, cert.id
        ));
    }
    Ok(response)
}

/// Like [`certificate`], with the certificate's CSR. Only paths from which no program reads a key pair may answer the
/// CSR, because consul-template takes every PEM text for a certificate or a key.
pub fn certificate_with_csr(
    config: &Config,
    cert: &CertRecord,
    output: &OutputFormat,
    key: Option<&Secret>,
) -> Result<Response, Error> {
    let mut response = certificate(config, cert, output, key)?;
    if !cert.csr.is_empty() {
        response.data.insert("csr".into(), cert.csr.clone().into());
    }
    Ok(response)
}

/// The certificate as text in the requested format, and for a keystore the alias of its entry.
fn exported(
    cert: &CertRecord,
    output: &OutputFormat,
    key: Option<&PrivateKey>,
) -> Result<(String, String), Error> {
    if key.is_none() {
        output.require_key()?;
    }
    let parse = |pem: &String| {
        Certificate::parse_pem_or_der(pem.as_bytes())
            .map_err(|error| Error::internal(error.to_string()))
    };
    let mut chain = Chain {
        leaf: parse(&cert.certificate)?,
        issuers: cert.issuers.iter().map(parse).collect::<Result<_, _>>()?,
        root: cert.root.as_ref().map(parse).transpose()?,
    };
    if output.include_root {
        chain = chain.with_root();
    } else {
        chain.root = None;
    }
    let alias = output.alias.as_deref();
    let keystore = output
        .password
        .as_ref()
        .map(|password| Keystore { password, alias });
    let text = match export(&chain, key, output.format, keystore).map_err(bad_x509)? {
        Exported::Text(text) => text,
        Exported::Binary(bytes) => STANDARD.encode(bytes),
    };
    let alias = if output.format.needs_key_and_password() {
        output.format.alias(&chain.leaf, alias)
    } else {
        String::new()
    };
    Ok((text, alias))
}

/// The answer for an order without a certificate yet, which counts as a success.
pub async fn pending(
    store: &Store,
    config: &Config,
    order: &OrderRecord,
) -> Result<Response, Error> {
    let answer = CertificateResponse {
        sectigo_cert_unique_id: order.cert_id().map(ToString::to_string).unwrap_or_default(),
        order_id: order.id.to_string(),
        config: order.config.to_string(),
        status: Some(order.state().status()),
        ssl_id: order.scm_id().unwrap_or_default().to_owned(),
        common_name: order.spec.common_name.clone(),
        subject_alt_names: order.spec.sans.clone(),
        profile_id: order.spec.profile_id,
        renewed_from: order.action.of().map(ToString::to_string),
        ..CertificateResponse::default()
    }
    .labelled(order.spec.labels.or(&config.labels));
    let mut response = Response::of(&answer)?;
    response.warn(format!(
        "{NOT_ISSUED_YET}: {}. It is collected in the background: orders/{}/{} shows how far it is",
        waits(store, order).await?,
        order.config,
        order.id
    ));
    Ok(response)
}

/// What an open order waits for, and what has to be published if it waits for the validation of a domain.
pub async fn waits(store: &Store, order: &OrderRecord) -> Result<String, Error> {
    Ok(match (order.state(), order.waiting_on()) {
        (OrderState::Uncertain, _) => {
            "SCM's answer was lost, and the order is being looked up there".to_owned()
        }
        (_, Some(waiting_on)) => match domains::to_do(store, order).await? {
            Some(to_do) => format!("it waits for {waiting_on}: {to_do}"),
            None => format!("it waits for {waiting_on}"),
        },
        (OrderState::Intent, None) => "SCM has not taken it yet".to_owned(),
        _ => "the CA has not issued it yet".to_owned(),
    })
}

pub fn order(config: &Config, order: &OrderRecord) -> OrderResponse {
    OrderResponse {
        order_id: order.id.to_string(),
        config: order.config.to_string(),
        action: order.action.as_str().to_owned(),
        role: order.role.as_ref().map(ToString::to_string),
        state: Some(order.state()),
        status: Some(order.state().status()),
        common_name: order.spec.common_name.clone(),
        subject_alt_names: order.spec.sans.clone(),
        profile_id: order.spec.profile_id,
        ssl_id: order.scm_id().unwrap_or_default().to_owned(),
        sectigo_cert_unique_id: order.cert_id().map(ToString::to_string).unwrap_or_default(),
        since: time::rfc3339(order.since),
        created: time::rfc3339(order.created),
        attempts: order.attempts,
        polls: order.polls,
        waiting_on: order.waiting_on(),
        scm_status: order.scm_status.clone(),
        last_scm_code: order.last_code,
        last_message: order.last_message.clone(),
        next_poll: (!order.state().is_final()).then(|| time::rfc3339(order.next_poll)),
        renewed_from: order.action.of().map(ToString::to_string),
        ..OrderResponse::default()
    }
    .labelled(order.spec.labels.or(&config.labels))
}

//! `replace/:config/:id`: orders another certificate in place of this one.

use crate::plugin::error::{NOTHING_ORDERED, bad_x509};
use std::sync::Arc;

use super::super::config::{self, Config};
use super::super::effective_fields::EffectiveFields;
use super::super::engine::Engine;
use super::super::field_values::refuse_other_kind;
use super::super::ledger::NewOrder;
use super::super::store::{
    Action, CertKind, CertRecord, CertificateSpec, Lifecycle, SubjectRecord,
};
use super::super::validate::{self, CsrWithKey, ValidatedRequest};
use super::super::{certificates, drift, fields, issuance, renewal};
use super::{OrderInHand, OrderRequest, RequestContext};
use pki::Csr;
use svpki_types::CertId;
use vault_plugin::framework::{Call, Field, Route, Values};
use vault_plugin::logical::{Error, Operation, Response};

pub fn routes() -> Vec<Route<Engine>> {
    vec![
        Route::new("replace/:config/:id", "Replace a certificate")
            .describe(
                "SSL: a new key and new names under the same id; SCM issues within the same order. Names that are \
                 not given stay. Client certificates: SCM has no replace any more, so a new one is ordered and the \
                 old one ends as replaced, and revoked if sectigo_client_cert_revoke_on_replace says so.",
            )
            .param("config", super::CONFIG)
            .param("id", super::ID)
            .on(
                Operation::Update,
                "Replace a certificate",
                &[
                    fields::REPLACE,
                    fields::SUBJECT,
                    fields::PROFILE,
                    &[fields::SSL_ALT_NAMES],
                    fields::WAITING,
                    &[fields::IDEMPOTENCY_KEY],
                    fields::FORMATS,
                ],
                replace,
            )
            .ignore_fields(
                Operation::Update,
                &[
                    fields::ORDER_AUTOMATION,
                    &[fields::SSL_COMMENTS, fields::CLIENT_COMMENTS],
                ],
                "a replacement has them from its certificate",
            ),
    ]
}

async fn replace(engine: Arc<Engine>, call: Call) -> Result<Option<Response>, Error> {
    let context = RequestContext::of(engine, &call).await?;
    let config = &context.config;
    let id = super::cert_id(&call)?;
    let request = OrderRequest::parse(&format!("replace/{id}"), &call, config)?;
    if let Some(existing) = context.existing(&call, &request).await? {
        return context.respond(&call, &request, existing).await;
    }
    let (new, csr_with_key, warnings) = order(&context, &call, id, &request).await?;
    let placement = context.ledger().create(config, new, csr_with_key).await?;
    context
        .respond(
            &call,
            &request,
            OrderInHand {
                placement,
                warnings,
            },
        )
        .await
}

/// The order to place, with its key.
async fn order(
    context: &RequestContext,
    call: &Call,
    id: CertId,
    request: &OrderRequest,
) -> Result<(NewOrder, CsrWithKey, Vec<String>), Error> {
    let RequestContext {
        engine,
        store,
        config,
    } = context;
    let cert = certificates::load_issued(store, &config.name, &id).await?;
    if cert.lifecycle != Lifecycle::Live {
        return Err(Error::Conflict(format!(
            "certificate {id} cannot be replaced: it is {}",
            cert.lifecycle
                .fixed()
                .map_or("not in use", svpki_types::Status::as_str)
        )));
    }
    let reason = config::text(&call.fields, &fields::REPLACE_REASON).unwrap_or_default();
    if reason.chars().count() > 512 {
        return Err(Error::bad_request(
            "sectigo_replace_reason is longer than 512 characters",
        ));
    }
    let mut wanted = wanted(config, &cert, &call.fields)?;
    validate::refuse_private(config, &wanted.spec, &with_first(&cert.spec))?;
    validate::replacement(engine, &call.context, config, &mut wanted).await?;
    validate::check_subject(&wanted.spec)?;
    let warnings = wanted.warnings;
    let spec = wanted.spec;
    let csr_with_key = issuance::make_key(config, &spec, wanted.key).await?;
    issuance::check_format_possible(&request.output, &csr_with_key)?;
    if cert.renewal.order.is_none() {
        super::refuse_on_standby(call).await?;
        drift::ensure_same_certificate(engine, config, &cert, NOTHING_ORDERED).await?;
    }
    let revoke_old = call
        .fields
        .boolean(&fields::REVOKE_ON_REPLACE)
        .unwrap_or_default();
    let new = NewOrder {
        action: Action::Replace {
            of: id,
            reason,
            revoke_old,
        },
        spec,
        auto_renew: cert.auto_renew,
        window: cert.window,
        automatic: false,
        identity: request.identity.clone(),
    };
    Ok((new, csr_with_key, warnings))
}

/// The spec of the certificate, with the changes of this request.
fn wanted(config: &Config, cert: &CertRecord, request: &Values) -> Result<ValidatedRequest, Error> {
    refuse_other_kind(request, config.kind)?;
    if config.kind == CertKind::Ssl && request.boolean(&fields::REVOKE_ON_REPLACE) == Some(true) {
        return Err(Error::bad_request(format!(
            "{} belongs to configs of type client_cert; this one is ssl_cert",
            fields::REVOKE_ON_REPLACE.name
        )));
    }
    let effective = EffectiveFields { request, config };
    let csr = config::text(request, &fields::CSR)
        .map(|text| Csr::parse(&text))
        .transpose()
        .map_err(bad_x509)?;
    let mut spec = CertificateSpec {
        sans: with_first(&cert.spec),
        ..cert.spec.clone()
    };
    if let Some(id) = super::super::field_values::profile_id(request, config.kind)? {
        if cert.kind == CertKind::Ssl && spec.profile_id.is_some_and(|known| known != id) {
            return Err(Error::bad_request(format!(
                "the certificate has profile {}: a replace keeps it",
                spec.profile_id.unwrap_or_default()
            )));
        }
        spec.profile_id = Some(id);
    }
    if spec.profile_id.is_none() {
        spec.profile_id = super::super::field_values::profile_id(&config.given, config.kind)?;
    }
    let term = super::super::field_values::term(request, config.kind)?;
    if cert.kind == CertKind::Ssl
        && let (Some(asked), Some(known)) = (term, spec.term)
        && asked != known
    {
        return Err(Error::bad_request(format!(
            "the certificate has a term of {known} days: a replace keeps it"
        )));
    }
    spec.term = term.or(spec.term).or(config.default_term()?);
    spec.subject = subject_over(&effective, spec.subject);
    let named = named(request, csr.as_ref(), cert.kind)?;
    if cert.kind == CertKind::Client
        && let Some(name) = &named
    {
        validate::bounded("common name", name, 64)?;
        spec.common_name.clone_from(name);
    }
    if cert.kind == CertKind::Ssl {
        let from_csr = csr
            .as_ref()
            .and_then(|csr| csr.common_name().map(str::to_owned));
        if let Some(name) = named.or(from_csr) {
            let name = validate::common_name(&name)?;
            spec.sans.retain(|san| *san != spec.common_name);
            spec.sans.insert(0, name.clone());
            spec.common_name = name;
        }
        let asked = request
            .text_list(&fields::SSL_ALT_NAMES)
            .unwrap_or_default();
        if !asked.is_empty() {
            spec.sans = validate::unique(&validate::parse_sans(&asked)?, &spec.common_name);
        } else if let Some(csr) = &csr
            && !csr.sans().is_empty()
        {
            spec.sans = validate::unique(csr.sans(), &spec.common_name);
        }
    }
    let key = match csr {
        Some(csr) => validate::key_source(&effective, Some(csr))?,
        None => renewal::successor_key(&effective, cert)?,
    };
    Ok(ValidatedRequest {
        key,
        spec,
        auto_renew: cert.auto_renew,
        window: cert.window,
        warnings: Vec::new(),
    })
}

/// The new common name from either of its fields; `None` if the request gives none. For an SSL certificate it must
/// also be the CSR's common name.
fn named(request: &Values, csr: Option<&Csr>, kind: CertKind) -> Result<Option<String>, Error> {
    let fold = |name: String| match kind {
        CertKind::Ssl => validate::common_name(&name),
        CertKind::Client => Ok(name),
    };
    let of = |field| config::text(request, field).map(fold).transpose();
    let (new, own) = (of(&fields::REPLACE_COMMON_NAME)?, of(&fields::COMMON_NAME)?);
    if let (Some(new), Some(own)) = (&new, &own)
        && new != own
    {
        return Err(Error::bad_request(format!(
            "{} is {new:?} and {} is {own:?}: give one",
            fields::REPLACE_COMMON_NAME.name,
            fields::COMMON_NAME.name
        )));
    }
    let named = new.or(own);
    let from_csr = csr
        .and_then(Csr::common_name)
        .filter(|_| kind == CertKind::Ssl);
    if let (Some(named), Some(from_csr)) = (&named, from_csr)
        && *named != validate::common_name(from_csr)?
    {
        return Err(Error::bad_request(format!(
            "the common name is to be {named:?} and the CSR is for {from_csr:?}: leave it out or make them equal"
        )));
    }
    Ok(named)
}

/// The subject of the certificate, with the changes of this request.
fn subject_over(effective: &EffectiveFields<'_>, kept: SubjectRecord) -> SubjectRecord {
    let given = |field: &Field| config::text(effective.request, field);
    SubjectRecord {
        country: given(&fields::COUNTRY).or(kept.country),
        province: given(&fields::PROVINCE).or(kept.province),
        locality: given(&fields::LOCALITY).or(kept.locality),
        organization: given(&fields::ORGANIZATION).or(kept.organization),
        ou: given(&fields::ORGANIZATION_UNIT).or(kept.ou),
        email: given(&fields::EMAIL).or(kept.email),
    }
}

fn with_first(spec: &CertificateSpec) -> Vec<String> {
    if spec.person.is_some() {
        return spec.sans.clone();
    }
    let rest = spec
        .sans
        .iter()
        .filter(|san| **san != spec.common_name)
        .cloned();
    std::iter::once(spec.common_name.clone())
        .chain(rest)
        .collect()
}

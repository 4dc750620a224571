//! `replace/:config/:id`: another certificate in place of this one.

use crate::plugin::error::bad_x509;
use std::sync::Arc;

use super::super::config::{self, Config};
use super::super::defaults::{Layered, refuse_other_kind};
use super::super::instance::Engine;
use super::super::ledger::NewOrder;
use super::super::resolve::{self, Keyed, Resolved};
use super::super::store::{Action, CertRecord, Kind, Standing, SubjectRecord, Wanted};
use super::super::{certificates, fields, ordering, outside, renewal};
use super::{Ground, OrderRequest, Placement};
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
            .tolerate(
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
    let ground = Ground::of(engine, &call).await?;
    let config = &ground.config;
    let id = super::cert_id(&call)?;
    let request = OrderRequest::parse(&format!("replace/{id}"), &call, config)?;
    if let Some(existing) = ground.existing(&call, &request).await? {
        return ground.respond(&call, &request, existing).await;
    }
    let (new, keyed, warnings) = order(&ground, &call, id, &request).await?;
    let placed = ground.ledger().place(config, new, keyed).await?;
    ground
        .respond(&call, &request, Placement { placed, warnings })
        .await
}

/// What is to be ordered, with its key.
async fn order(
    ground: &Ground,
    call: &Call,
    id: CertId,
    request: &OrderRequest,
) -> Result<(NewOrder, Keyed, Vec<String>), Error> {
    let Ground {
        engine,
        store,
        config,
    } = ground;
    let cert = certificates::load_issued(store, &config.name, &id).await?;
    if cert.standing != Standing::Live {
        return Err(Error::Conflict(format!(
            "certificate {id} cannot be replaced: it is {}",
            cert.standing
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
    let mut resolved = resolved(config, &cert, &call.fields)?;
    resolve::finish(store, config, &mut resolved).await?;
    resolve::check_subject(&resolved.wanted)?;
    let warnings = resolved.warnings;
    let wanted = resolved.wanted;
    let keyed = ordering::make_key(config, &wanted, resolved.key).await?;
    ordering::refuse_unmakeable(&request.form, &keyed)?;
    if cert.renewal.order.is_none() {
        super::refuse_on_standby(call).await?;
        outside::refuse_another(engine, config, &cert, "nothing was ordered").await?;
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
        wanted,
        auto_renew: cert.auto_renew,
        window: cert.window,
        automatic: false,
        identity: request.identity.clone(),
    };
    Ok((new, keyed, warnings))
}

/// What the certificate asked for, with what this request changes.
fn resolved(config: &Config, cert: &CertRecord, request: &Values) -> Result<Resolved, Error> {
    refuse_other_kind(request, config.kind)?;
    if config.kind == Kind::Ssl && request.boolean(&fields::REVOKE_ON_REPLACE) == Some(true) {
        return Err(Error::bad_request(format!(
            "{} belongs to configs of type client_cert; this one is ssl_cert",
            fields::REVOKE_ON_REPLACE.name
        )));
    }
    let layered = Layered { request, config };
    let csr = config::text(request, &fields::CSR)
        .map(|text| Csr::parse(&text))
        .transpose()
        .map_err(bad_x509)?;
    let mut wanted = Wanted {
        sans: with_first(&cert.wanted),
        ..cert.wanted.clone()
    };
    if let Some(id) = super::super::defaults::profile_id(request, config.kind)? {
        if cert.kind == Kind::Ssl && wanted.profile_id.is_some_and(|known| known != id) {
            return Err(Error::bad_request(format!(
                "the certificate has profile {}: a replace keeps it",
                wanted.profile_id.unwrap_or_default()
            )));
        }
        wanted.profile_id = Some(id);
    }
    if wanted.profile_id.is_none() {
        wanted.profile_id = super::super::defaults::profile_id(&config.given, config.kind)?;
    }
    let term = super::super::defaults::term(request, config.kind)?;
    if cert.kind == Kind::Ssl
        && let (Some(asked), Some(known)) = (term, wanted.term)
        && asked != known
    {
        return Err(Error::bad_request(format!(
            "the certificate has a term of {known} days: a replace keeps it"
        )));
    }
    wanted.term = term.or(wanted.term).or(config.default_term()?);
    wanted.subject = subject_over(&layered, wanted.subject);
    let named = named(request, csr.as_ref(), cert.kind)?;
    if cert.kind == Kind::Client
        && let Some(name) = &named
    {
        resolve::bounded("common name", name, 64)?;
        wanted.common_name.clone_from(name);
    }
    if cert.kind == Kind::Ssl {
        let from_csr = csr
            .as_ref()
            .and_then(|csr| csr.common_name().map(str::to_owned));
        if let Some(name) = named.or(from_csr) {
            let name = resolve::common_name(&name)?;
            wanted.sans.retain(|san| *san != wanted.common_name);
            wanted.sans.insert(0, name.clone());
            wanted.common_name = name;
        }
        let asked = request
            .text_list(&fields::SSL_ALT_NAMES)
            .unwrap_or_default();
        if !asked.is_empty() {
            wanted.sans = resolve::unique(&resolve::parse_sans(&asked)?, &wanted.common_name);
        } else if let Some(csr) = &csr
            && !csr.sans().is_empty()
        {
            wanted.sans = resolve::unique(csr.sans(), &wanted.common_name);
        }
    }
    let key = match csr {
        Some(csr) => resolve::key_source(&layered, Some(csr))?,
        None => renewal::successor_key(&layered, cert)?,
    };
    Ok(Resolved {
        key,
        wanted,
        auto_renew: cert.auto_renew,
        window: cert.window,
        warnings: Vec::new(),
    })
}

/// The new common name, under either of its fields, where the request gives one. An SSL certificate's must be the
/// CSR's, too.
fn named(request: &Values, csr: Option<&Csr>, kind: Kind) -> Result<Option<String>, Error> {
    let fold = |name: String| match kind {
        Kind::Ssl => resolve::common_name(&name),
        Kind::Client => Ok(name),
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
    let from_csr = csr.and_then(Csr::common_name).filter(|_| kind == Kind::Ssl);
    if let (Some(named), Some(from_csr)) = (&named, from_csr)
        && *named != resolve::common_name(from_csr)?
    {
        return Err(Error::bad_request(format!(
            "the common name is to be {named:?} and the CSR is for {from_csr:?}: leave it out or make them equal"
        )));
    }
    Ok(named)
}

/// The subject of the certificate, with what this request says of it.
fn subject_over(layered: &Layered<'_>, kept: SubjectRecord) -> SubjectRecord {
    let given = |field: &Field| config::text(layered.request, field);
    SubjectRecord {
        country: given(&fields::COUNTRY).or(kept.country),
        province: given(&fields::PROVINCE).or(kept.province),
        locality: given(&fields::LOCALITY).or(kept.locality),
        organization: given(&fields::ORGANIZATION).or(kept.organization),
        ou: given(&fields::ORGANIZATION_UNIT).or(kept.ou),
        email: given(&fields::EMAIL).or(kept.email),
    }
}

fn with_first(wanted: &Wanted) -> Vec<String> {
    if wanted.person.is_some() {
        return wanted.sans.clone();
    }
    let rest = wanted
        .sans
        .iter()
        .filter(|san| **san != wanted.common_name)
        .cloned();
    std::iter::once(wanted.common_name.clone())
        .chain(rest)
        .collect()
}

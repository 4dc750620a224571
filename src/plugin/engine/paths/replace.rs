//! `replace/:config/:id`: another certificate in place of this one.

use std::sync::Arc;

use super::super::config::{self, Config};
use super::super::defaults::{Layered, refuse_other_kind};
use super::super::instance::Engine;
use super::super::ledger::{Identity, Ledger, NewOrder};
use super::super::resolve::{self, Keyed, Resolved};
use super::super::store::{Action, CertRecord, Kind, Standing, SubjectRecord, Wanted};
use super::super::{certificates, fields, ordering, renewal};
use super::Ground;
use crate::domain::CertId;
use crate::plugin::framework::{Call, Field, Route, Values};
use crate::plugin::logical::{Error, Operation, Response};
use crate::x509::{Csr, domain_name};

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
    let identity = Identity::of(&format!("replace/{id}"), config.kind, &call)?;
    let place = async |ledger: &Ledger, identity| {
        let (new, keyed, warnings) = order(&ground, &call, id, identity).await?;
        Ok((ledger.place(config, new, keyed).await?, warnings))
    };
    ground.ordered(&call, identity, place).await.map(Some)
}

/// What is to be ordered, with its key.
async fn order(
    ground: &Ground,
    call: &Call,
    id: CertId,
    identity: Identity,
) -> Result<(NewOrder, Keyed, Vec<String>), Error> {
    let Ground { store, config, .. } = ground;
    let cert = certificates::load_issued(store, &config.name, &id).await?;
    if cert.standing != Standing::Live {
        return Err(Error::Conflict(format!(
            "certificate {id} cannot be replaced: it is {}",
            cert.standing
                .fixed()
                .map_or("not in use", crate::domain::Status::as_str)
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
        identity,
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
        .transpose()?;
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
    let names = [&fields::REPLACE_COMMON_NAME, &fields::COMMON_NAME];
    let named = names.iter().find_map(|field| config::text(request, field));
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
            let name = domain_name(&name)?;
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

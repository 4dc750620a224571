//! `domains/:config/` and `domains/:config/:domain`: the validation of domains.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Map, json};

use super::super::engine::Engine;
use super::super::index::IN_USE_CUT;
use super::super::store::{CertKind, DomainEntry, DomainList};
use super::super::{background, domains, fields, time};
use super::RequestContext;
use scm_client::DcvMethod;
use svpki_types::api::DomainResponse;
use vault_plugin::framework::{Call, Route};
use vault_plugin::logical::{Error, Operation, Response};

pub fn routes() -> Vec<Route<Engine>> {
    vec![
        Route::new("domains/:config/", "List the domains of a config's account")
            .describe(
                "With key_info: whether the validation of each domain holds, until when, by which method, how many \
                 certificates depend on it, and how many renewals it will block. The list asks SCM nothing: a background \
                 job does, as often as it downloads profiles, and every five minutes while a validation is missing. The \
                 domains are those of the config's organisation or department; where SCM lists none for it, all that \
                 the login sees.",
            )
            .param("config", super::CONFIG)
            .on(Operation::List, "List the domains", &[], list),
        Route::new("domains/:config/:domain", "Validation of a domain")
            .describe(
                "A read answers the stored state of the validation: the record or file to publish, SCM's last and next \
                 check, and the certificates that depend on it. A write with action=start starts a validation with \
                 method (by default cname) and answers what to publish. A write with action=check makes SCM check now, \
                 and submits a validation that was started and never submitted. Orders that wait for the domain go on \
                 by themselves once it is validated.",
            )
            .param("config", super::CONFIG)
            .param("domain", "the domain, without *.")
            .on(Operation::Read, "Read the validation of a domain", &[], read)
            .on(Operation::Update, "Start or check a validation", &[fields::DOMAIN_STEPS], write),
    ]
}

async fn list(engine: Arc<Engine>, call: Call) -> Result<Option<Response>, Error> {
    let context = RequestContext::of(engine, &call).await?;
    let known = DomainList::load(&context.store, &context.config.name).await?;
    let (answers, is_whole) = answers(&context, &known).await?;
    let keys = answers.iter().map(|answer| answer.domain.clone()).collect();
    let info: Map<_, _> = answers
        .into_iter()
        .map(|answer| (answer.domain.clone(), json!(answer)))
        .collect();
    let mut response = Response::list_with_info(keys, info);
    if let Some(warning) = warning(&context, &known) {
        response.warn(warning);
    }
    if !is_whole {
        response.warn(IN_USE_CUT);
    }
    Ok(Some(response))
}

async fn answers(
    context: &RequestContext,
    known: &DomainList,
) -> Result<(Vec<DomainResponse>, bool), Error> {
    let configs = [context.config.clone()];
    let name = context.config.name.clone();
    let all = BTreeMap::from([(name.clone(), known.clone())]);
    let (dependents, is_whole) = domains::dependents(&context.store, &configs, &all).await?;
    let answers = known
        .domains
        .iter()
        .map(|domain| {
            let key = (name.clone(), domain.domain.clone());
            let dependents = dependents.get(&key).cloned().unwrap_or_default();
            DomainResponse {
                certificate_ids: dependents.ids.clone(),
                ..domains::answer(&name, domain, &dependents)
            }
        })
        .collect();
    Ok((answers, is_whole))
}

/// A warning if the list may be incomplete.
fn warning(context: &RequestContext, known: &DomainList) -> Option<String> {
    if context.config.kind == CertKind::Client {
        Some(
            "domains are validated for SSL configs: this one is for client certificates".to_owned(),
        )
    } else if !known.error.is_empty() {
        Some(refusal(known))
    } else if known.is_unseen() {
        Some(
            "SCM has not been asked for the domains yet: that comes with the next background run"
                .to_owned(),
        )
    } else {
        None
    }
}

/// SCM's refusal, with the date of the older list that is answered instead.
fn refusal(known: &DomainList) -> String {
    match known.domains.is_empty() {
        true => known.error.clone(),
        false => format!(
            "{}; the list of domains is from SCM's answer of {}",
            known.error,
            time::rfc3339(known.looked)
        ),
    }
}

async fn read(engine: Arc<Engine>, call: Call) -> Result<Option<Response>, Error> {
    let context = RequestContext::of(engine, &call).await?;
    let name = domain_name(call.param("domain"))?;
    let known = DomainList::load(&context.store, &context.config.name).await?;
    let Some(entry) = known.entry(&name) else {
        return Err(Error::not_found(format!(
            "config {} has no domain {name}{}: list domains/{0}/, or delegate it in SCM",
            context.config.name,
            match known.is_unseen() {
                true => " yet, SCM has not been asked",
                false => "",
            }
        )));
    };
    shown(&context, &known, entry).await.map(Some)
}

async fn shown(
    context: &RequestContext,
    known: &DomainList,
    entry: &DomainEntry,
) -> Result<Response, Error> {
    let (found, is_whole) = answers(context, known).await?;
    let answer = found
        .into_iter()
        .find(|answer| answer.domain == entry.domain);
    let mut answer = answer.unwrap_or_default();
    if let Some(day) = &answer.method_ends {
        answer.warnings.push(format!(
            "validation by e-mail ends on {day}: change to a DNS record before"
        ));
    }
    let mut response = Response::of(&answer)?;
    if !known.error.is_empty() {
        response.warn(refusal(known));
    }
    if !is_whole {
        response.warn(IN_USE_CUT);
    }
    Ok(response)
}

async fn write(engine: Arc<Engine>, call: Call) -> Result<Option<Response>, Error> {
    let context = RequestContext::of(engine, &call).await?;
    let RequestContext {
        engine,
        store,
        config,
    } = &context;
    if config.kind == CertKind::Client {
        return Err(Error::bad_request(
            "domains are validated for SSL configs: this one is for client certificates",
        ));
    }
    let name = domain_name(call.param("domain"))?;
    super::refuse_on_standby(&call).await?;
    let entry = match call.fields.text(&fields::DOMAIN_ACTION).as_deref() {
        Some("start") => {
            let method = call.fields.text(&fields::DOMAIN_METHOD).unwrap_or_default();
            let method = DcvMethod::parse(&method)
                .ok_or_else(|| Error::bad_request("method is cname, txt, http, https or email"))?;
            let email = super::super::config::text(&call.fields, &fields::DOMAIN_EMAIL);
            domains::start(engine, store, config, &name, method, email.as_deref()).await?
        }
        Some("check") => domains::check(engine, store, config, &name).await?,
        _ => {
            return Err(Error::bad_request(
                "action is missing: start a validation, or check whether SCM finds the record",
            ));
        }
    };
    if entry.status == "validated" && !entry.has_ended_by(time::now()) {
        // Orders that wait for the domain are sent now, and not only in the next run.
        domains::resume_waiting_orders(engine, store, config).await?;
        background::trigger(engine, &call.context);
    }
    let known = DomainList::load(store, &config.name).await?;
    shown(&context, &known, &entry).await.map(Some)
}

fn domain_name(text: &str) -> Result<String, Error> {
    let name = text.strip_prefix("*.").unwrap_or(text);
    pki::domain_name(name).map_err(|error| Error::bad_request(format!("domain: {error}")))
}

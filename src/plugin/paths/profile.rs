//! `profile/:config/` and `profile/:config/:profile_id`: downloads and stores SCM's certificate profiles.

use std::sync::Arc;

use serde_json::{Map, json};

use super::super::engine::Engine;
use super::super::store::{Changes, Key};
use super::super::{field_values, fields, profiles};
use super::RequestContext;
use svpki_types::api::ProfileResponse;
use vault_plugin::framework::{Call, Route};
use vault_plugin::logical::{Error, Operation, Response};

pub fn routes() -> Vec<Route<Engine>> {
    vec![
        Route::new("profile/:config/", "List the stored profiles")
            .describe("With key_info: name, key types and terms of each.")
            .param("config", super::CONFIG)
            .on(Operation::List, "List the stored profiles", &[], list),
        Route::new("profile/:config", "Download profiles from SCM")
            .describe(
                "Downloads the profile of profile_id (sectigo_ssl_cert_type or sectigo_client_cert_type), or without it \
                 all that the login sees. From then on every order is checked against them before it leaves, and they are \
                 downloaded again in the background.",
            )
            .param("config", super::CONFIG)
            .on(Operation::Update, "Download profiles", &[fields::PROFILE_SPELLINGS], download),
        Route::new("profile/:config/:profile_id", "A stored profile")
            .param("config", super::CONFIG)
            .param("profile_id", "id of the profile at SCM")
            .on(Operation::Update, "Download this profile", &[fields::PROFILE_SPELLINGS], download)
            .on(Operation::Read, "Read a stored profile", &[], read)
            .on(Operation::Delete, "Forget a stored profile", &[], delete),
    ]
}

async fn list(engine: Arc<Engine>, call: Call) -> Result<Option<Response>, Error> {
    let RequestContext { store, config, .. } = RequestContext::of(engine, &call).await?;
    let mut keys = store.list(&Key::profiles(&config.name)).await?;
    keys.sort_by_key(|id| id.parse::<i64>().unwrap_or(i64::MAX));
    let mut info = Map::new();
    for key in &keys {
        let Ok(id) = key.parse::<i64>() else { continue };
        if let Some(profile) = store
            .read::<ProfileResponse>(&Key::profile(&config.name, id))
            .await?
        {
            info.insert(key.clone(), json!(profile));
        }
    }
    Ok(Some(Response::list_with_info(keys, info)))
}

async fn download(engine: Arc<Engine>, call: Call) -> Result<Option<Response>, Error> {
    let RequestContext {
        store,
        config,
        engine,
    } = RequestContext::of(engine, &call).await?;
    super::refuse_on_standby(&call).await?;
    let in_path = match call.params.get("profile_id") {
        Some(text) => Some(profile_id(text)?),
        None => None,
    };
    field_values::refuse_other_kind(&call.fields, config.kind)?;
    let in_body = field_values::profile_id(&call.fields, config.kind)?;
    if let (Some(a), Some(b)) = (in_path, in_body)
        && a != b
    {
        return Err(Error::bad_request(format!(
            "the path says profile {a} and the body {b}: give one"
        )));
    }
    let spec = in_path.or(in_body);
    let found = profiles::download(&engine, &config).await?;
    let known = found
        .iter()
        .map(|profile| profile.id.to_string())
        .collect::<Vec<_>>()
        .join(", ");
    let kept: Vec<&ProfileResponse> = found
        .iter()
        .filter(|profile| spec.is_none_or(|id| profile.id == id))
        .collect();
    if kept.is_empty() {
        return Err(Error::not_found(match spec {
            Some(id) => format!(
                "this login sees no profile {id} for organisation {}; it sees: {known}",
                config.org_id
            ),
            None => format!(
                "this login sees no profile for organisation {}",
                config.org_id
            ),
        }));
    }
    let mut changes = Changes::default();
    for profile in &kept {
        changes.write(&Key::profile(&config.name, profile.id), profile)?;
    }
    store.commit(changes).await?;
    match (spec, kept.as_slice()) {
        (Some(_), [one]) => Response::of(one).map(Some),
        _ => Response::of(&json!({
            "keys": kept.iter().map(|profile| profile.id.to_string()).collect::<Vec<_>>(),
            "key_info": kept.iter().map(|profile| (profile.id.to_string(), json!(profile))).collect::<Map<_, _>>(),
        }))
        .map(Some),
    }
}

async fn read(engine: Arc<Engine>, call: Call) -> Result<Option<Response>, Error> {
    let RequestContext { store, config, .. } = RequestContext::of(engine, &call).await?;
    let id = profile_id(call.param("profile_id"))?;
    match store
        .read::<ProfileResponse>(&Key::profile(&config.name, id))
        .await?
    {
        Some(profile) => Response::of(&profile).map(Some),
        None => Err(Error::not_found(format!(
            "profile {id} is not stored: download it with a write to profile/{}",
            config.name
        ))),
    }
}

async fn delete(engine: Arc<Engine>, call: Call) -> Result<Option<Response>, Error> {
    let RequestContext { store, config, .. } = RequestContext::of(engine, &call).await?;
    store
        .remove(&Key::profile(
            &config.name,
            profile_id(call.param("profile_id"))?,
        ))
        .await?;
    Ok(None)
}

fn profile_id(text: &str) -> Result<i64, Error> {
    text.parse()
        .ok()
        .filter(|id| *id > 0)
        .ok_or_else(|| Error::bad_request("a profile id is a positive number"))
}

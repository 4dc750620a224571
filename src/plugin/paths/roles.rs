//! `roles/` and `roles/:name`: which certificates `issue` and `sign` may order.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::super::config::KeyStorage;
use super::super::engine::Engine;
use super::super::locks::LockKey;
use super::super::role::{self, FIELDS, Reuse, Role};
use super::super::store::{CertKind, Key, RoleRecord, Store};
use super::super::{fields, labels};
use svpki_types::RoleName;
use vault_plugin::framework::{Call, Field, Route, Values};
use vault_plugin::logical::{Error, Operation, Response};

pub fn routes() -> Vec<Route<Engine>> {
    vec![
        Route::new("roles/", "List the roles").on(Operation::List, "List the roles", &[], list),
        Route::new("roles/:name", "What issue and sign may order")
            .describe(
                "The words are those of Vault's own PKI engine, so that its clients and modules fit. What a role \
                 allows narrows the config's policy further: both must allow a name. A write merges: fields that are \
                 not given stay as they are, and an empty value takes a field back to its default. A field that asks for \
                 something that SCM cannot do is refused.",
            )
            .param("name", "name of the role")
            .on(Operation::Update, "Write a role", FIELDS, write)
            .on(Operation::Read, "Read a role", &[], read)
            .on(Operation::Delete, "Delete a role; its certificates stay", &[], delete)
            .ignore_fields(Operation::Update, &[&[fields::ROLE_NAME]], "the path has the name")
            .empty_clears(Operation::Update)
            .exists(exists),
    ]
}

pub fn role_name(text: &str) -> Result<RoleName, Error> {
    text.parse()
        .map_err(|error: svpki_types::InvalidName| Error::bad_request(error.to_string()))
}

/// The role of this name; 404 if there is none.
pub async fn load(store: &Store, name: &str) -> Result<Role, Error> {
    let name = role_name(name)?;
    match store.read::<RoleRecord>(&Key::role(&name)).await? {
        Some(record) => Role::load(&name, &record),
        None => Err(Error::not_found(format!(
            "there is no role {:?}: list roles/",
            name.as_str()
        ))),
    }
}

async fn list(_engine: Arc<Engine>, call: Call) -> Result<Option<Response>, Error> {
    let names = Store::of(&call.context).list(&Key::roles()).await?;
    Ok(Some(Response::list(names)))
}

async fn exists(_engine: Arc<Engine>, call: Call) -> Result<bool, Error> {
    match role_name(call.param("name")) {
        Ok(name) => Store::of(&call.context).exists(&Key::role(&name)).await,
        Err(_) => Ok(false),
    }
}

async fn write(engine: Arc<Engine>, call: Call) -> Result<Option<Response>, Error> {
    let store = Store::of(&call.context);
    let name = role_name(call.param("name"))?;
    // Otherwise, of two writes at the same time one would be lost.
    let _turn = engine.locks.lock(LockKey::Role(name.clone())).await;
    let stored: Option<RoleRecord> = store.read(&Key::role(&name)).await?;
    labels::asked(&call.fields)?;
    let merged = merge(stored.as_ref(), &call.fields);
    let role = Role::of(&name, merged)?;
    let warnings = role::check_pki_fields(&role.given)?;
    let config = match engine.config(&store, role.config.as_str()).await {
        Err(Error::NotFound(text)) => return Err(Error::bad_request(text)),
        config => config?,
    };
    if config.kind != CertKind::Ssl {
        return Err(Error::bad_request(format!(
            "config {} is for client certificates: roles order SSL certificates",
            config.name
        )));
    }
    let fields = role
        .given
        .given()
        .map(|(name, value)| (name.to_owned(), value.to_json()))
        .collect();
    store
        .write(&Key::role(&name), &RoleRecord { fields })
        .await?;
    let mut response = Response {
        warnings,
        ..Response::default()
    };
    if role.reuse != Reuse::Nobody && config.key_storage != KeyStorage::Vault {
        let what = if config.key_storage == KeyStorage::Never {
            "key_storage=never and makes no keys: issue of this role is refused, sign works"
        } else {
            "key_storage=once and removes a key ten minutes after it was answered: issue of this role orders again then"
        };
        response.warn(format!("config {} has {what}", config.name));
    }
    Ok((!response.warnings.is_empty()).then_some(response))
}

async fn read(_engine: Arc<Engine>, call: Call) -> Result<Option<Response>, Error> {
    let store = Store::of(&call.context);
    let name = role_name(call.param("name"))?;
    let Some(record) = store.read::<RoleRecord>(&Key::role(&name)).await? else {
        return Ok(None);
    };
    let role = Role::load(&name, &record)?;
    let mut data = Map::new();
    for field in FIELDS.iter().flat_map(|group| group.iter()) {
        if let Some(value) = role.given.value(field) {
            data.insert(field.name.into(), value.to_json());
        }
    }
    Ok(Some(Response {
        data,
        ..Response::default()
    }))
}

async fn delete(_engine: Arc<Engine>, call: Call) -> Result<Option<Response>, Error> {
    let name = role_name(call.param("name"))?;
    Store::of(&call.context).remove(&Key::role(&name)).await?;
    Ok(None)
}

/// Merges the given fields into the stored ones; an empty value removes a field.
fn merge(stored: Option<&RoleRecord>, given: &Values) -> Values {
    let declared: Vec<&'static Field> = FIELDS.iter().flat_map(|group| group.iter()).collect();
    let mut merged = stored
        .and_then(|record| Values::parse(&record.fields, &declared, &[]).ok())
        .map(|(values, _)| values)
        .unwrap_or_default();
    for field in declared.into_iter().filter(|field| given.has(field)) {
        match given.value(field) {
            Some(value) => match value.to_json() {
                Value::String(text) if text.trim().is_empty() => merged.remove(field),
                Value::Array(list) if list.is_empty() => merged.remove(field),
                _ => merged.insert(field, value),
            },
            None => merged.remove(field),
        }
    }
    merged
}

//! `configs/` and `configs/:name`: SCM accounts with their defaults, policy and automation.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::super::config::{self, Config, FIELDS};
use super::super::engine::{Engine, config_name};
use super::super::locks::LockKey;
use super::super::store::{Changes, ConfigRecord, Key, Store};
use super::super::{account_check, deletion, domains, fields, labels, request_defaults, time};
use svpki_types::ConfigName;
use svpki_types::api::ConfigHealth;
use vault_plugin::framework::{Call, Field, Route, Values};
use vault_plugin::logical::{Error, Operation, Response};

const WRITE_FIELDS: &[&[Field]] = &[
    fields::ACCOUNT,
    fields::CONNECTION,
    fields::AUTOMATION,
    fields::POLICY,
    fields::SUBJECT,
    fields::PROFILE,
    fields::SSL,
    fields::CLIENT,
    fields::FORMATS_DEFAULT,
    fields::LABELS,
    &[fields::DRY_RUN],
];

pub fn routes() -> Vec<Route<Engine>> {
    vec![
        Route::new("configs/", "List the configs").on(Operation::List, "List the configs", &[], list),
        Route::new("configs/:name", "An SCM account with defaults, policy and automation")
            .describe(
                "A write merges: fields that are not given stay as they are, and an empty value takes a field back \
                 to its default. Secrets go in and never come out; a write that changes where or how the login goes \
                 (address, CA bundle, login method, user, client, customer) brings the secret again. Every field of enroll may stand here as the \
                 default of this config's orders. With dry_run=true the account is tried at SCM and nothing is \
                 stored. Delete refuses while the config has certificates or open orders, unless force=true.",
            )
            .param("name", super::CONFIG)
            .on(Operation::Update, "Write a config", WRITE_FIELDS, write)
            .on(Operation::Read, "Read a config, without its secrets", &[], read)
            .on(Operation::Delete, "Delete a config", &[&[fields::FORCE]], delete)
            .empty_clears(Operation::Update)
            .exists(exists),
    ]
}

async fn list(_engine: Arc<Engine>, call: Call) -> Result<Option<Response>, Error> {
    Ok(Some(Response::list(
        Store::of(&call.context).list(&Key::configs()).await?,
    )))
}

async fn exists(_engine: Arc<Engine>, call: Call) -> Result<bool, Error> {
    match config_name(call.param("name")) {
        Ok(name) => Store::of(&call.context).exists(&Key::config(&name)).await,
        Err(_) => Ok(false),
    }
}

async fn write(engine: Arc<Engine>, call: Call) -> Result<Option<Response>, Error> {
    let store = Store::of(&call.context);
    let name = config_name(call.param("name"))?;
    // Otherwise, of two writes at the same time one would be lost.
    let _turn = engine.locks.lock(LockKey::Config(name.clone())).await;
    let stored: Option<ConfigRecord> = store.read(&Key::config(&name)).await?;
    labels::asked(&call.fields)?;
    let merged = merge(stored.as_ref(), &call.fields);
    let config = Config::check(&name, merged.clone())?;
    request_defaults::check(&config)?;
    let old = match &stored {
        Some(stored) => Some(Config::load(&name, stored)?),
        None => None,
    };
    if let Some(old) = &old {
        refuse_change_of_identity(&store, old, &config).await?;
        refuse_stored_secret_elsewhere(old, &config, &call.fields)?;
    }
    // Creates the client, so that a CA bundle or a key that cannot be read is refused now.
    config.scm()?;
    if call.fields.boolean(&fields::DRY_RUN).unwrap_or_default() {
        return Ok(Some(Response::of(&account_check::check(&config).await?)?));
    }
    let record = ConfigRecord {
        fields: to_map(&merged),
    };
    if !changes_nothing(&store, old.as_ref(), &config).await? {
        let mut changes = Changes::default();
        changes.write(&Key::config(&name), &record)?;
        changes.write(
            &Key::health(&name),
            &account_check::not_checked_yet(&config),
        )?;
        if old.is_some_and(|old| domains::account(&old) != domains::account(&config)) {
            // The stored domains belong to another account; the next run reads those of the new account.
            changes.remove(&Key::domains(&name));
        }
        store.commit(changes).await?;
        account_check::check_in_background(&engine, &call.context, config.clone());
    } else if stored.is_some_and(|stored| stored.fields != record.fields) {
        // Stores a default that was given explicitly, so that it stays when a later version has another default.
        store.write(&Key::config(&name), &record).await?;
    }
    let mut response = Response::default();
    for warning in config.warnings() {
        response.warn(warning);
    }
    Ok(if response.warnings.is_empty() {
        None
    } else {
        Some(response)
    })
}

/// Whether a write changes nothing. Tools such as Terraform write the same values at every run, and that should not
/// cause a new account check if the last one was fine.
async fn changes_nothing(store: &Store, old: Option<&Config>, new: &Config) -> Result<bool, Error> {
    let same = |old: &Config| {
        let mut fields = FIELDS.iter().flat_map(|group| group.iter());
        fields.all(|field| old.given.value(field) == new.given.value(field))
    };
    if !old.is_some_and(same) {
        return Ok(false);
    }
    let last: Option<ConfigHealth> = store.read(&Key::health(&new.name)).await?;
    Ok(last.is_some_and(|last| account_check::is_well(&last, time::now())))
}

async fn read(_engine: Arc<Engine>, call: Call) -> Result<Option<Response>, Error> {
    let store = Store::of(&call.context);
    let name = config_name(call.param("name"))?;
    let Some(record) = store.read::<ConfigRecord>(&Key::config(&name)).await? else {
        return Ok(None);
    };
    let config = Config::load(&name, &record)?;
    let mut data = Map::new();
    data.insert("name".into(), json!(name));
    for field in FIELDS.iter().flat_map(|group| group.iter()) {
        if field.sensitive {
            // Whether a secret is set is not secret itself, and operators need to know it.
            data.insert(
                format!("{}_set", field.name),
                json!(config.given.has(field)),
            );
        } else if let Some(value) = config.given.value(field)
            && field.ignored.is_none()
        {
            data.insert(field.name.into(), value.to_json());
        }
    }
    Ok(Some(Response {
        data,
        ..Response::default()
    }))
}

async fn delete(engine: Arc<Engine>, call: Call) -> Result<Option<Response>, Error> {
    let store = Store::of(&call.context);
    let name = config_name(call.param("name"))?;
    if !store.exists(&Key::config(&name)).await? {
        return Ok(None);
    }
    let force = call.fields.boolean(&fields::FORCE).unwrap_or_default();
    let certificate = !store.list_page(&Key::certs(&name), "", 1).await?.is_empty();
    let open = open_orders(&store, &name).await?;
    if !force && (certificate || open > 0) {
        return Err(Error::Conflict(format!(
            "config {name} still has {}: delete them first, or delete with force=true, which removes them from Vault \
             and changes nothing at SCM",
            match (certificate, open) {
                (true, 0) => "certificates".to_owned(),
                (true, n) => format!("certificates and {n} open orders"),
                (false, n) => format!("{n} open orders"),
            }
        )));
    }
    deletion::delete_config_data(&engine, &store, &name).await?;
    // An account check that is under way must not store its result after this.
    let _turn = engine.locks.lock(LockKey::Config(name.clone())).await;
    let mut changes = Changes::default();
    changes.remove(&Key::health(&name));
    changes.remove(&Key::config(&name));
    store.commit(changes).await?;
    // Removes everything that was stored until the config was deleted.
    deletion::delete_config_data(&engine, &store, &name).await?;
    engine.forget_client(&name);
    engine.revoked_lists.forget(&name);
    Ok(None)
}

/// Secrets are never answered. So a stored secret must not be sent to another address that a later write sets.
fn refuse_stored_secret_elsewhere(
    old: &Config,
    new: &Config,
    request: &Values,
) -> Result<(), Error> {
    let (secret, login) = new.login_fields();
    if config::text(request, secret).is_some() {
        return Ok(());
    }
    let changed: Vec<&str> = login
        .iter()
        .filter(|field| config::text(&old.given, field) != config::text(&new.given, field))
        .map(|field| field.name)
        .collect();
    if changed.is_empty() {
        return Ok(());
    }
    Err(Error::bad_request(format!(
        "{} changes where or how this config logs in to SCM: give {} again in the same write. Nothing was stored or sent",
        changed.join(", "),
        secret.name
    )))
}

async fn open_orders(store: &Store, name: &ConfigName) -> Result<usize, Error> {
    let open = store.list(&Key::open_orders()).await?;
    Ok(open
        .iter()
        .filter(|child| Key::parse_order_child(child).is_some_and(|(config, _)| config == *name))
        .count())
}

/// Certificate ids contain the customer URI, and records contain the kind. So both must not change while the config
/// has certificates or orders.
async fn refuse_change_of_identity(store: &Store, old: &Config, new: &Config) -> Result<(), Error> {
    let changed = if old.kind != new.kind {
        fields::CONFIG_TYPE.name
    } else if old.customer_uri != new.customer_uri {
        fields::CUSTOMER_URI.name
    } else {
        return Ok(());
    };
    let in_use = !store
        .list_page(&Key::certs(&old.name), "", 1)
        .await?
        .is_empty()
        || open_orders(store, &old.name).await? > 0;
    if in_use {
        return Err(Error::Conflict(format!(
            "{changed} cannot be changed while the config has certificates or orders: write a new config"
        )));
    }
    Ok(())
}

/// Groups of fields with the same meaning: the field that was written last replaces the others.
const SPELLINGS: [&[Field]; 3] = [
    fields::PROFILE_SPELLINGS,
    fields::TERM_SPELLINGS,
    fields::FORMAT_SPELLINGS,
];

/// Merges the given fields into the stored ones; an empty text removes a field.
fn merge(stored: Option<&ConfigRecord>, given: &Values) -> Values {
    let declared: Vec<&'static Field> = FIELDS.iter().flat_map(|group| group.iter()).collect();
    let mut merged = stored
        .and_then(|record| Values::parse(&record.fields, &declared, &[]).ok())
        .map(|(values, _)| values)
        .unwrap_or_default();
    for spellings in SPELLINGS {
        if spellings.iter().any(|field| given.has(field)) {
            spellings.iter().for_each(|field| merged.remove(field));
        }
    }
    for field in declared {
        let Some(value) = given
            .given()
            .find(|(name, _)| *name == field.name)
            .map(|(_, value)| value.clone())
        else {
            continue;
        };
        match value.to_json() {
            Value::String(text) if text.trim().is_empty() => merged.remove(field),
            Value::Array(list) if list.is_empty() => merged.remove(field),
            _ if field.ignored.is_some() => {}
            _ => merged.insert(field, value),
        }
    }
    merged
}

fn to_map(values: &Values) -> Map<String, Value> {
    values
        .given()
        .map(|(name, value)| (name.to_owned(), value.to_json()))
        .collect()
}

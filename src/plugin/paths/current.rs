//! `current/:config/:name`: the newest certificate for a name, with its key. The path stays the same across renewals.

use std::sync::Arc;

use super::super::engine::Engine;
use super::super::index::{Direction, IndexRow, Reader, SEPARATOR, Tree};
use super::super::response::{self, OutputFormat};
use super::super::store::{CertRecord, Key, Lifecycle, Store};
use super::super::{fields, key_delivery, time};
use super::RequestContext;
use vault_plugin::framework::{Call, Route};
use vault_plugin::logical::{Error, Operation, Response};

pub fn routes() -> Vec<Route<Engine>> {
    vec![
        Route::new("current/:config/:name", "The newest issued certificate for a common name, with its key")
            .describe(
                "What an application or a template reads: the same path before and after a renewal. The name is \
                 spelled as it is stored: domain names in lower case, internationalised ones as xn--. A certificate \
                 that was ordered here, and is in use and not expired, goes before one that was fetched, which has no \
                 key with it; among equals the newest is answered. When there is no key to answer, a warning says so; \
                 with require_key=true the read is refused instead, so that a template keeps the key file that it has. \
                 rotation_period and ttl make vault agent, bao agent, Nomad and consul-template read it again every four \
                 minutes (refresh_interval), so that their files follow.",
            )
            .param("config", super::CONFIG)
            .param("name", "common name")
            .on(Operation::Read, "Read the newest certificate and its key", &[fields::FORMATS, &[fields::REQUIRE_KEY, fields::REFRESH_INTERVAL]], read),
    ]
}

async fn read(engine: Arc<Engine>, call: Call) -> Result<Option<Response>, Error> {
    let RequestContext {
        engine,
        store,
        config,
    } = RequestContext::of(engine, &call).await?;
    let output = OutputFormat::of(&call.fields, &config)?;
    let name = call.param("name");
    let prefix = format!("{name}{SEPARATOR}{}{SEPARATOR}", config.name);
    let mut in_use: Vec<IndexRow> = Vec::new();
    let mut reader = Reader::open(&store).await?;
    reader
        .scan(
            Tree::Name,
            Direction::Up,
            Some(&prefix),
            usize::MAX,
            |bucket| bucket.config == config.name && bucket.lifecycle == Lifecycle::Live,
            |visited| {
                if !visited.key.starts_with(&prefix) {
                    return false;
                }
                in_use.push(visited.row.clone());
                true
            },
        )
        .await?;
    in_use.sort_by(|one, other| age(other).cmp(&age(one)));
    let Some(cert) = pick_current(&store, &in_use).await? else {
        return Err(Error::not_found(format!(
            "config {} has no certificate in use for {name:?}; names are spelled as stored, domains in lower case",
            config.name
        )));
    };
    let key_is_required = call
        .fields
        .boolean(&fields::REQUIRE_KEY)
        .unwrap_or_default();
    // With 0, consul-template would read again without any pause.
    let read_again_after = call
        .fields
        .seconds(&fields::REFRESH_INTERVAL)
        .unwrap_or_default()
        .max(1);
    key_delivery::deliver_key(&engine, &store, &call.request, &cert, |key| {
        if key.is_none() && key_is_required {
            return Err(Error::not_found(key_delivery::no_key(&cert)));
        }
        let mut response = response::certificate(&config, &cert, &output, key)?;
        if key.is_none() {
            response.warn(key_delivery::no_key(&cert));
        }
        if cert.not_after <= time::now() {
            response.warn(format!(
                "this certificate expired on {}: there is no newer one for this name",
                time::rfc3339(cert.not_after)
            ));
        }
        // Without these members consul-template uses the expiry: it sleeps for nine tenths of the certificate's
        // lifetime, and its file would stay the old one after a replacement or a revocation.
        for member in ["rotation_period", "ttl"] {
            response.data.insert(member.into(), read_again_after.into());
        }
        Ok(response)
    })
    .await
    .map(Some)
}

/// The newest certificate that was ordered here, or else the newest of all. A fetched certificate has no key here, and
/// a template would write a certificate and a key that do not match.
async fn pick_current(
    store: &Store,
    newest_first: &[IndexRow],
) -> Result<Option<CertRecord>, Error> {
    let mut newest = None;
    for row in newest_first {
        // The certificate may have been removed since the index was read.
        let key = Key::cert(&row.config, &row.id);
        let Some(cert) = store.read::<CertRecord>(&key).await? else {
            continue;
        };
        if cert.order.is_some() && cert.not_after > time::now() {
            return Ok(Some(cert));
        }
        newest.get_or_insert(cert);
    }
    Ok(newest)
}

/// Sorts certificates by age. CAs let certificates of the same day begin at the same moment; of those, the one with
/// the higher id is newer, because SCM counts its orders upwards.
fn age(row: &IndexRow) -> (i64, usize, &str) {
    let id = row.id.as_str();
    (row.not_before, id.len(), id)
}

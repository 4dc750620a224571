//! `tidy` and `tidy-status`.

use std::sync::Arc;

use super::super::engine::Engine;
use super::super::locks::LockKey;
use super::super::store::{Key, Store, TidySchedule};
use super::super::{fields, summary, tidy};
use svpki_types::api::TidyResponse;
use vault_plugin::framework::{Call, Route};
use vault_plugin::logical::{Error, Operation, Response};

pub fn routes() -> Vec<Route<Engine>> {
    vec![
        Route::new("tidy", "Remove old entries")
            .describe(
                "Removes certificates and orders that ended longer than safety_buffer ago, and says what stayed and \
                 why. With interval it also sets the schedule on which this runs by itself.",
            )
            .on(Operation::Update, "Tidy now", &[fields::TIDY], run),
        Route::new("tidy-status", "What the last tidy did").on(
            Operation::Read,
            "Read what the last tidy did",
            &[],
            status,
        ),
    ]
}

async fn run(engine: Arc<Engine>, call: Call) -> Result<Option<Response>, Error> {
    let store = Store::of(&call.context);
    let safety_buffer = call
        .fields
        .seconds(&fields::SAFETY_BUFFER)
        .unwrap_or_default();
    let _turn = engine.locks.lock(LockKey::Tidy).await;
    if let Some(interval) = call.fields.seconds(&fields::TIDY_INTERVAL) {
        if interval != 0 && interval < 60 {
            return Err(Error::bad_request(
                "interval is shorter than a minute: background work runs once a minute",
            ));
        }
        let schedule = TidySchedule {
            interval,
            safety_buffer,
            last_run: super::super::time::now(),
        };
        store.write(&Key::tidy_schedule(), &schedule).await?;
    }
    let configs = summary::configs(&store).await?;
    Response::of(&tidy::run(&engine, &store, &configs, safety_buffer).await?).map(Some)
}

async fn status(_engine: Arc<Engine>, call: Call) -> Result<Option<Response>, Error> {
    let store = Store::of(&call.context);
    let status: Option<TidyResponse> = store.read(&Key::tidy_status()).await?;
    Response::of(&status.unwrap_or(TidyResponse {
        state: "idle".into(),
        ..TidyResponse::default()
    }))
    .map(Some)
}

//! Tests of the framework with a small backend: its declarations, and what is made from them.

mod checking;
mod documents;
mod routing;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use serde_json::{Map, Value as Json, json};

use super::{Call, Field, Route, Router};
use crate::logical::{
    Batch, Context, Entity, Entry, Error, Operation, Request, Response, Storage, StorageError,
    SystemView,
};

const COLOUR: Field = Field::text("shelf_colour", "Colour of the shelf.")
    .alias(&["colour"])
    .allow(&["red", "Blue"])
    .default("red");
const DEPTH: Field = Field::integer("depth", "Depth in centimetres.").allow(&["30", "60"]);
const PIN: Field = Field::text("pin", "Opens the lock.").sensitive();
const LABELS: Field = Field::text_list("labels", "Words on it.");
const EXTRAS: Field = Field::name_values("extras", "Whatever else there is.");
const DRY: Field = Field::boolean("dry", "Only look.").default("false");
const WAIT: Field = Field::seconds("wait", "How long to wait.").default("1m");
const OLD: Field = Field::text("old_size", "Was the size.").ignore("sizes are gone");
const LIMIT: Field = Field::integer("limit", "Most entries.");
const TITLE: Field = Field::text("title", "Title of a book.");

const SHELF: &[Field] = &[COLOUR, DEPTH, PIN, LABELS, EXTRAS, DRY, WAIT, OLD];

/// Counts the writes.
#[derive(Default)]
struct Library {
    writes: AtomicUsize,
}

async fn write_shelf(library: Arc<Library>, call: Call) -> Result<Option<Response>, Error> {
    assert!(call.request.data.is_empty());
    library.writes.fetch_add(1, Ordering::SeqCst);
    if call.fields.boolean(&DRY) == Some(true) {
        return Ok(None);
    }
    Response::of(&json!({
        "room": call.param("room"),
        "shelf": call.param("shelf"),
        "colour": call.fields.text(&COLOUR),
        "wait": call.fields.seconds(&WAIT),
    }))
    .map(Some)
}

async fn read_shelf(_: Arc<Library>, call: Call) -> Result<Option<Response>, Error> {
    match call.param("shelf") {
        "none" => Ok(None),
        shelf => Response::of(&json!({ "shelf": shelf })).map(Some),
    }
}

async fn list_shelves(_: Arc<Library>, call: Call) -> Result<Option<Response>, Error> {
    let limit = call.fields.integer(&LIMIT).unwrap_or(3);
    let keys = (1..=limit).map(|n| format!("{}{n}", call.param("room")));
    Ok(Some(Response::list(keys.collect())))
}

async fn shelf_exists(_: Arc<Library>, call: Call) -> Result<bool, Error> {
    match call.param("shelf") {
        "bad" => Err(Error::bad_request("no such form")),
        "broken" => Err(StorageError::Failed("disk".into()).into()),
        shelf => Ok(shelf == "old"),
    }
}

fn router() -> Router<Library> {
    Router::new(
        "Library",
        "Keeps shelves.",
        "v1.2.3",
        vec![
            Route::new("rooms/:room/", "Shelves of a room")
                .param("room", "Name of the room.")
                .on(
                    Operation::List,
                    "List the shelves",
                    &[&[LIMIT]],
                    list_shelves,
                ),
            Route::new("rooms/:room/:shelf", "One shelf")
                .describe("A shelf holds books. It has a colour.")
                .param("room", "Name of the room.")
                .param("shelf", "Name of the shelf.")
                .on(Operation::Update, "Put up a shelf", &[SHELF], write_shelf)
                .on(Operation::Read, "Look at a shelf", &[&[DRY]], read_shelf)
                .ignore_fields(
                    Operation::Read,
                    &[&[TITLE, PIN]],
                    "a shelf is read as it is",
                )
                .exists(shelf_exists),
            Route::new("settings", "What holds for every shelf")
                .on(Operation::Update, "Settle", &[SHELF], write_settings)
                .empty_clears(Operation::Update),
            Route::new("state", "How it goes").on(Operation::Read, "Look", &[], read_state),
        ],
    )
}

/// Answers the given fields.
async fn write_settings(_: Arc<Library>, call: Call) -> Result<Option<Response>, Error> {
    let given: Map<_, _> = call
        .fields
        .given()
        .map(|(name, value)| (name.to_owned(), value.to_json()))
        .collect();
    assert!(!call.fields.has(&WAIT) || call.fields.seconds(&WAIT).is_none());
    Response::of(&given).map(Some)
}

async fn read_state(_: Arc<Library>, _: Call) -> Result<Option<Response>, Error> {
    Response::of(&json!({"open": true})).map(Some)
}

fn request(operation: Operation, path: &str, data: Json) -> Request {
    Request {
        operation,
        path: path.into(),
        data: members(data),
        ..Request::default()
    }
}

fn members(data: Json) -> Map<String, Json> {
    match data {
        Json::Object(members) => members,
        Json::Null => Map::new(),
        other => panic!("{other} is no object"),
    }
}

async fn ask(operation: Operation, path: &str, data: Json) -> Result<Option<Response>, Error> {
    let library = Arc::new(Library::default());
    router()
        .handle(library, context(), request(operation, path, data))
        .await
}

fn context() -> Context {
    Context {
        storage: Arc::new(Absent),
        system: Arc::new(Absent),
    }
}

/// A storage and system without a server: every call fails.
struct Absent;

fn absent<T>() -> Result<T, StorageError> {
    Err(StorageError::Failed("no server".into()))
}

#[async_trait]
impl Storage for Absent {
    async fn get(&self, _: &str) -> Result<Option<Entry>, StorageError> {
        absent()
    }
    async fn put(&self, _: Entry) -> Result<(), StorageError> {
        absent()
    }
    async fn delete(&self, _: &str) -> Result<(), StorageError> {
        absent()
    }
    async fn list(&self, _: &str) -> Result<Vec<String>, StorageError> {
        absent()
    }
    async fn list_page(&self, _: &str, _: &str, _: usize) -> Result<Vec<String>, StorageError> {
        absent()
    }
    async fn commit(&self, _: Batch) -> Result<(), StorageError> {
        absent()
    }
    async fn transactional(&self) -> bool {
        false
    }
    async fn ensure_recovered(&self) -> Result<u64, StorageError> {
        absent()
    }
}

#[async_trait]
impl SystemView for Absent {
    async fn is_standby(&self) -> Result<bool, Error> {
        Ok(false)
    }
    async fn server_version(&self) -> Result<String, Error> {
        Ok("2.7.2".into())
    }
    async fn entity(&self, _id: &str) -> Result<Option<Entity>, Error> {
        Ok(None)
    }
}

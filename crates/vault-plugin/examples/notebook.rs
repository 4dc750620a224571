//! A small secrets engine: notes, and a path for each thing that the layers `goplugin` and `logical` promise.
//! `tests/server` runs it in a real server.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use serde_json::{Value, json};
use vault_plugin::logical::{
    self, Backend, Batch, Context, Entry, Error, Factory, Operation, RawBody, Request, Response,
    Setup, SpecialPaths,
};

fn main() -> ExitCode {
    logical::serve("A server starts this program.", &["notebook"], Notebooks)
}

struct Notebooks;

impl Factory for Notebooks {
    fn create(&self, setup: Setup) -> Result<Arc<dyn Backend>, String> {
        match setup.config.get("refuse") {
            Some(why) => Err(why.clone()),
            None => Ok(Arc::new(Notebook)),
        }
    }

    fn version(&self) -> String {
        "v1.2.3".to_owned()
    }
}

struct Notebook;

#[async_trait]
impl Backend for Notebook {
    fn special_paths(&self) -> SpecialPaths {
        SpecialPaths {
            seal_wrap: vec!["notes/".to_owned()],
            ..SpecialPaths::default()
        }
    }

    async fn initialize(&self, context: Context) -> Result<(), Error> {
        context.storage.put(entry("started", "yes")).await?;
        Ok(())
    }

    async fn handle(&self, context: Context, request: Request) -> Result<Option<Response>, Error> {
        let (head, tail) = request.path.split_once('/').unwrap_or((&request.path, ""));
        match (head, request.operation) {
            (_, Operation::Help) if request.path.ends_with("nothing") => Ok(None),
            (_, Operation::Help) => Err(Error::internal("no help was written")),
            (_, Operation::Rollback) => Ok(None),
            ("notes", operation) => notes(context, operation, tail, &request).await,
            ("batch", Operation::Update) => batch(context, &request).await,
            ("page", Operation::Read) => page(context, &request).await,
            ("about", Operation::Read) => about(context).await,
            ("echo", Operation::Update) => Ok(Some(Response {
                data: request.data,
                ..Response::default()
            })),
            ("raw", Operation::Read) => Ok(Some(raw())),
            ("error", Operation::Read) => Err(error(tail)),
            ("log", Operation::Update) => {
                let text = text(&request, "text");
                tracing::error!(value = text, other = ?text, "{text}");
                Ok(None)
            }
            ("panic", Operation::Update) => panic!("{}", text(&request, "text")),
            ("slow", Operation::Update) => {
                context.storage.put(entry("notes/slow", "begun")).await?;
                tokio::time::sleep(Duration::from_millis(700)).await;
                context.storage.put(entry("notes/slow", "done")).await?;
                Ok(None)
            }
            _ => Err(Error::UnsupportedPath),
        }
    }

    async fn exists(&self, context: Context, request: &Request) -> Result<Option<bool>, Error> {
        if !request.path.starts_with("notes/") {
            return Ok(None);
        }
        Ok(Some(context.storage.get(&request.path).await?.is_some()))
    }

    async fn invalidate(&self, key: &str) {
        tracing::error!(key, "invalidated");
    }

    async fn cleanup(&self) {}
}

fn entry(key: &str, value: &str) -> Entry {
    Entry {
        key: key.to_owned(),
        value: value.as_bytes().to_vec(),
        seal_wrap: false,
    }
}

fn text<'a>(request: &'a Request, name: &str) -> &'a str {
    request
        .data
        .get(name)
        .and_then(Value::as_str)
        .unwrap_or_default()
}

async fn notes(
    context: Context,
    operation: Operation,
    name: &str,
    request: &Request,
) -> Result<Option<Response>, Error> {
    let key = format!("notes/{name}");
    match operation {
        Operation::List => Ok(Some(Response::list(context.storage.list("notes/").await?))),
        Operation::Read => match context.storage.get(&key).await? {
            Some(found) => {
                let text = String::from_utf8_lossy(&found.value);
                Response::of(&json!({"text": text})).map(Some)
            }
            None => Err(Error::not_found(format!("no note {name:?}"))),
        },
        Operation::Create | Operation::Update => {
            context
                .storage
                .put(entry(&key, text(request, "text")))
                .await?;
            Response::of(&json!({"created": operation == Operation::Create})).map(Some)
        }
        Operation::Delete => {
            context.storage.delete(&key).await?;
            Ok(None)
        }
        _ => Err(Error::UnsupportedOperation),
    }
}

async fn batch(context: Context, request: &Request) -> Result<Option<Response>, Error> {
    let mut batch = Batch::default();
    for (name, value) in &request.data {
        match value {
            Value::String(text) => batch.put(entry(&format!("notes/{name}"), text)),
            _ => batch.delete(format!("notes/{name}")),
        }
    }
    context.storage.commit(batch).await?;
    Ok(None)
}

async fn page(context: Context, request: &Request) -> Result<Option<Response>, Error> {
    let limit = text(request, "limit").parse().unwrap_or(10);
    let after = text(request, "after");
    let keys = context.storage.list_page("notes/", after, limit).await?;
    Response::of(&json!({"found": keys})).map(Some)
}

async fn about(context: Context) -> Result<Option<Response>, Error> {
    Response::of(&json!({
        "standby": context.system.is_standby().await?,
        "server_version": context.system.server_version().await?,
        "transactional": context.storage.transactional().await,
        "started": context.storage.get("started").await?.is_some(),
    }))
    .map(Some)
}

fn raw() -> Response {
    Response {
        raw: Some(RawBody {
            status: 218,
            content_type: "text/plain".to_owned(),
            // Valid base64, which must not be decoded.
            body: b"abcd".to_vec(),
        }),
        ..Response::default()
    }
}

fn error(kind: &str) -> Error {
    let text = format!("a text about {kind}");
    match kind {
        "bad-request" => Error::BadRequest(text),
        "permission-denied" => Error::PermissionDenied,
        "not-found" => Error::NotFound(text),
        "unsupported-operation" => Error::UnsupportedOperation,
        "conflict" => Error::Conflict(text),
        "bad-gateway" => Error::BadGateway(text),
        "unavailable" => Error::Unavailable(text),
        "internal" => Error::Internal(text),
        _ => Error::UnsupportedPath,
    }
}

//! A connection to one server with one token, and the four operations on any path.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use rustify::endpoint::Endpoint as _;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use vaultrs::client::VaultClient;
use zeroize::Zeroizing;

use super::endpoint::{Operation, RawRequest, check_path};
use super::{Settings, SettingsError, VaultError, VaultErrorKind, http};
use svpki_types::Secret;

/// A server, as one token sees it. Cheap to clone; every clone shares the connections.
#[derive(Clone)]
pub struct Server {
    client: Arc<VaultClient>,
    settings: Arc<Settings>,
}

/// `data` of an answer with the server's warnings.
#[derive(Clone, Default)]
pub struct Answer {
    pub data: Map<String, Value>,
    pub warnings: Vec<String>,
    request: String,
}

/// As [`Answer`], with `data` read into a type.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Answered<T> {
    pub value: T,
    pub warnings: Vec<String>,
}

/// Answer of a list: the keys, and `key_info` of each where the path has it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Listing {
    pub keys: Vec<String>,
    pub key_info: Map<String, Value>,
    pub warnings: Vec<String>,
}

impl Server {
    /// Makes the connection's client; nothing is sent yet.
    pub fn new(settings: Settings) -> Result<Self, SettingsError> {
        let client = http::vault_client(&settings)?;
        Ok(Self {
            client: Arc::new(client),
            settings: Arc::new(settings),
        })
    }

    /// The same server with another token.
    pub fn with_token(&self, token: Secret) -> Result<Self, SettingsError> {
        let mut settings = Settings::clone(&self.settings);
        settings.token.value = token;
        Self::new(settings)
    }

    /// The same server for calls that may last as long as `timeout`.
    pub fn with_timeout(&self, timeout: Duration) -> Result<Self, SettingsError> {
        let mut settings = Settings::clone(&self.settings);
        settings.timeout.value = timeout;
        Self::new(settings)
    }

    /// The same server in another namespace; an empty one is the root.
    pub fn with_namespace(&self, namespace: &str) -> Result<Self, SettingsError> {
        let mut settings = Settings::clone(&self.settings);
        settings.namespace.value = Some(namespace.to_owned()).filter(|name| !name.is_empty());
        Self::new(settings)
    }

    /// The server as a whole, which is asked in the root namespace: its health, its plugins, its own settings.
    pub fn root(&self) -> Result<Self, VaultError> {
        if self.namespace().is_none() {
            return Ok(self.clone());
        }
        self.with_namespace("")
            .map_err(|why| VaultError::bad_path(self.address(), why))
    }

    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The address as the operator wrote it.
    pub fn address(&self) -> &str {
        self.settings.address.value.as_str()
    }

    pub fn namespace(&self) -> Option<&str> {
        self.settings.namespace.value.as_deref()
    }

    pub async fn read(&self, path: &str, query: &[(&str, &str)]) -> Result<Answer, VaultError> {
        self.data(Operation::Read, path, query, None).await
    }

    /// Writes fields; an empty object is a write without fields.
    pub async fn write(&self, path: &str, fields: &Value) -> Result<Answer, VaultError> {
        self.data(Operation::Write, path, &[], Some(fields)).await
    }

    pub async fn delete(&self, path: &str, query: &[(&str, &str)]) -> Result<Answer, VaultError> {
        self.data(Operation::Delete, path, query, None).await
    }

    /// Lists a folder. Nothing in it is an empty list: servers say 404 without a reason for that.
    pub async fn list(&self, path: &str, query: &[(&str, &str)]) -> Result<Listing, VaultError> {
        let mut answer = match self.data(Operation::List, path, query, None).await {
            Ok(answer) => answer,
            Err(error) if error.kind == VaultErrorKind::NotFound && error.errors.is_empty() => {
                return Ok(Listing::default());
            }
            Err(error) => return Err(error),
        };
        let keys = match answer.data.remove("keys") {
            None | Some(Value::Null) => Vec::new(),
            Some(keys) => serde_json::from_value(keys)
                .map_err(|why| VaultError::invalid_answer(&answer.request, why))?,
        };
        let key_info = match answer.data.remove("key_info") {
            Some(Value::Object(info)) => info,
            _ => Map::new(),
        };
        Ok(Listing {
            keys,
            key_info,
            warnings: answer.warnings,
        })
    }

    async fn data(
        &self,
        operation: Operation,
        path: &str,
        query: &[(&str, &str)],
        fields: Option<&Value>,
    ) -> Result<Answer, VaultError> {
        let (request, body) = self.send(operation, path, query, fields).await?;
        let mut answer = Answer {
            request,
            ..Answer::default()
        };
        let Value::Object(mut envelope) = body else {
            return Ok(answer);
        };
        if let Some(Value::Array(warnings)) = envelope.remove("warnings") {
            answer.warnings = warnings
                .iter()
                .filter_map(Value::as_str)
                .map(str::to_owned)
                .collect();
        }
        match envelope.remove("data") {
            Some(Value::Object(data)) => answer.data = data,
            // sys/health, sys/seal-status and the like answer without an envelope.
            None => answer.data = envelope,
            Some(_) => {}
        }
        Ok(answer)
    }

    /// The whole answer's body as JSON (null for 204), with the request's name for errors.
    pub(super) async fn send(
        &self,
        operation: Operation,
        path: &str,
        query: &[(&str, &str)],
        fields: Option<&Value>,
    ) -> Result<(String, Value), VaultError> {
        let path = path.trim_start_matches('/');
        let name = format!("{} {path}", operation.word());
        check_path(path).map_err(|why| VaultError::bad_path(&name, why))?;
        let body = match fields {
            None => None,
            Some(fields) => Some(Zeroizing::new(
                serde_json::to_vec(fields).map_err(|why| VaultError::bad_path(&name, why))?,
            )),
        };
        let request = RawRequest {
            operation,
            path: path.to_owned(),
            query: query
                .iter()
                .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
                .collect(),
            body,
        };
        let sent = request
            .with_middleware(&self.client.middle)
            .exec(&http::Quota(&self.client.http))
            .await;
        let answer = match sent {
            Ok(answer) => answer,
            Err(error) => {
                let error = VaultError::from_transport(&name, &self.settings, error);
                tracing::debug!(status = error.status, "{name}");
                return Err(self.explained(error, path).await);
            }
        };
        tracing::debug!(status = answer.response.status().as_u16(), "{name}");
        let bytes = answer.response.body();
        if bytes.is_empty() {
            return Ok((name, Value::Null));
        }
        let body =
            serde_json::from_slice(bytes).map_err(|why| VaultError::invalid_answer(&name, why))?;
        Ok((name, body))
    }
}

/// Answers every valid token, whatever its policies.
const OPEN_TO_EVERY_TOKEN: &str = "sys/internal/ui/mounts";

impl Server {
    /// Servers say the same of a token without a right and of one that they do not know.
    async fn explained(&self, error: VaultError, path: &str) -> VaultError {
        let may_be_the_token = error.kind == VaultErrorKind::Denied
            && !self.settings.token.value.is_empty()
            && path != OPEN_TO_EVERY_TOKEN;
        if !may_be_the_token {
            return error;
        }
        let probe = Box::pin(self.send(Operation::Read, OPEN_TO_EVERY_TOKEN, &[], None)).await;
        match probe {
            Err(refused) if refused.kind == VaultErrorKind::Denied => {
                error.of_an_invalid_token(&self.settings)
            }
            _ => error,
        }
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server")
            .field("address", &self.address())
            .field("namespace", &self.namespace())
            .finish_non_exhaustive()
    }
}

impl Answer {
    /// Reads `data` into a type.
    pub fn into<T: DeserializeOwned>(self) -> Result<Answered<T>, VaultError> {
        let value = serde_json::from_value(Value::Object(self.data))
            .map_err(|why| VaultError::invalid_answer(&self.request, why))?;
        Ok(Answered {
            value,
            warnings: self.warnings,
        })
    }
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The values may be private keys.
        f.debug_struct("Answer")
            .field("request", &self.request)
            .field("fields", &self.data.keys().collect::<Vec<_>>())
            .field("warnings", &self.warnings)
            .finish_non_exhaustive()
    }
}

//! The [`Source`] that asks a Vault or OpenBao server.

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{PoisonError, RwLock};
use std::time::Duration;

use async_trait::async_trait;
use serde_json::{Map, Value};

use super::key_rescue::{self, KeyStorage};
use crate::tui::source::{
    CertKey, Done, PageQuery, Request, ServerAddress, ServerInfo, Source, SourceError, TokenInfo,
    Verb,
};
use svpki_types::Secret;
use svpki_types::api::{
    CertificateResponse, ConfigHealth, DomainResponse, HealthResponse, InventoryResponse,
    OrderResponse,
};
use vault_client::{InventoryQuery, Server, VaultError, VaultErrorKind};

/// The timeout of a request that changes something: twice the default of `sectigo_max_timeout`, for which the plugin
/// waits for the certificate of an order.
const PATIENCE: Duration = Duration::from_secs(120);
/// A server that does not report its health within this time counts as unreachable.
const SIGN_OF_LIFE: Duration = Duration::from_secs(5);

/// A server and the token in use.
pub struct VaultSource {
    server: RwLock<Server>,
    /// How many times the user has typed another token.
    logins: AtomicU64,
    /// Use only these mounts; if empty, all mounts that the token sees.
    mounts: Vec<String>,
    /// Whether the token could look itself up before. If it no longer can, it is no longer valid.
    token_was_good: AtomicBool,
    /// Whether the server has accepted the token for any request. If so, it is a policy that denies another request.
    was_let_in: AtomicBool,
}

impl VaultSource {
    pub fn new(server: Server, mounts: Vec<String>) -> Self {
        let mounts = mounts
            .iter()
            .map(|mount| mount.trim_matches('/').to_owned())
            .collect();
        Self {
            server: RwLock::new(server),
            logins: AtomicU64::new(0),
            mounts,
            token_was_good: AtomicBool::new(false),
            was_let_in: AtomicBool::new(false),
        }
    }

    fn server(&self) -> Server {
        self.server
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Sends a request with the token in use. If it is denied and the user has typed another token in the meantime, the
    /// request is sent again with that one: a denied request changed nothing.
    async fn again_after_login<T, F>(&self, request: impl Fn(Server) -> F) -> Result<T, SourceError>
    where
        F: Future<Output = Result<T, SourceError>>,
    {
        loop {
            let login = self.logins.load(Ordering::Acquire);
            let answer = request(self.server()).await;
            let denied = matches!(
                answer,
                Err(SourceError::TokenExpired | SourceError::Denied(_))
            );
            if !denied || self.logins.load(Ordering::Acquire) == login {
                return answer;
            }
        }
    }

    /// The same for a request that answers with the client's own error.
    async fn ask<T, F>(&self, request: impl Fn(Server) -> F) -> Result<T, SourceError>
    where
        F: Future<Output = Result<T, VaultError>>,
    {
        self.again_after_login(|server| {
            let answer = request(server.clone());
            async move {
                match answer.await {
                    Ok(answer) => Ok(answer),
                    Err(error) => Err(self.why(&server, error).await),
                }
            }
        })
        .await
    }

    /// Tells an invalid token from a policy that denies the request: servers say "permission denied" for both.
    async fn why(&self, server: &Server, error: VaultError) -> SourceError {
        if error.kind != VaultErrorKind::Denied {
            return refusal(error);
        }
        let text = error.errors.join(" ").to_lowercase();
        let says_so = [
            "invalid token",
            "bad token",
            "missing client token",
            "token is expired",
        ]
        .iter()
        .any(|words| text.contains(words));
        // A token that cannot look itself up and was never accepted is as good as wrong.
        let known_good = self.token_was_good.load(Ordering::Relaxed);
        let never_let_in = !self.was_let_in.load(Ordering::Relaxed);
        if says_so || ((known_good || never_let_in) && token_ended(server).await) {
            return SourceError::TokenExpired;
        }
        refusal(error)
    }

    async fn act_with(&self, server: Server, request: &Request) -> Result<Done, SourceError> {
        let server = server
            .with_timeout(PATIENCE)
            .map_err(|why| SourceError::Refused(why.to_string()))?;
        let key_storage = if request.verb.orders() {
            key_rescue::check(&server, request).await?
        } else {
            KeyStorage::Kept
        };
        let answer = if request.verb == Verb::Cancel {
            server.delete(&request.path, &[]).await
        } else {
            let fields: Map<String, Value> = request
                .fields
                .iter()
                .map(|(name, value)| ((*name).to_owned(), Value::from(value.as_str())))
                .collect();
            server.write(&request.path, &Value::Object(fields)).await
        };
        match answer {
            Ok(answer) => {
                let mut done = done(request.verb, &answer.data, answer.warnings);
                if key_storage == KeyStorage::Unknown {
                    done.warnings
                        .extend(key_rescue::save_only_copy(&server, request, &answer.data).await);
                }
                Ok(done)
            }
            Err(error) => Err(self.why(&server, error).await),
        }
    }

    async fn token_of(&self, server: &Server) -> Result<TokenInfo, SourceError> {
        match server.token().await {
            Ok(info) => {
                self.token_was_good.store(true, Ordering::Relaxed);
                Ok(TokenInfo {
                    name: info.display_name,
                    ttl: u64::try_from(info.ttl)
                        .ok()
                        .filter(|ttl| *ttl > 0 && info.expire_time.is_some()),
                    renewable: info.renewable,
                })
            }
            Err(error) => Err(self.why_of_token(error)),
        }
    }

    /// A server denies the lookup to an invalid token, and to a token without the default policy.
    fn why_of_token(&self, error: VaultError) -> SourceError {
        let denied = error.kind == VaultErrorKind::Denied;
        let text = error.errors.join(" ").to_lowercase();
        if denied
            && (self.token_was_good.load(Ordering::Relaxed)
                || text.contains("invalid token")
                || text.contains("bad token"))
        {
            return SourceError::TokenExpired;
        }
        refusal(error)
    }
}

/// Whether the server no longer knows the token that this client has.
async fn token_ended(server: &Server) -> bool {
    let answer = server.token().await;
    answer.is_err_and(|error| error.kind == VaultErrorKind::Denied)
}

fn refusal(error: VaultError) -> SourceError {
    let words = if error.errors.is_empty() {
        error.to_string()
    } else {
        error.errors.join("; ")
    };
    match error.kind {
        VaultErrorKind::Unreachable | VaultErrorKind::Timeout | VaultErrorKind::Tls => {
            SourceError::Unreachable(words)
        }
        VaultErrorKind::Sealed => SourceError::Sealed,
        VaultErrorKind::Denied => SourceError::Denied(error.request),
        VaultErrorKind::NotFound => SourceError::NotFound(words),
        _ => SourceError::Refused(words),
    }
}

#[async_trait]
impl Source for VaultSource {
    fn server_address(&self) -> ServerAddress {
        let server = self.server();
        ServerAddress {
            address: server.address().trim_end_matches('/').to_owned(),
            namespace: server
                .namespace()
                .unwrap_or_default()
                .trim_matches('/')
                .to_owned(),
        }
    }

    async fn mounts(&self) -> Result<Vec<String>, SourceError> {
        if !self.mounts.is_empty() {
            return Ok(self.mounts.clone());
        }
        let engines = self
            .again_after_login(|server| async move {
                match server.mounts().await {
                    // To an unknown token the server lists no mounts, without an error.
                    Ok(engines)
                        if engines.is_empty()
                            && !self.was_let_in.load(Ordering::Relaxed)
                            && token_ended(&server).await =>
                    {
                        Err(SourceError::TokenExpired)
                    }
                    Ok(engines) => Ok(engines),
                    Err(error) => Err(self.why(&server, error).await),
                }
            })
            .await?;
        self.was_let_in.store(true, Ordering::Relaxed);
        Ok(engines
            .iter()
            .map(|engine| engine.mount().to_owned())
            .collect())
    }

    async fn inventory(
        &self,
        mount: &str,
        query: &PageQuery,
    ) -> Result<InventoryResponse, SourceError> {
        let moment = |at: Option<i64>| at.map(|at| at.to_string()).unwrap_or_default();
        let query = InventoryQuery {
            status: query.status.into_iter().collect(),
            config: query.config.clone().unwrap_or_default(),
            q: query.q.clone().unwrap_or_default(),
            expires_before: moment(query.expires_before),
            expires_after: moment(query.expires_after),
            issued_after: moment(query.issued_after),
            sort: query.sort.to_owned(),
            after: query.after.clone(),
            limit: query.limit,
            ..InventoryQuery::default()
        };
        let query = &query;
        let page = self
            .ask(|server| async move {
                match server.engine(mount).inventory(query).await {
                    // Only some of several mounts have the config that is asked for. A missing mount is recognized by its
                    // hint.
                    Err(error)
                        if error.kind == VaultErrorKind::NotFound
                            && error.hint.is_none()
                            && !query.config.is_empty() =>
                    {
                        Ok(None)
                    }
                    answer => answer.map(|answer| Some(answer.value)),
                }
            })
            .await?;
        if page.is_some() {
            self.was_let_in.store(true, Ordering::Relaxed);
        }
        Ok(page.unwrap_or_default())
    }

    async fn certificate(&self, key: &CertKey) -> Result<CertificateResponse, SourceError> {
        let answer = self
            .ask(|server| async move {
                let engine = server.engine(&key.mount);
                engine.readcert(&key.config, &key.id, None).await
            })
            .await?;
        Ok(CertificateResponse {
            warnings: answer.warnings,
            ..answer.value
        })
    }

    async fn orders(&self, mount: &str) -> Result<Vec<OrderResponse>, SourceError> {
        let listings = self
            .ask(|server| async move {
                let engine = server.engine(mount);
                let mut listings = Vec::new();
                for config in engine.configs().await? {
                    let listing = engine.orders(&config).await?;
                    listings.push((config, listing));
                }
                Ok(listings)
            })
            .await?;
        let mut orders = Vec::new();
        for (config, listing) in listings {
            for (id, info) in listing.key_info {
                let mut order: OrderResponse = serde_json::from_value(info)
                    .map_err(|why| SourceError::Refused(format!("order {id}: {why}")))?;
                order.order_id = id;
                order.config.clone_from(&config);
                orders.push(order);
            }
        }
        Ok(orders)
    }

    async fn order(
        &self,
        mount: &str,
        config: &str,
        id: &str,
    ) -> Result<OrderResponse, SourceError> {
        let answer = self
            .ask(|server| async move { server.engine(mount).order(config, id).await })
            .await?;
        Ok(answer.value)
    }

    async fn domains(&self, mount: &str) -> Result<Vec<DomainResponse>, SourceError> {
        let listings = self
            .ask(|server| async move {
                let engine = server.engine(mount);
                let mut listings = Vec::new();
                for config in engine.configs().await? {
                    match engine.domains(&config).await {
                        Ok(listing) => listings.push((config, listing)),
                        // A config for client certificates has no domains, and a policy may hide them.
                        Err(error)
                            if matches!(
                                error.kind,
                                VaultErrorKind::Denied
                                    | VaultErrorKind::NotFound
                                    | VaultErrorKind::BadRequest
                            ) => {}
                        Err(error) => return Err(error),
                    }
                }
                Ok(listings)
            })
            .await?;
        let mut domains = Vec::new();
        for (config, listing) in listings {
            for (name, info) in listing.key_info {
                let mut domain: DomainResponse = serde_json::from_value(info)
                    .map_err(|why| SourceError::Refused(format!("domain {name}: {why}")))?;
                domain.domain = name;
                domain.config.clone_from(&config);
                domains.push(domain);
            }
        }
        Ok(domains)
    }

    async fn health(&self, mount: &str) -> Result<HealthResponse, SourceError> {
        let answer = self
            .ask(|server| async move { server.engine(mount).health().await })
            .await?;
        Ok(answer.value)
    }

    async fn check_account(&self, mount: &str, config: &str) -> Result<ConfigHealth, SourceError> {
        let answer = self
            .ask(|server| async move { server.engine(mount).config_health(config).await })
            .await?;
        Ok(answer.value)
    }

    async fn server(&self) -> Result<ServerInfo, SourceError> {
        let server = Self::server(self);
        let Ok(health) = tokio::time::timeout(SIGN_OF_LIFE, server.health()).await else {
            let seconds = SIGN_OF_LIFE.as_secs();
            return Err(SourceError::Unreachable(format!(
                "no answer within {seconds} s"
            )));
        };
        match health {
            Ok(health) => Ok(ServerInfo {
                product: health.product(),
                version: health.version,
                cluster: health.cluster_name,
                sealed: health.sealed || !health.initialized,
                standby: health.standby || health.performance_standby,
            }),
            Err(error) => Err(refusal(error)),
        }
    }

    async fn token(&self) -> Result<TokenInfo, SourceError> {
        self.again_after_login(|server| async move { self.token_of(&server).await })
            .await
    }

    async fn renew_token(&self) -> Result<TokenInfo, SourceError> {
        self.ask(|server| async move { server.renew_token().await })
            .await?;
        self.token().await
    }

    async fn use_token(&self, token: Secret) -> Result<TokenInfo, SourceError> {
        let server = Self::server(self)
            .with_token(token)
            .map_err(|why| SourceError::Refused(why.to_string()))?;
        let info = self.token_of(&server).await?;
        *self.server.write().unwrap_or_else(PoisonError::into_inner) = server;
        self.logins.fetch_add(1, Ordering::Release);
        Ok(info)
    }

    async fn capabilities(
        &self,
        paths: Vec<String>,
    ) -> Result<BTreeMap<String, Vec<String>>, SourceError> {
        let paths = &paths;
        self.ask(|server| async move { server.capabilities(paths).await })
            .await
    }

    async fn act(&self, request: &Request) -> Result<Done, SourceError> {
        self.again_after_login(|server| self.act_with(server, request))
            .await
    }
}

/// The result of a request, in the few words that the dashboard shows.
fn done(verb: Verb, data: &Map<String, Value>, warnings: Vec<String>) -> Done {
    let word = |name: &str| data.get(name).and_then(Value::as_str).unwrap_or_default();
    let (id, status) = (word("sectigo_cert_unique_id"), word("status"));
    let message = match (verb, status) {
        (Verb::Cancel, _) => match word("state") {
            "" => "order record removed".to_owned(),
            "cancelled" => "cancelled".to_owned(),
            first => format!("was {first} at SCM already"),
        },
        (Verb::Poll, _) => format!("{} {}", word("state"), word("last_message"))
            .trim()
            .to_owned(),
        (Verb::Revoke, _) => "revoked".to_owned(),
        (_, "pending") => format!("ordered: {} is pending", word("order_id")),
        (Verb::Renew, _) => format!("new ID {id}"),
        (_, status) => format!("{status} {id}").trim().to_owned(),
    };
    Done { message, warnings }
}

#[cfg(test)]
mod tests {
    use vault_client::{Environment, Flags, Settings};

    use super::*;

    /// Regression: a request with the old token was answered after the login, and the dashboard asked for a token again.
    #[tokio::test]
    async fn a_request_denied_to_the_old_token_is_sent_again_with_the_new_one() {
        let environment = Environment::of(&[], None);
        let settings = Settings::read(&Flags::default(), &environment).unwrap();
        let server = Server::new(settings).unwrap();
        let source = VaultSource::new(server, Vec::new());
        let sent = std::cell::Cell::new(0);
        let request = |login_meanwhile: bool| {
            let (source, sent) = (&source, &sent);
            move |_| async move {
                sent.set(sent.get() + 1);
                if sent.get() > 1 {
                    return Ok("with the new token");
                }
                if login_meanwhile {
                    source.logins.fetch_add(1, Ordering::Release);
                }
                Err(SourceError::TokenExpired)
            }
        };
        let answer = source.again_after_login(request(true)).await;
        assert_eq!((answer, sent.get()), (Ok("with the new token"), 2));
        sent.set(0);
        let answer = source.again_after_login(request(false)).await;
        assert_eq!((answer, sent.get()), (Err(SourceError::TokenExpired), 1));
    }

    #[test]
    fn the_outcome_is_said_in_few_words_and_without_the_key() {
        let said = |json: Value| {
            let fields = json.as_object().cloned().unwrap_or_default();
            done(Verb::Renew, &fields, Vec::new()).message
        };
        let renewed = serde_json::json!({
            "sectigo_cert_unique_id": "8_acme", "status": "issued", "private_key": "-----BEGIN"
        });
        assert_eq!(said(renewed), "new ID 8_acme");
        let called_back = |json: Value| {
            let fields = json.as_object().cloned().unwrap_or_default();
            done(Verb::Cancel, &fields, Vec::new()).message
        };
        let ended = |state: &str| called_back(serde_json::json!({"state": state}));
        assert_eq!(ended("cancelled"), "cancelled");
        assert_eq!(ended("declined"), "was declined at SCM already");
        assert_eq!(called_back(Value::Null), "order record removed");
        let pending = serde_json::json!({"status": "pending", "order_id": "o-1"});
        assert_eq!(said(pending), "ordered: o-1 is pending");
    }
}

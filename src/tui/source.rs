//! What the dashboard asks of a server. `VaultSource` asks a real server, `tests/tui` uses a script.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;

use svpki_types::api::{
    CertificateResponse, ConfigHealth, DomainResponse, HealthResponse, InventoryResponse,
    OrderResponse,
};
use svpki_types::{Secret, Status};
use vault_client::ServerProduct;

/// A query for one page of one mount's inventory.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PageQuery {
    pub status: Option<Status>,
    pub config: Option<String>,
    pub q: Option<String>,
    /// Unix seconds.
    pub expires_before: Option<i64>,
    /// Unix seconds.
    pub expires_after: Option<i64>,
    /// Unix seconds.
    pub issued_after: Option<i64>,
    /// In the plugin's spelling: `expiration`, `-expiration`, `common_name`, `-common_name`.
    pub sort: &'static str,
    pub after: String,
    pub limit: usize,
}

/// Identifies a certificate or an order on a server.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CertKey {
    /// Without a slash at the end.
    pub mount: Arc<str>,
    pub config: Arc<str>,
    pub id: Arc<str>,
}

/// An action that changes something on the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Verb {
    Enroll,
    Renew,
    Replace,
    Revoke,
    Fetch,
    /// Has the plugin ask SCM for the state of an order now.
    Poll,
    /// Cancels an order.
    Cancel,
}

impl Verb {
    pub fn word(self) -> &'static str {
        match self {
            Self::Enroll => "enroll",
            Self::Renew => "renew",
            Self::Replace => "replace",
            Self::Revoke => "revoke",
            Self::Fetch => "fetch",
            Self::Poll => "poll",
            Self::Cancel => "cancel",
        }
    }

    /// Whether the action cannot be undone. Such an action needs the name typed.
    pub fn is_destructive(self) -> bool {
        matches!(self, Self::Replace | Self::Revoke | Self::Cancel)
    }

    /// Whether the action places an order at SCM, which costs money.
    pub fn orders(self) -> bool {
        matches!(self, Self::Enroll | Self::Renew | Self::Replace)
    }

    /// The capability that the token needs on the request path.
    pub fn capability(self) -> &'static str {
        match self {
            Self::Cancel => "delete",
            _ => "update",
        }
    }
}

/// A request that changes something: what `vault write` or `vault delete` would send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    pub verb: Verb,
    /// Including the mount.
    pub path: String,
    pub fields: Vec<(&'static str, String)>,
}

impl Request {
    /// The request as a command of the server's own command-line tool.
    pub fn command(&self, product: ServerProduct) -> String {
        let verb = match (self.verb, self.fields.is_empty()) {
            (Verb::Cancel, _) => "delete",
            (_, true) => "write -f",
            (_, false) => "write",
        };
        let mut line = format!("{} {verb} {}", product.command(), quote(&self.path));
        for (name, value) in &self.fields {
            line.push_str(&format!(" {name}={}", quote(value)));
        }
        line
    }

    /// The mount, the config and the ID in the path. The mount may contain slashes. An order for a new certificate has
    /// no ID.
    pub fn place(&self) -> (&str, &str, &str) {
        let count = if self.verb == Verb::Enroll { 3 } else { 4 };
        let mut pieces = self.path.rsplitn(count, '/');
        let mut piece = || pieces.next().unwrap_or_default();
        let id = if self.verb == Verb::Enroll {
            ""
        } else {
            piece()
        };
        let config = piece();
        piece();
        (piece(), config, id)
    }

    /// The request as a command of `svpki`.
    pub fn svpki(&self) -> String {
        let (mount, config, id) = self.place();
        let verb = match self.verb {
            Verb::Cancel => "orders cancel",
            Verb::Poll => "orders look",
            verb => verb.word(),
        };
        let mut words = vec![format!("svpki {verb}"), quote(config)];
        if !id.is_empty() {
            words.push(quote(id));
        }
        for (name, value) in &self.fields {
            let flag = FLAGS.iter().find(|(field, _)| field == name);
            words.extend(flag.map(|(_, flag)| format!("{flag} {}", quote(value))));
        }
        words.push(format!("--mount {}", quote(mount)));
        words.join(" ")
    }
}

/// The flags of `svpki` for the fields of a request.
const FLAGS: [(&str, &str); 8] = [
    ("common_name", "--common-name"),
    ("alt_names", "--alt-name"),
    ("profile_id", "--profile-id"),
    ("term", "--term"),
    ("sectigo_revoke_reason", "--reason"),
    ("sectigo_replace_reason", "--reason"),
    ("reason_code", "--reason-code"),
    ("idempotency_key", "--idempotency-key"),
];

/// Quotes a word for a POSIX shell.
fn quote(text: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_./:@,+=%".contains(&b);
    if !text.is_empty() && text.bytes().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ServerInfo {
    pub product: ServerProduct,
    pub version: String,
    pub cluster: String,
    pub sealed: bool,
    pub standby: bool,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TokenInfo {
    pub name: String,
    /// Seconds left; `None` for a token that never expires.
    pub ttl: Option<u64>,
    pub renewable: bool,
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SourceError {
    #[error("server unreachable: {0}")]
    Unreachable(String),
    #[error("the server is sealed")]
    Sealed,
    /// The token is expired, revoked or unknown.
    #[error("the token is expired, revoked or wrong")]
    TokenExpired,
    #[error("permission denied: {0}")]
    Denied(String),
    #[error("not found: {0}")]
    NotFound(String),
    #[error("{0}")]
    Refused(String),
}

impl SourceError {
    /// Whether every other request would fail in the same way.
    pub fn is_server_wide(&self) -> bool {
        matches!(
            self,
            Self::Unreachable(_) | Self::Sealed | Self::TokenExpired
        )
    }
}

/// The result of a request that changed something, in a few words.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Done {
    pub message: String,
    pub warnings: Vec<String>,
}

/// The server address, which is always on the screen.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ServerAddress {
    pub address: String,
    pub namespace: String,
}

impl fmt::Display for ServerAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.address)
    }
}

/// The maximum number of rows in each page of certificates that may need somebody.
const ATTENTION: usize = 1000;
/// Page size for certificates issued lately, and the maximum number of pages: a server looks at only some certificates
/// for each page.
const ISSUED: usize = 200;
const ISSUED_PAGES: usize = 20;
/// Seconds: certificates that expire sooner than this, or expired within this time, may need somebody.
const NEAR: i64 = 7 * 24 * 3600;

#[async_trait]
pub trait Source: Send + Sync + 'static {
    fn server_address(&self) -> ServerAddress;
    /// The mounts of this plugin, without a slash at the end.
    async fn mounts(&self) -> Result<Vec<String>, SourceError>;
    async fn inventory(
        &self,
        mount: &str,
        query: &PageQuery,
    ) -> Result<InventoryResponse, SourceError>;
    /// Certificates that may need somebody: expiring, valid for less than a week, or expired in the last week.
    async fn attention(&self, mount: &str, now: i64) -> Result<InventoryResponse, SourceError> {
        let mut all = InventoryResponse::default();
        for (status, after, before) in [
            (Status::Expiring, None, None),
            (Status::Issued, None, Some(now + NEAR)),
            (Status::Expired, Some(now - NEAR), None),
        ] {
            let query = PageQuery {
                status: Some(status),
                expires_after: after,
                expires_before: before,
                sort: "expiration",
                limit: ATTENTION,
                ..PageQuery::default()
            };
            let page = self.inventory(mount, &query).await?;
            all.certificates.extend(page.certificates);
            all.summary = page.summary;
            if all.next.is_empty() {
                all.next = page.next;
            }
        }
        Ok(all)
    }
    /// Certificates in use that began after this moment in Unix seconds; only the first of many.
    async fn issued(&self, mount: &str, after: i64) -> Result<InventoryResponse, SourceError> {
        let mut query = PageQuery {
            status: Some(Status::Issued),
            issued_after: Some(after),
            sort: "-expiration",
            limit: ISSUED,
            ..PageQuery::default()
        };
        let mut all = InventoryResponse::default();
        for _ in 0..ISSUED_PAGES {
            let page = self.inventory(mount, &query).await?;
            all.certificates.extend(page.certificates);
            all.summary = page.summary;
            all.next.clone_from(&page.next);
            if page.next.is_empty() || all.certificates.len() >= ISSUED {
                break;
            }
            query.after = page.next;
        }
        Ok(all)
    }
    /// The stored certificate without its private key. Orders nothing.
    async fn certificate(&self, key: &CertKey) -> Result<CertificateResponse, SourceError>;
    async fn orders(&self, mount: &str) -> Result<Vec<OrderResponse>, SourceError>;
    /// One order, open or ended.
    async fn order(
        &self,
        mount: &str,
        config: &str,
        id: &str,
    ) -> Result<OrderResponse, SourceError>;
    /// The domains that certificates of this mount need. Configs that the token may not read are left out.
    async fn domains(&self, mount: &str) -> Result<Vec<DomainResponse>, SourceError>;
    async fn health(&self, mount: &str) -> Result<HealthResponse, SourceError>;
    /// Has the plugin check the SCM account of a config now.
    async fn check_account(&self, mount: &str, config: &str) -> Result<ConfigHealth, SourceError>;
    async fn server(&self) -> Result<ServerInfo, SourceError>;
    async fn token(&self) -> Result<TokenInfo, SourceError>;
    async fn renew_token(&self) -> Result<TokenInfo, SourceError>;
    /// Uses this token from now on, if the server accepts it.
    async fn use_token(&self, token: Secret) -> Result<TokenInfo, SourceError>;
    /// The capabilities of the token on each path.
    async fn capabilities(
        &self,
        paths: Vec<String>,
    ) -> Result<BTreeMap<String, Vec<String>>, SourceError>;
    async fn act(&self, request: &Request) -> Result<Done, SourceError>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_survives_a_shell() {
        let request = Request {
            verb: Verb::Revoke,
            path: "sectigo/revoke/prod/77_acme".to_owned(),
            fields: vec![
                ("sectigo_revoke_reason", "it's lost; rm -rf".to_owned()),
                ("reason_code", "1".to_owned()),
            ],
        };
        assert_eq!(
            request.command(ServerProduct::Vault),
            r"vault write sectigo/revoke/prod/77_acme sectigo_revoke_reason='it'\''s lost; rm -rf' reason_code=1"
        );
        assert_eq!(
            request.svpki(),
            r"svpki revoke prod 77_acme --reason 'it'\''s lost; rm -rf' --reason-code 1 --mount sectigo"
        );
        let enroll = Request {
            verb: Verb::Enroll,
            path: "pki/eu/enroll/prod".to_owned(),
            fields: vec![
                ("common_name", "a.example.com".to_owned()),
                ("alt_names", "b.example.com,c.example.com".to_owned()),
            ],
        };
        assert_eq!(
            enroll.svpki(),
            "svpki enroll prod --common-name a.example.com --alt-name b.example.com,c.example.com --mount pki/eu"
        );
        let renew = Request {
            verb: Verb::Renew,
            path: "a/renew/b/c".to_owned(),
            fields: vec![],
        };
        let line = renew.command(ServerProduct::OpenBao);
        assert_eq!(line, "bao write -f a/renew/b/c");
    }
}

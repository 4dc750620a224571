//! Builds the transport from settings: our own reqwest client inside a `VaultClient` made by hand, so that nothing
//! is read from the environment twice and TLS verification is lost only where the settings say so.

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use hyper::http::header::RETRY_AFTER;
use hyper::http::{Request, Response, StatusCode};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::redirect::{Attempt, Policy};
use reqwest::{Client, ClientBuilder, Identity, Proxy};
use rustify::client::Client as HttpClient;
use rustify::clients::reqwest::Client as RestClient;
use rustify::errors::ClientError;
use url::Url;
use vaultrs::api::EndpointMiddleware;
use vaultrs::client::{VaultClient, VaultClientSettings};
use zeroize::Zeroizing;

use super::setting::SettingsError;
use super::settings::{Settings, is_loopback};
use super::trust;

/// A standby answers with one redirect to the active node.
const MOST_REDIRECTS: usize = 3;

pub(super) fn vault_client(settings: &Settings) -> Result<VaultClient, SettingsError> {
    let (http, base) = http_client(settings)?;
    // vaultrs puts its version before the whole path; with a path in the address that must come first.
    let folder = base.path().trim_matches('/').to_owned();
    let version = if folder.is_empty() {
        "v1".to_owned()
    } else {
        format!("{folder}/v1")
    };
    let mut root = base.clone();
    root.set_path("/");
    Ok(VaultClient {
        http: RestClient::new(root.as_str(), http),
        middle: EndpointMiddleware {
            token: settings.token.value.expose().to_owned(),
            version,
            wrap: None,
            namespace: settings.namespace.value.clone(),
        },
        // Only the fields above are read; the token stands in one place.
        settings: VaultClientSettings {
            address: root,
            ca_certs: Vec::new(),
            identity: None,
            timeout: Some(settings.timeout.value),
            token: String::new(),
            verify: true,
            version: 1,
            wrapping: false,
            namespace: settings.namespace.value.clone(),
            proxy: None,
        },
    })
}

/// The client, and the address that requests are built on.
fn http_client(settings: &Settings) -> Result<(Client, Url), SettingsError> {
    let address = &settings.address.value;
    let mut base = address.clone();
    let mut builder = Client::builder()
        .timeout(settings.timeout.value)
        .redirect(Policy::custom(follow))
        .user_agent(concat!("svpki/", env!("CARGO_PKG_VERSION")));
    match address.scheme() {
        "unix" => {
            builder = builder.unix_socket(Path::new(address.path()).to_owned());
            base = Url::parse("http://localhost/")
                .map_err(|why| SettingsError::new("server address", why))?;
            builder = builder.tls_certs_only([]);
        }
        // Without TLS no trust store is needed; loading the system's costs time and may fail.
        "http" => builder = builder.tls_certs_only([]),
        _ => {
            builder = match trust::own_roots(settings)? {
                _ if settings.skip_verify.value => {
                    identify(builder.tls_danger_accept_invalid_certs(true), settings)?
                }
                Some(tls) => builder.tls_backend_preconfigured(tls),
                None => identify(builder, settings)?,
            };
            if let Some(name) = &settings.tls_server_name.value {
                (builder, base) = call_by_name(builder, settings, name)?;
            }
        }
    }
    if let Some(proxy) = &settings.proxy.value {
        let proxy = Proxy::all(proxy.as_str())
            .map_err(|why| SettingsError::new(&settings.proxy.origin, why))?;
        builder = builder.proxy(proxy);
    } else if is_loopback(address) {
        // As Go does: the system's proxy is not asked for this machine.
        builder = builder.no_proxy();
    }
    let client = builder
        .build()
        .map_err(|why| SettingsError::new("connection", chain(&why)))?;
    Ok((client, base))
}

/// The longest that a call waits for a quota of the server, all waits together.
const LONGEST_WAIT: Duration = Duration::from_secs(120);
/// Where the server does not say when to come again.
const DEFAULT_WAIT: Duration = Duration::from_secs(1);

/// Asks again, when the server's quota says so, what the server has not looked at.
pub(super) struct Quota<'c>(pub(super) &'c RestClient);

#[async_trait::async_trait]
impl HttpClient for Quota<'_> {
    fn base(&self) -> &str {
        self.0.base()
    }

    async fn send(&self, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, ClientError> {
        let mut waited = Duration::ZERO;
        loop {
            let mut again = Request::new(request.body().clone());
            again.method_mut().clone_from(request.method());
            again.uri_mut().clone_from(request.uri());
            again.headers_mut().clone_from(request.headers());
            let answer = self.0.send(again).await?;
            if answer.status() != StatusCode::TOO_MANY_REQUESTS {
                return Ok(answer);
            }
            let wait = answer
                .headers()
                .get(RETRY_AFTER)
                .and_then(|text| text.to_str().ok()?.trim().parse().ok())
                .map_or(DEFAULT_WAIT, Duration::from_secs)
                .max(DEFAULT_WAIT);
            if waited + wait > LONGEST_WAIT {
                return Ok(answer);
            }
            tracing::debug!("the server's quota: again in {} s", wait.as_secs());
            tokio::time::sleep(wait).await;
            waited += wait;
        }
    }
}

fn follow(attempt: Attempt<'_>) -> reqwest::redirect::Action {
    let was_tls = attempt
        .previous()
        .first()
        .is_some_and(|url| url.scheme() == "https");
    if was_tls && attempt.url().scheme() != "https" {
        return attempt.error("the server redirects from https to http: not followed");
    }
    if attempt.previous().len() > MOST_REDIRECTS {
        return attempt.error("too many redirects");
    }
    attempt.follow()
}

fn identify(builder: ClientBuilder, settings: &Settings) -> Result<ClientBuilder, SettingsError> {
    let (Some(certificate), Some(key)) = (&settings.client_cert.value, &settings.client_key.value)
    else {
        return Ok(builder);
    };
    let read = |path: &Path| {
        std::fs::read(path).map(Zeroizing::new).map_err(|why| {
            SettingsError::new(
                format!("client certificate {}", path.display()),
                super::io_words(&why),
            )
        })
    };
    let mut pem = read(certificate)?;
    pem.push(b'\n');
    pem.extend_from_slice(&read(key)?);
    let identity = Identity::from_pem(&pem).map_err(|why| {
        SettingsError::new(
            format!("client certificate {}", certificate.display()),
            chain(&why),
        )
    })?;
    Ok(builder.identity(identity))
}

/// Connects to the address's host while asking for, and verifying, another name: SNI, verification and Host header
/// all carry `name`, as a load balancer that routes by name expects.
fn call_by_name(
    builder: ClientBuilder,
    settings: &Settings,
    name: &str,
) -> Result<(ClientBuilder, Url), SettingsError> {
    let origin = &settings.tls_server_name.origin;
    if settings.proxy.value.is_some() {
        return Err(SettingsError::new(
            origin,
            "cannot be used together with a proxy",
        ));
    }
    let address = &settings.address.value;
    let mut base = address.clone();
    base.set_host(Some(name))
        .map_err(|why| SettingsError::new(origin, format!("{name:?}: {why}")))?;
    if !matches!(base.host(), Some(url::Host::Domain(_))) {
        return Err(SettingsError::new(
            origin,
            format!("{name:?} is no host name"),
        ));
    }
    let resolver = ResolveAs {
        name: base.host_str().unwrap_or_default().to_owned(),
        host: address
            .host_str()
            .unwrap_or_default()
            .trim_matches(['[', ']'])
            .to_owned(),
        port: address.port_or_known_default().unwrap_or(443),
    };
    Ok((
        builder
            .dns_resolver(std::sync::Arc::new(resolver))
            .no_proxy(),
        base,
    ))
}

struct ResolveAs {
    name: String,
    host: String,
    port: u16,
}

impl Resolve for ResolveAs {
    fn resolve(&self, asked: Name) -> Resolving {
        let host = if asked.as_str() == self.name {
            self.host.clone()
        } else {
            asked.as_str().to_owned()
        };
        let port = self.port;
        Box::pin(async move {
            let found: Vec<SocketAddr> = tokio::net::lookup_host((host, port)).await?.collect();
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        text = format!("{text}: {cause}");
        next = cause.source();
    }
    text
}

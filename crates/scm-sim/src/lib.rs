//! A local Sectigo Certificate Manager: the documented REST API with a real CA, and with time and faults that a
//! scenario controls.
//!
//! Written from SCM's documents alone, as strict and as peculiar as documented; it shares no type with our client.
//! [`Sim::start`] runs it inside a test, `scm-sim serve` as a program. `docs/scm-sim.md` is the manual, and lists the
//! intended differences from SCM.
//!
//! One port serves HTTP and HTTPS:
//! - `/api/…` and `/private/api/…` (client certificate): the calls of SCM;
//! - `/auth/realms/apiclients/protocol/openid-connect/token`: OAuth2 client credentials;
//! - `/pki/…`: what the certificates refer to (CRL, OCSP, CA certificates);
//! - `/control/…`: for tests and people, see [`control`];
//! - `/`: a page with orders and calls.
//!
//! Layers, each knowing only those below: `api` (the calls), `http` (admission, faults, log), [`World`](world::World)
//! (everything SCM knows, behind one lock), `order`, `state_log` (the state file), `ca`, [`settings`].

#![cfg_attr(
    test,
    allow(
        clippy::expect_used,
        clippy::unwrap_used,
        reason = "a test may stop at the first surprise"
    )
)]

mod api;
mod ca;
mod call_log;
pub mod control;
mod crl_ocsp;
mod domain;
mod http;
mod look;
mod oauth;
mod order;
mod page;
pub mod settings;
mod state_log;
mod world;

use std::net::SocketAddr;
use std::path::PathBuf;

use axum::Router;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use ca::{Authority, CaSeed};
use http::{Dispatcher, Listener, Reply, TOKEN_PATH};
use settings::{Settings, SettingsError};
use state_log::{StateLog, StateLogError, Unwritable};
use world::{Record, SavedIdentity, World};

/// The options of a simulator. By default it listens on a free port of 127.0.0.1, stores nothing, and has the default
/// settings.
#[derive(Debug, Clone, Default)]
pub struct Options {
    pub listen: Option<SocketAddr>,
    /// The state file; without it everything is kept in memory only.
    pub state: Option<PathBuf>,
    pub settings: Settings,
}

/// A running simulator. Dropping it stops it; [`Sim::stop`] also waits for the present answers.
pub struct Sim {
    pub address: SocketAddr,
    pub ready: Ready,
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

/// What a client needs to know. `scm-sim serve` prints it as one line of JSON.
#[derive(Debug, Clone, Serialize)]
pub struct Ready {
    /// `http://…` without a path; SCM's calls are below `/api`.
    pub base_url: String,
    pub https_url: String,
    pub control_url: String,
    pub token_url: String,
    pub login: String,
    pub password: String,
    pub customer_uri: String,
    pub client_id: Option<String>,
    pub client_secret: String,
    /// The CA of the simulator's HTTPS certificate.
    pub ca_pem: String,
    /// The root of the certificates that the simulator issues.
    pub root_pem: String,
    pub issuing_pem: String,
    /// A client certificate for `/private/api`, and its key.
    pub client_cert_pem: String,
    pub client_key_pem: String,
}

#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error(transparent)]
    Settings(#[from] SettingsError),
    #[error(transparent)]
    StateLog(#[from] StateLogError),
    #[error(transparent)]
    Unwritable(#[from] Unwritable),
    #[error("cannot listen on {address}: {source}")]
    Listen {
        address: SocketAddr,
        source: std::io::Error,
    },
    #[error("cannot set up the CA: {0}")]
    Ca(#[from] rcgen::Error),
    #[error("cannot set up TLS: {0}")]
    Tls(#[from] rustls::Error),
    #[error("the system gives no random numbers")]
    Randomness,
}

impl Sim {
    pub async fn start(options: Options) -> Result<Self, StartError> {
        options.settings.check()?;
        let (journal, records) = match &options.state {
            Some(path) => {
                let (journal, records) = StateLog::open(path)?;
                (Some(journal), records)
            }
            None => (None, Vec::new()),
        };
        let wanted = options
            .listen
            .unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 0)));
        let unreachable = |source| StartError::Listen {
            address: wanted,
            source,
        };
        let tcp = TcpListener::bind(wanted).await.map_err(unreachable)?;
        let address = tcp.local_addr().map_err(unreachable)?;
        let world = open_world(options.settings, journal, records, address)?;
        // The login that was generated at this start must be in the state file before anybody reads it.
        if let Some(ticket) = world.ticket()? {
            ticket.safe().await?;
        }
        let ready = Ready::of(&world, address)?;
        let names = ["localhost".to_owned(), address.ip().to_string()];
        let identity = world.authority.server_identity(&names, Timestamp::now())?;
        let listener = Listener::new(tcp, identity, &world.authority.transport_der)?;
        let desk = Dispatcher::new(world);
        let (stop, stopped) = watch::channel(false);
        let task = tokio::spawn(listener.serve(router(&desk), stopped));
        Ok(Self {
            address,
            ready,
            stop,
            task,
        })
    }

    /// Accepts no more connections, waits for the present answers, and ends.
    pub async fn stop(self) {
        self.stop.send_replace(true);
        if let Err(error) = self.task.await {
            tracing::error!(%error, "the simulator ended badly");
        }
    }
}

impl std::ops::Deref for Sim {
    type Target = Ready;

    fn deref(&self) -> &Ready {
        &self.ready
    }
}

/// A call of `/control/…` that failed.
#[derive(Debug, thiserror::Error)]
pub enum ControlError {
    #[error("{0} is no method of HTTP")]
    Method(String),
    #[error("the simulated SCM did not answer: {0}")]
    Unreachable(#[from] reqwest::Error),
    #[error("the simulated SCM refused {method} {path} ({status}): {said}")]
    Refused {
        method: String,
        path: String,
        status: u16,
        said: String,
    },
}

impl Ready {
    /// Makes a call of `/control/…`, see [`control`], for example `("POST", "clock", json!({"advance": "9d"}))`.
    /// `Null` sends no body, and is answered if the answer has no body.
    ///
    /// # Errors
    /// If the simulator is gone, or refuses the call; the error has the simulator's text.
    pub async fn control(
        &self,
        method: &str,
        path: &str,
        body: Value,
    ) -> Result<Value, ControlError> {
        // Plain HTTP needs no CA certificates, and loading those of the system takes longer than the call.
        let plain = reqwest::Client::builder().no_proxy().tls_certs_only([]);
        let url = format!("{}/{path}", self.control_url);
        let verb = method.parse();
        let verb = verb.map_err(|_| ControlError::Method(method.to_owned()))?;
        let mut request = plain.build()?.request(verb, url);
        if !body.is_null() {
            request = request.json(&body);
        }
        let answer = request.send().await?;
        let status = answer.status();
        let said = answer.text().await?;
        if !status.is_success() {
            return Err(ControlError::Refused {
                method: method.to_owned(),
                path: path.to_owned(),
                status: status.as_u16(),
                said,
            });
        }
        Ok(serde_json::from_str(&said).unwrap_or_default())
    }

    fn of(world: &World, address: SocketAddr) -> Result<Self, StartError> {
        let account = world.settings.accounts.first();
        let login = account
            .map(|account| account.login.clone())
            .unwrap_or_default();
        let client = world.authority.client_identity(&login, Timestamp::now())?;
        let pem = |label: &str, der: &[u8]| pem::encode(&pem::Pem::new(label, der));
        Ok(Self {
            base_url: world.base_url.clone(),
            https_url: format!("https://{address}"),
            control_url: format!("{}/control", world.base_url),
            token_url: format!("{}{}", world.base_url, TOKEN_PATH),
            password: account
                .and_then(|account| account.password.clone())
                .unwrap_or_else(|| world.identity.password.clone()),
            customer_uri: account
                .map(|account| account.customer_uri.clone())
                .unwrap_or_default(),
            client_id: account.and_then(|account| account.client_id.clone()),
            client_secret: account
                .and_then(|account| account.client_secret.clone())
                .unwrap_or_else(|| world.identity.client_secret.clone()),
            login,
            ca_pem: pem("CERTIFICATE", &world.authority.transport_der),
            root_pem: pem("CERTIFICATE", &world.authority.root_der),
            issuing_pem: pem("CERTIFICATE", &world.authority.issuing_der),
            client_cert_pem: pem("CERTIFICATE", &client.certificate_der),
            client_key_pem: pem("PRIVATE KEY", &client.key_der),
        })
    }
}

fn open_world(
    settings: Settings,
    mut journal: Option<StateLog>,
    records: Vec<Record>,
    address: SocketAddr,
) -> Result<World, StartError> {
    let kept = records.iter().find_map(|record| match record {
        Record::SavedIdentity(identity) => Some((**identity).clone()),
        _ => None,
    });
    let identity = match kept {
        Some(identity) => identity,
        None => {
            let identity = SavedIdentity {
                foundation: CaSeed::generate(Timestamp::now())?,
                password: random_text(18)?,
                client_secret: random_text(24)?,
            };
            if let Some(journal) = &mut journal {
                let record = Record::SavedIdentity(Box::new(identity.clone()));
                // If the journal fails here, every later answer fails as well and reports it.
                let _ = journal.append(&record);
            }
            identity
        }
    };
    let authority = Authority::open(&identity.foundation)?;
    let base_url = format!("http://{address}");
    let mut world = World::new(settings, authority, identity, base_url, journal);
    let lines = records.len();
    for record in records {
        world.replay(record);
    }
    world.compact(lines)?;
    world.enter_domains();
    world.settle();
    Ok(world)
}

fn router(desk: &Dispatcher) -> Router {
    let plain = Router::new()
        .route(TOKEN_PATH, axum::routing::post(oauth::token))
        .merge(crl_ocsp::router())
        .merge(control::router())
        .merge(page::router())
        .with_state(desk.clone());
    http::router(desk, api::routes())
        .merge(plain)
        .method_not_allowed_fallback(async || {
            let refusal = http::Refusal::no_such_method();
            Reply::refusal(&refusal, &Default::default()).into_response()
        })
        .fallback(async || {
            let refusal = http::Refusal::no_such_path();
            Reply::refusal(&refusal, &Default::default()).into_response()
        })
}

/// Random text of letters, digits, `-` and `_`, made from `bytes` random bytes.
fn random_text(bytes: usize) -> Result<String, StartError> {
    let mut random = vec![0; bytes];
    aws_lc_rs::rand::fill(&mut random).map_err(|_| StartError::Randomness)?;
    Ok(URL_SAFE_NO_PAD.encode(random))
}

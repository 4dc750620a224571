//! Serves HTTP and HTTPS on one port: the first byte of a TLS record cannot begin an HTTP request.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, Response};
use hyper::body::Incoming;
use hyper_util::rt::{TokioIo, TokioTimer};
use rustls::RootCertStore;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::WebPkiClientVerifier;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;
use tower::ServiceExt as _;

use crate::ca::TlsIdentity;

const TLS_HANDSHAKE: u8 = 0x16;
/// Limits the wait at the end, because a scenario can make an answer take hours.
const STOP_PATIENCE: Duration = Duration::from_secs(2);
const HANDSHAKE_PATIENCE: Duration = Duration::from_secs(10);

/// What the transport knows about the caller.
#[derive(Debug, Clone, Copy)]
pub struct Peer {
    /// The caller has proven that it has the key of a client certificate of our transport CA.
    pub certified: bool,
}

/// In a response's extensions, this ends the connection instead of sending the response.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("the scenario ends this connection without an answer")]
pub struct HangUp;

impl HangUp {
    pub fn response() -> Response<Body> {
        let mut response = Response::new(Body::empty());
        response.extensions_mut().insert(Self);
        response
    }
}

/// In a response's extensions, this closes the connection after the response without announcing it.
#[derive(Debug, Clone, Copy)]
pub struct Abandoned;

pub struct Listener {
    tcp: TcpListener,
    tls: TlsAcceptor,
}

impl Listener {
    pub fn new(
        tcp: TcpListener,
        identity: TlsIdentity,
        client_ca: &[u8],
    ) -> Result<Self, rustls::Error> {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from(client_ca.to_vec()))?;
        let verifier =
            WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider))
                .allow_unauthenticated()
                .build()
                .map_err(|error| rustls::Error::General(error.to_string()))?;
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(identity.key_der));
        let config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_client_cert_verifier(verifier)
            .with_single_cert(vec![CertificateDer::from(identity.certificate_der)], key)?;
        Ok(Self {
            tcp,
            tls: TlsAcceptor::from(Arc::new(config)),
        })
    }

    /// Serves until `stop` becomes true. Connections then get a short time to finish their present answers.
    pub async fn serve(self, router: Router, mut stop: watch::Receiver<bool>) {
        let mut connections = tokio::task::JoinSet::new();
        loop {
            let accepted = tokio::select! {
                accepted = self.tcp.accept() => accepted,
                Some(_) = connections.join_next() => continue,
                () = stopped(&mut stop) => break,
            };
            match accepted {
                Ok((stream, _)) => {
                    let (tls, router, stop) = (self.tls.clone(), router.clone(), stop.clone());
                    connections.spawn(connection(stream, tls, router, stop));
                }
                Err(error) => {
                    tracing::warn!(%error, "cannot accept a connection");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            }
        }
        let finished = async { while connections.join_next().await.is_some() {} };
        if tokio::time::timeout(STOP_PATIENCE, finished).await.is_err() {
            connections.shutdown().await;
        }
    }
}

/// Waits until the simulator is told to stop, or is dropped.
async fn stopped(stop: &mut watch::Receiver<bool>) {
    let _ = stop.wait_for(|stop| *stop).await;
}

async fn connection(
    stream: TcpStream,
    tls: TlsAcceptor,
    router: Router,
    mut stop: watch::Receiver<bool>,
) {
    let _ = stream.set_nodelay(true);
    let mut first = [0];
    let peeked = tokio::select! {
        peeked = stream.peek(&mut first) => peeked,
        () = stopped(&mut stop) => return,
    };
    match peeked {
        Ok(1) if first[0] == TLS_HANDSHAKE => {
            let handshake = tokio::time::timeout(HANDSHAKE_PATIENCE, tls.accept(stream)).await;
            match handshake {
                Ok(Ok(stream)) => {
                    let certified = stream.get_ref().1.peer_certificates().is_some();
                    talk(stream, Peer { certified }, router, stop).await;
                }
                Ok(Err(error)) => tracing::debug!(%error, "TLS handshake failed"),
                Err(_) => tracing::debug!("TLS handshake took too long"),
            }
        }
        Ok(1) => talk(stream, Peer { certified: false }, router, stop).await,
        _ => {}
    }
}

async fn talk<S>(stream: S, peer: Peer, router: Router, mut stop: watch::Receiver<bool>)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let abandoned = Arc::new(AtomicBool::new(false));
    let service = hyper::service::service_fn(move |mut request: Request<Incoming>| {
        let (router, abandoned) = (router.clone(), abandoned.clone());
        request.extensions_mut().insert(peer);
        async move {
            if abandoned.load(Ordering::Relaxed) {
                return Err(HangUp);
            }
            let response = router
                .oneshot(request)
                .await
                .unwrap_or_else(|never: Infallible| match never {});
            if response.extensions().get::<Abandoned>().is_some() {
                abandoned.store(true, Ordering::Relaxed);
            }
            match response.extensions().get::<HangUp>() {
                Some(hang_up) => Err(*hang_up),
                None => Ok(response),
            }
        }
    });
    let connection = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .serve_connection(TokioIo::new(stream), service);
    tokio::pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = stopped(&mut stop) => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "connection ended");
    }
}

//! The broker: how the plugin connects to services of the host.
//!
//! On a stream that the host opens once, the host announces on which socket it waits for which service number. This
//! announcement may come before or after the call that uses the number. The end of the stream means that the host is
//! gone.

use std::collections::HashMap;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use tokio::net::UnixStream;
use tokio::sync::{Notify, mpsc, watch};
use tokio::time::{Instant, timeout};
use tokio_rustls::TlsConnector;
use tokio_stream::wrappers::ReceiverStream;
use tonic::transport::{Channel, Endpoint, Uri};
use tonic::{Request, Response, Status, Streaming};
use tower::service_fn;

use super::proto::ConnInfo;
use super::proto::grpc_broker_server::GrpcBroker;
use super::tls;

const ADDRESS_WITHIN: Duration = Duration::from_secs(5);
const CONNECT_WITHIN: Duration = Duration::from_secs(5);

/// Why a connection to the host could not be made.
#[derive(Debug, thiserror::Error)]
pub enum BrokerError {
    #[error("the host did not say within {ADDRESS_WITHIN:?} where it waits as number {0}")]
    NoAddress(u32),
    #[error("the host waits on a {0:?} socket, and only \"unix\" is possible")]
    Network(String),
    #[error("the host cannot be called back: {0}")]
    Connect(#[from] tonic::transport::Error),
}

/// Makes connections to the host. Clones share the host's announcements.
#[derive(Clone)]
pub struct Broker {
    state: Arc<State>,
    tls: TlsConnector,
}

struct State {
    /// The announced sockets by service number, and the times of the announcements.
    waiting: Mutex<HashMap<u32, (ConnInfo, Instant)>>,
    changed: Notify,
    host: watch::Sender<HostStream>,
}

/// The state of the stream that is open as long as the host runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum HostStream {
    NotYet,
    Open,
    Ended,
}

impl Broker {
    pub(super) fn new(tls: rustls::ClientConfig) -> Self {
        Self {
            state: Arc::new(State {
                waiting: Mutex::default(),
                changed: Notify::new(),
                host: watch::Sender::new(HostStream::NotYet),
            }),
            tls: TlsConnector::from(Arc::new(tls)),
        }
    }

    /// A broker whose host never announces anything.
    #[cfg(test)]
    pub(crate) fn without_host() -> Self {
        let identity = tls::TlsIdentity::generate().unwrap();
        Self::new(identity.client(identity.certificate()).unwrap())
    }

    pub(super) fn host(&self) -> watch::Receiver<HostStream> {
        self.state.host.subscribe()
    }

    /// A channel to the host's service with this number. Each number can be used once.
    pub async fn dial(&self, number: u32) -> Result<Channel, BrokerError> {
        let address = timeout(ADDRESS_WITHIN, self.state.address(number))
            .await
            .map_err(|_| BrokerError::NoAddress(number))?;
        if address.network != "unix" {
            return Err(BrokerError::Network(address.network));
        }
        let path: Arc<str> = address.address.into();
        let tls = self.tls.clone();
        let connect = service_fn(move |_: Uri| {
            let (path, tls) = (Arc::clone(&path), tls.clone());
            async move {
                let name = ServerName::try_from(tls::NAME).map_err(io::Error::other)?;
                let stream = UnixStream::connect(&*path).await?;
                tls.connect(name, stream).await.map(TokioIo::new)
            }
        });
        // `http` as far as the endpoint knows, because the connector adds TLS.
        Ok(Endpoint::from_static("http://localhost")
            .connect_timeout(CONNECT_WITHIN)
            .connect_with_connector(connect)
            .await?)
    }
}

impl State {
    async fn address(&self, number: u32) -> ConnInfo {
        loop {
            // Registered before the check, so that no announcement in between is missed.
            let mut changed = std::pin::pin!(self.changed.notified());
            changed.as_mut().enable();
            if let Some(address) = self.take(number) {
                return address;
            }
            changed.await;
        }
    }

    fn take(&self, number: u32) -> Option<ConnInfo> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.remove(&number).map(|(address, _)| address)
    }

    fn add(&self, address: ConnInfo) {
        let now = Instant::now();
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        // The host stops waiting after this time.
        waiting.retain(|_, (_, since)| now.duration_since(*since) <= 2 * ADDRESS_WITHIN);
        waiting.insert(address.service_id, (address, now));
        drop(waiting);
        self.changed.notify_waiters();
    }
}

#[tonic::async_trait]
impl GrpcBroker for Broker {
    type StartStreamStream = ReceiverStream<Result<ConnInfo, Status>>;

    async fn start_stream(
        &self,
        request: Request<Streaming<ConnInfo>>,
    ) -> Result<Response<Self::StartStreamStream>, Status> {
        let mut said = request.into_inner();
        let state = Arc::clone(&self.state);
        let (ours, answers) = mpsc::channel(1);
        state.host.send_replace(HostStream::Open);
        tokio::spawn(async move {
            // An error counts as the end of the stream, because the host never opens a second one.
            while let Ok(Some(address)) = said.message().await {
                state.add(address);
            }
            state.host.send_replace(HostStream::Ended);
            // We send nothing, but our half of the stream must stay open as long as the host's.
            drop(ours);
        });
        Ok(Response::new(ReceiverStream::new(answers)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(number: u32) -> ConnInfo {
        ConnInfo {
            service_id: number,
            network: "unix".to_owned(),
            address: format!("/tmp/{number}"),
            knock: None,
        }
    }

    #[tokio::test]
    async fn an_address_is_found_whether_it_comes_before_or_after_the_question() {
        let broker = Broker::without_host();
        broker.state.add(address(1));
        assert_eq!(broker.state.address(1).await.address, "/tmp/1");

        let state = Arc::clone(&broker.state);
        let asking = tokio::spawn(async move { state.address(2).await });
        tokio::task::yield_now().await;
        broker.state.add(address(3));
        broker.state.add(address(2));
        assert_eq!(asking.await.unwrap().address, "/tmp/2");
        assert_eq!(broker.state.address(3).await.address, "/tmp/3");
    }

    #[tokio::test(start_paused = true)]
    async fn an_address_that_never_comes_is_an_error() {
        let refused = Broker::without_host().dial(7).await;
        assert!(matches!(refused, Err(BrokerError::NoAddress(7))));
    }

    #[tokio::test]
    async fn another_kind_of_network_is_an_error() {
        let broker = Broker::without_host();
        broker.state.add(ConnInfo {
            network: "tcp".to_owned(),
            ..address(1)
        });
        let refused = broker.dial(1).await;
        assert!(matches!(refused, Err(BrokerError::Network(_))));
    }
}

//! Runs the plugin, from reading the environment to the end of the process.

use std::io::{self, Write as _};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use tokio::signal::unix::{SignalKind, signal};
use tokio::time::sleep;
use tonic::service::Routes;
use tonic::transport::Server;

use super::broker::HostStream;
use super::handshake::{self, Host, Refusal};
use super::proto::grpc_broker_server::GrpcBrokerServer;
use super::proto::grpc_controller_server::GrpcControllerServer;
use super::proto::grpc_stdio_server::GrpcStdioServer;
use super::services::{Controller, Stdio};
use super::socket::{Socket, SocketError};
use super::tls::{TlsIdentity, TlsIdentityError};
use super::{Broker, Program, incoming, log};

/// The service name that a host uses in its health check.
const HEALTH: &str = "plugin";
/// A host that has not connected within this time has given up.
const HOST_WITHIN: Duration = Duration::from_secs(60);
/// The time to send the answer to the host's last call, and for the host to make that call.
const LAST_WORDS: Duration = Duration::from_millis(50);
/// The process has little to do, and each worker thread costs memory.
const WORKERS: usize = 2;

#[derive(Debug, thiserror::Error)]
enum ServeError {
    #[error(transparent)]
    TlsIdentity(#[from] TlsIdentityError),
    #[error(transparent)]
    Socket(#[from] SocketError),
    #[error("TLS cannot be set up: {0}")]
    Tls(#[from] rustls::Error),
    #[error("the host cannot be told where to connect: {0}")]
    Line(io::Error),
    #[error("signals cannot be watched: {0}")]
    Signals(io::Error),
    #[error("the plugin cannot be served: {0}")]
    Grpc(#[from] tonic::transport::Error),
}

/// Why the process ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Asked,
    HostGone,
    Terminated,
}

/// Serves `services` to the host that started this process, until the host asks it to end or is gone. Without a host,
/// prints an explanation. Returns what `main` must return.
pub fn serve(program: Program, services: impl FnOnce(Broker) -> Routes) -> ExitCode {
    let host = match Host::read(&program, |name| std::env::var_os(name)) {
        Ok(host) => host,
        Err(Refusal::ByHand) => {
            log::explain(program.by_hand);
            return ExitCode::FAILURE;
        }
        Err(refusal) => {
            log::error(&refusal.to_string());
            return ExitCode::FAILURE;
        }
    };
    let level = log::level(program.log_level, |name| {
        std::env::var_os(name).map(|value| value.to_string_lossy().into_owned())
    });
    log::start(level, program.crates);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(WORKERS)
        .enable_all()
        .build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => {
            tracing::error!(%error, "the plugin cannot start");
            return ExitCode::FAILURE;
        }
    };
    let ended = runtime.block_on(run(program, host, services));
    // Tasks that still run have lost their host.
    runtime.shutdown_background();
    match ended {
        Ok(end) => {
            tracing::debug!(?end, "the plugin ends");
            ExitCode::SUCCESS
        }
        Err(error) => {
            tracing::error!(%error, "the plugin ends");
            ExitCode::FAILURE
        }
    }
}

async fn run(
    program: Program,
    host: Host,
    services: impl FnOnce(Broker) -> Routes,
) -> Result<End, ServeError> {
    let mut terminate = signal(SignalKind::terminate()).map_err(ServeError::Signals)?;
    // Ctrl-C in the server's terminal is also sent to the plugin, but only the server should act on it. Installing
    // this handler disables the signal's default effect for the rest of the process.
    let _interrupt = signal(SignalKind::interrupt()).map_err(ServeError::Signals)?;

    let identity = TlsIdentity::generate()?;
    let broker = Broker::new(identity.client(&host.certificate)?);
    let tls = Arc::new(identity.server(&host.certificate)?);
    let controller = Controller::default();
    let (health, health_service) = tonic_health::server::health_reporter();
    health
        .set_service_status(HEALTH, tonic_health::ServingStatus::Serving)
        .await;

    let routes = services(broker.clone())
        .add_service(health_service)
        .add_service(GrpcBrokerServer::new(broker.clone()))
        .add_service(GrpcControllerServer::new(controller.clone()))
        .add_service(GrpcStdioServer::new(Stdio));

    // The plugin must listen before it prints the line. The socket file exists until this function returns.
    let Socket { listener, file } = Socket::listen(&host)?;
    let connections = incoming::connections(listener, tls);
    announce(&handshake::line(
        &program,
        &host,
        file.path(),
        identity.certificate(),
    ))
    .map_err(ServeError::Line)?;

    let serving = Server::builder()
        .add_routes(routes)
        .serve_with_incoming(connections);
    tokio::select! {
        served = serving => {
            served?;
            Ok(End::HostGone)
        }
        () = controller.asked_to_end() => {
            sleep(LAST_WORDS).await;
            Ok(End::Asked)
        }
        () = host_gone(&broker) => {
            sleep(LAST_WORDS).await;
            Ok(End::HostGone)
        }
        _ = terminate.recv() => Ok(End::Terminated),
    }
}

async fn host_gone(broker: &Broker) {
    let mut host = broker.host();
    // The sender is kept by the broker, so waiting cannot fail.
    let arrived = host.wait_for(|stream| *stream != HostStream::NotYet);
    if tokio::time::timeout(HOST_WITHIN, arrived).await.is_err() {
        tracing::warn!("no host has connected");
        return;
    }
    let _ = host.wait_for(|stream| *stream == HostStream::Ended).await;
}

fn announce(line: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(line.as_bytes())?;
    out.flush()
}

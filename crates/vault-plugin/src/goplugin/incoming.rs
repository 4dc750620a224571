//! Accepts the host's connections and completes their TLS handshakes.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::mpsc;
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use tokio_stream::wrappers::ReceiverStream;
use tonic::transport::server::Connected;

const HANDSHAKE_WITHIN: Duration = Duration::from_secs(10);

/// Accepts connections until the receiver is gone. Each handshake runs in a separate task, so that a slow client does
/// not block others.
pub(super) fn connections(
    listener: UnixListener,
    tls: Arc<rustls::ServerConfig>,
) -> ReceiverStream<io::Result<Connection>> {
    let (sender, receiver) = mpsc::channel(8);
    let acceptor = TlsAcceptor::from(tls);
    tokio::spawn(async move {
        while !sender.is_closed() {
            match listener.accept().await {
                Ok((stream, _)) => {
                    tokio::spawn(greet(acceptor.clone(), stream, sender.clone()));
                }
                Err(error) => {
                    // For example because of too many open files, which may be temporary.
                    tracing::warn!(%error, "a connection could not be accepted");
                    sleep(Duration::from_millis(50)).await;
                }
            }
        }
    });
    ReceiverStream::new(receiver)
}

async fn greet(
    acceptor: TlsAcceptor,
    stream: UnixStream,
    sender: mpsc::Sender<io::Result<Connection>>,
) {
    match timeout(HANDSHAKE_WITHIN, acceptor.accept(stream)).await {
        // The receiver is gone only at the end of the process.
        Ok(Ok(stream)) => drop(sender.send(Ok(Connection(stream))).await),
        Ok(Err(error)) => tracing::warn!(%error, "somebody other than the host connected"),
        Err(_) => tracing::warn!("a connection was dropped: no TLS handshake within 10 seconds"),
    }
}

/// A connection from the host.
pub(super) struct Connection(TlsStream<UnixStream>);

impl Connected for Connection {
    type ConnectInfo = ();

    fn connect_info(&self) {}
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(context, buffer)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.0.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(context)
    }
}

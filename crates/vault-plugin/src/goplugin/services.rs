//! The two small services that every plugin has beside the broker: its controller and its standard streams.

use std::sync::Arc;

use tokio::sync::Notify;
use tokio_stream::{Pending, pending};
use tonic::{Request, Response, Status};

use super::proto::grpc_controller_server::GrpcController;
use super::proto::grpc_stdio_server::GrpcStdio;
use super::proto::{Empty, StdioData};

/// Receives the host's request to end the plugin.
#[derive(Debug, Clone, Default)]
pub(super) struct Controller {
    asked: Arc<Notify>,
}

impl Controller {
    pub(super) async fn asked_to_end(&self) {
        self.asked.notified().await;
    }
}

#[tonic::async_trait]
impl GrpcController for Controller {
    async fn shutdown(&self, _: Request<Empty>) -> Result<Response<Empty>, Status> {
        self.asked.notify_one();
        Ok(Response::new(Empty {}))
    }
}

/// The service in which the host would read the plugin's output. The plugin prints nothing after the handshake line,
/// and its log goes directly to standard error, so this stream stays open and empty.
#[derive(Debug)]
pub(super) struct Stdio;

#[tonic::async_trait]
impl GrpcStdio for Stdio {
    type StreamStdioStream = Pending<Result<StdioData, Status>>;

    async fn stream_stdio(
        &self,
        _: Request<()>,
    ) -> Result<Response<Self::StreamStdioStream>, Status> {
        Ok(Response::new(pending()))
    }
}

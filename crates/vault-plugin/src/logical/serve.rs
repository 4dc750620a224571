//! A complete plugin program: the backend service, and the services by which the server asks about the plugin, served
//! through go-plugin.

use std::process::ExitCode;
use std::sync::Arc;

use tonic::service::Routes;
use tonic::{Request, Response, Status};

use super::Factory;
use super::proto::logical::plugin_version_server::{PluginVersion, PluginVersionServer};
use super::proto::logical::{Empty, VersionReply};
use super::proto::multiplexing::plugin_multiplexing_server::{
    PluginMultiplexing, PluginMultiplexingServer,
};
use super::proto::multiplexing::{MultiplexingSupportRequest, MultiplexingSupportResponse};
use super::proto::pb::backend_server::BackendServer;
use super::service::Service;
use crate::goplugin::{self, Program};

/// How Vault and OpenBao start their plugins. Older versions of the protocol are not offered: they would be served
/// without TLS, and a mount would seem to work but hang at its first request.
const fn program(by_hand: &'static str, crates: &'static [&'static str]) -> Program {
    Program {
        cookie: (
            "VAULT_BACKEND_PLUGIN",
            "6669da05-b1c8-4f49-97d9-c8e5bed98e20",
        ),
        protocol_version: 5,
        by_hand,
        log_level: &["BAO_LOG_LEVEL", "VAULT_LOG_LEVEL"],
        crates,
    }
}

/// Serves mounts of this plugin to the Vault or OpenBao server that started the process, until the server asks it to
/// end or is gone. `by_hand` is printed for a person who starts the program. `crates` are those whose log lines follow
/// the server's log level. Returns what `main` must return.
pub fn serve(
    by_hand: &'static str,
    crates: &'static [&'static str],
    factory: impl Factory,
) -> ExitCode {
    goplugin::serve(program(by_hand, crates), |broker| {
        let factory = Arc::new(factory);
        let about = About {
            version: factory.version(),
        };
        let backend = BackendServer::new(Service::new(factory, broker))
            .max_decoding_message_size(usize::MAX)
            .max_encoding_message_size(usize::MAX);
        Routes::new(backend)
            .add_service(PluginVersionServer::new(about.clone()))
            .add_service(PluginMultiplexingServer::new(about))
    })
}

#[derive(Clone)]
struct About {
    version: String,
}

#[tonic::async_trait]
impl PluginVersion for About {
    async fn version(&self, _: Request<Empty>) -> Result<Response<VersionReply>, Status> {
        Ok(Response::new(VersionReply {
            plugin_version: self.version.clone(),
        }))
    }
}

#[tonic::async_trait]
impl PluginMultiplexing for About {
    async fn multiplexing_support(
        &self,
        _: Request<MultiplexingSupportRequest>,
    ) -> Result<Response<MultiplexingSupportResponse>, Status> {
        Ok(Response::new(MultiplexingSupportResponse {
            supported: true,
        }))
    }
}

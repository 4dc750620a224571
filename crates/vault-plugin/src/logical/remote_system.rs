//! What the server tells about itself.

use async_trait::async_trait;
use tonic::Status;
use tonic::transport::Channel;

use super::proto::pb;
use super::proto::pb::system_view_client::SystemViewClient;
use super::{Alias, Entity, Error, SystemView};

/// The bit of the replication state that says that this node is a performance standby.
const STANDBY: i32 = 0x4000;

pub(super) struct RemoteSystem {
    client: SystemViewClient<Channel>,
}

impl RemoteSystem {
    pub(super) fn new(channel: Channel) -> Self {
        Self {
            client: SystemViewClient::new(channel),
        }
    }
}

#[async_trait]
impl SystemView for RemoteSystem {
    async fn is_standby(&self) -> Result<bool, Error> {
        let reply = self.client.clone().replication_state(pb::Empty {}).await;
        Ok(reply.map_err(failed)?.into_inner().state & STANDBY != 0)
    }

    async fn server_version(&self) -> Result<String, Error> {
        let reply = self.client.clone().plugin_env(pb::Empty {}).await;
        let pb::PluginEnvReply {
            plugin_environment,
            err,
        } = reply.map_err(failed)?.into_inner();
        if !err.is_empty() {
            return Err(Error::Internal(err));
        }
        Ok(plugin_environment.unwrap_or_default().vault_version)
    }

    async fn entity(&self, id: &str) -> Result<Option<Entity>, Error> {
        let args = pb::EntityInfoArgs {
            entity_id: id.to_owned(),
        };
        let reply = self.client.clone().entity_info(args).await;
        let pb::EntityInfoReply { entity, err } = reply.map_err(failed)?.into_inner();
        if !err.is_empty() {
            return Err(Error::Internal(err));
        }
        Ok(entity.map(|entity| Entity {
            id: entity.id,
            name: entity.name,
            metadata: entity.metadata.into_iter().collect(),
            aliases: entity
                .aliases
                .into_iter()
                .map(|alias| Alias {
                    mount_accessor: alias.mount_accessor,
                    name: alias.name,
                    metadata: alias.metadata.into_iter().collect(),
                })
                .collect(),
        }))
    }
}

fn failed(status: Status) -> Error {
    Error::Internal(format!(
        "the server does not answer about itself: {}: {}",
        status.code(),
        status.message()
    ))
}

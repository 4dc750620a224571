//! What every command needs: the terminal, the server, and the engine that has a config.

use super::ui::Ui;
use super::{CliError, Global};
use vault_client::{EngineClient, Server, Settings, VaultError};

pub struct Context {
    pub ui: Ui,
    pub global: Global,
}

impl Context {
    pub fn settings(&self) -> Result<Settings, CliError> {
        Ok(Settings::from_env(&self.global.connection_flags())?)
    }

    /// A connection to the server of the settings. Prints the warnings about the settings.
    pub fn server(&self) -> Result<Server, CliError> {
        let settings = self.settings()?;
        self.ui.warnings(&settings.warnings);
        Ok(Server::new(settings)?)
    }

    /// The engine's mounts: those that `--mount` names, or else all that the token may see.
    pub async fn engines(&self) -> Result<Vec<EngineClient>, CliError> {
        let server = self.server()?;
        let named = self.global.mounts();
        if !named.is_empty() {
            return Ok(named.iter().map(|mount| server.engine(mount)).collect());
        }
        let engines = server.mounts().await?;
        if engines.is_empty() {
            // A server also shows no mounts to an invalid token.
            server.token().await?;
            return Err(CliError::not_found(format!(
                "no mount of {} is visible at {}",
                vault_client::PLUGIN_NAME,
                server.address()
            ))
            .hinted("mount it with `svpki plugin install`, or name a mount with --mount"));
        }
        Ok(engines)
    }

    /// The only engine, for a command that names no config.
    pub async fn engine(&self) -> Result<EngineClient, CliError> {
        let mut engines = self.engines().await?;
        match engines.len() {
            1 => Ok(engines.remove(0)),
            _ => Err(several(&engines, "which mount is meant")),
        }
    }

    /// The engine that has this config.
    pub async fn engine_of(&self, config: &str) -> Result<EngineClient, CliError> {
        self.engine_with("config", config, EngineClient::configs)
            .await
    }

    /// The engine that has this role.
    pub async fn engine_of_role(&self, role: &str) -> Result<EngineClient, CliError> {
        self.engine_with("role", role, EngineClient::roles).await
    }

    /// The engine whose `names` contain `wanted`.
    async fn engine_with(
        &self,
        what: &str,
        wanted: &str,
        names: impl AsyncFn(&EngineClient) -> Result<Vec<String>, VaultError>,
    ) -> Result<EngineClient, CliError> {
        let mut engines = self.engines().await?;
        if engines.len() == 1 {
            return Ok(engines.remove(0));
        }
        let mut holders = Vec::new();
        let mut refused = None;
        for engine in engines {
            match names(&engine).await {
                Ok(names) if names.iter().any(|name| name == wanted) => holders.push(engine),
                Ok(_) => {}
                Err(error) => refused = Some(error),
            }
        }
        match (holders.len(), refused) {
            (1, _) => Ok(holders.remove(0)),
            (0, Some(error)) => {
                Err(CliError::from(error).hinted(format!("name the {what}'s mount with --mount")))
            }
            (0, None) => {
                let list = match what {
                    "role" => "roles",
                    other => other,
                };
                Err(
                    CliError::not_found(format!("no mount has a {what} {wanted:?}"))
                        .hinted(format!("svpki {list} list shows what there is")),
                )
            }
            _ => Err(several(
                &holders,
                &format!("{what} {wanted:?} is in several mounts"),
            )),
        }
    }
}

fn several(engines: &[EngineClient], what: &str) -> CliError {
    let names: Vec<&str> = engines.iter().map(EngineClient::mount).collect();
    CliError::usage(format!("{what}: {}", names.join(", "))).hinted("name one with --mount")
}

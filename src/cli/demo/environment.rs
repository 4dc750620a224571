//! A simulated SCM, a server and the plugin on one machine, connected with each other.

use std::path::PathBuf;
use std::time::Duration;

use serde_json::{Value, json};

use super::super::plugin::{Install, install};
use super::super::{CliError, Ui};
use dev_server::{DevServer, Options};
use scm_sim::Sim;
use vault_client::{EngineClient, Environment, Flags, Server, Settings};

/// What a [`DemoEnvironment`] consists of.
#[derive(Debug, Clone)]
pub struct DemoOptions {
    pub server: PathBuf,
    pub plugin: PathBuf,
    /// The path at which the plugin is mounted.
    pub mount: String,
}

/// Dropping it ends the server and the simulated SCM.
pub struct DemoEnvironment {
    pub server: DevServer,
    pub sim: Sim,
    pub engine: EngineClient,
}

impl DemoEnvironment {
    /// Starts the simulated SCM and the server, and installs the plugin like `svpki plugin install`.
    pub async fn set(ui: &Ui, options: &DemoOptions) -> Result<Self, CliError> {
        let failed = |why: &dyn std::fmt::Display| CliError::failed(why.to_string());
        let sim = Sim::start(scm_sim::Options::default())
            .await
            .map_err(|why| failed(&why))?;
        ui.status(&format!("Simulated SCM at {}", sim.base_url));
        let spinner = ui.spinner("starting the server");
        let mut server = Options::new(&options.server, &options.plugin);
        server.mounts.clear();
        let server = DevServer::start(server).await;
        spinner.finish_and_clear();
        let server = server.map_err(|why| failed(&why))?;
        ui.status(&format!(
            "Dev server at {} ({})",
            server.address(),
            options.server.display()
        ));
        let client = connect(&server)?;
        let wanted = Install {
            binary: server.plugin().to_owned(),
            command: vault_client::PLUGIN_NAME.to_owned(),
            mount: options.mount.clone(),
            copy_to: None,
            upgrade: false,
        };
        let version = install(ui, &client, &wanted).await?;
        ui.status(&format!("Plugin {version} serves at {}/", options.mount));
        let engine = client.engine(&options.mount);
        Ok(Self {
            server,
            sim,
            engine,
        })
    }

    /// Writes a config for the simulated SCM. The fields of `more` are added, or replace the default ones.
    pub async fn config(&mut self, name: &str, more: &Value) -> Result<(), CliError> {
        let mut fields = json!({
            "sectigo_config_type": "ssl_cert",
            "sectigo_cm_base_url": self.sim.base_url,
            "sectigo_cm_uri": self.sim.customer_uri,
            "sectigo_cm_user": self.sim.login,
            "sectigo_cm_password": self.sim.password,
            "sectigo_cm_org_id": 123,
            "sectigo_loop_period": 1,
        });
        if let (Value::Object(fields), Value::Object(more)) = (&mut fields, more) {
            fields.extend(more.clone());
        }
        self.engine.write_config(name, &fields).await?;
        Ok(())
    }

    /// Ends the server and then the simulated SCM.
    pub async fn clear(mut self) -> Result<(), CliError> {
        self.server
            .stop()
            .map_err(|why| CliError::failed(why.to_string()))?;
        self.sim.stop().await;
        Ok(())
    }
}

/// Connects to the server. The caller's own environment must not lead to another server.
fn connect(server: &DevServer) -> Result<Server, CliError> {
    let flags = Flags {
        address: Some(server.address().to_owned()),
        timeout: Some(Duration::from_secs(120)),
        ..Flags::default()
    };
    let environment = Environment::of(&[("BAO_TOKEN", server.token())], None);
    Ok(Server::new(Settings::read(&flags, &environment)?)?)
}

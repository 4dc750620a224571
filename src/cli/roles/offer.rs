//! Offers to write a first role at the end of the config wizard, and prints the configuration for a client of it.

use clap::ValueEnum as _;
use serde_json::{Map, Value, json};

use super::example::{self, Client};
use crate::cli::{CliError, Context};
use svpki_types::RoleName;
use vault_client::EngineClient;

const COMMAND: &str = "svpki roles write";

/// If there is no role yet, asks whether programs for Vault's own PKI engine will order with this config.
pub async fn offer(context: &Context, engine: &EngineClient, config: &str) -> Result<(), CliError> {
    let ui = &context.ui;
    if !ui.asks() || !engine.roles().await.is_ok_and(|roles| roles.is_empty()) {
        return Ok(());
    }
    let config_fields = engine.config(config).await?.data;
    let of = |name: &str| config_fields.get(name).map(crate::cli::plain);
    if of("sectigo_config_type").is_some_and(|kind| kind == "client_cert") {
        return Ok(());
    }
    ui.status(
        "\nPrograms that know Vault's own PKI engine (cert-manager, Terraform, vault agent, ...) order through a role.",
    );
    if !ui.confirm("Write a role for them now?", false, COMMAND)? {
        return Ok(());
    }
    let name: RoleName = loop {
        let name = ui.ask("Name of the role", Some(config), COMMAND)?;
        match name.parse() {
            Ok(name) => break name,
            Err(error) => ui.warning(&format!("{error}")),
        }
    };
    let allowed = of("allowed_domains").unwrap_or_default().replace('\n', ",");
    let domains = ui.ask(
        "Domains that it may order for, separated by commas",
        Some(&allowed),
        COMMAND,
    )?;
    let mut fields = Map::new();
    fields.insert("config".into(), config.into());
    if !domains.is_empty() {
        let domains: Vec<&str> = domains
            .split([',', ' '])
            .filter(|d| !d.is_empty())
            .collect();
        fields.insert("allowed_domains".into(), json!(domains));
        for (field, question) in [
            ("allow_subdomains", "Names below these domains?"),
            ("allow_bare_domains", "The domains themselves?"),
        ] {
            fields.insert(field.into(), ui.confirm(question, true, COMMAND)?.into());
        }
    }
    let answer = engine
        .write_role(name.as_str(), &Value::Object(fields))
        .await?;
    ui.warnings(&answer.warnings);
    ui.status(&format!(
        "Role {name} is written to {}",
        engine.path(&format!("roles/{name}"))
    ));
    let clients: Vec<String> = Client::value_variants()
        .iter()
        .filter_map(|client| Some(client.to_possible_value()?.get_name().to_owned()))
        .collect();
    let chosen = ui.choose(
        "Print what a client needs. Which one?",
        &clients,
        0,
        "svpki roles example",
    )?;
    example::print(
        context,
        engine,
        &name,
        Client::value_variants()[chosen],
        None,
    )
    .await
}

//! `status` and `verify`: what is registered, on disk and running.

use serde::Serialize;
use serde_json::json;

use super::super::{CliError, Column, Context, Exit, List, Tone, column, csv_column};
use super::server_paths::{ServerPaths, sha256_of};
use super::{VerifyArgs, our_mounts};
use vault_client::{CatalogPlugin, PLUGIN_NAME, Server};

const COLUMNS: [Column; 5] = [
    column("what", "WHAT"),
    column("where", "WHERE"),
    column("version", "VERSION"),
    column("sha256", "SHA256"),
    csv_column("command"),
];

#[derive(Serialize)]
struct Row {
    /// `registered`, `mounted` or `on_disk`.
    what: &'static str,
    #[serde(rename = "where")]
    place: String,
    version: String,
    sha256: String,
    command: String,
}

pub async fn status(context: &Context) -> Result<Exit, CliError> {
    let server = context.server()?;
    let mut list = List::new(&context.ui, &COLUMNS);
    for row in rows(&server, &ServerPaths::ask(&server).await?).await? {
        list.push(&row, |_| Tone::Plain)?;
    }
    list.end("The plugin is neither registered nor mounted: svpki plugin install")?;
    Ok(Exit::Done)
}

async fn rows(server: &Server, places: &ServerPaths) -> Result<Vec<Row>, CliError> {
    let registered = server.catalog(PLUGIN_NAME).await?;
    let mut rows = Vec::new();
    for plugin in &registered {
        rows.push(Row {
            what: "registered",
            place: PLUGIN_NAME.to_owned(),
            version: plugin.version.clone(),
            sha256: plugin.sha256.clone(),
            command: plugin.command.clone(),
        });
        if let Some(file) = places
            .file(command_of(plugin))
            .filter(|file| file.is_file())
        {
            rows.push(Row {
                what: "on_disk",
                sha256: sha256_of(&file)?,
                place: file.display().to_string(),
                version: String::new(),
                command: String::new(),
            });
        }
    }
    for mount in our_mounts(server).await? {
        let health = server.engine(&mount.path).health().await;
        rows.push(Row {
            what: "mounted",
            place: format!("{}/", mount.path),
            version: match &health {
                Ok(health) => health.value.plugin_version.clone(),
                Err(_) => mount.running_plugin_version.clone(),
            },
            // The server keeps the checksum of the first start, which is wrong after a reload.
            sha256: String::new(),
            command: String::new(),
        });
    }
    Ok(rows)
}

/// Exits with 7 when something differs.
pub async fn verify(context: &Context, args: &VerifyArgs) -> Result<Exit, CliError> {
    let server = context.server()?;
    let mut places = ServerPaths::ask(&server).await?;
    if let Some(folder) = &args.plugin_directory {
        places.plugin_directory = Some(folder.clone());
    }
    let mut findings = places.warnings();
    let registered = server.catalog(PLUGIN_NAME).await?;
    let sums: Vec<&str> = registered
        .iter()
        .map(|plugin| plugin.sha256.as_str())
        .collect();
    if registered.is_empty() {
        findings.push(format!(
            "{PLUGIN_NAME} is not registered: svpki plugin install"
        ));
    }
    if let Some(binary) = &args.binary {
        let sum = sha256_of(binary)?;
        if !sums.contains(&sum.as_str()) {
            findings.push(format!(
                "{} has sha256 {sum}, which is not registered: svpki plugin upgrade",
                binary.display()
            ));
        }
    }
    for plugin in &registered {
        let Some(file) = places.file(command_of(plugin)) else {
            continue;
        };
        match sha256_of(&file) {
            Ok(sum) if sum == plugin.sha256 => {}
            Ok(sum) => findings.push(format!(
                "{} has sha256 {sum}, and {} is registered: the mounts break at the next restart; svpki plugin upgrade",
                file.display(),
                plugin.sha256
            )),
            Err(error) => findings.push(format!("registered, and not readable: {error}")),
        }
    }
    for mount in our_mounts(&server).await? {
        if let Err(error) = server.engine(&mount.path).health().await {
            findings.push(format!("{}/ does not answer: {error}", mount.path));
        }
    }
    let mut list = List::new(&context.ui, &FINDINGS);
    for finding in &findings {
        list.push(&json!({"finding": finding}), |_| Tone::Bad)?;
    }
    list.end("OK: the binary matches its registration, and every mount answers")?;
    Ok(if findings.is_empty() {
        Exit::Done
    } else {
        Exit::Findings
    })
}

const FINDINGS: [Column; 1] = [column("finding", "FINDING")];

/// Older servers leave the command out when it is the plugin's name.
fn command_of(plugin: &CatalogPlugin) -> &str {
    if plugin.command.is_empty() {
        PLUGIN_NAME
    } else {
        &plugin.command
    }
}

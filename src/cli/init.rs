//! `svpki init`: from nothing mounted to an issued certificate, on one terminal.

use std::path::PathBuf;

use serde_json::{Map, Value, json};

use super::order_flow::{Order, PlaceArgs, submit};
use super::plugin::{Install, ServerPaths, install, sibling_binary};
use super::{CliError, Context, Exit, field, plain, record, render, wizard};
use vault_client::{EngineClient, PLUGIN_NAME, Server, VaultErrorKind};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// The plugin's binary; without it the one beside this program
    #[arg(long, value_name = "FILE")]
    pub binary: Option<PathBuf>,
    /// Where to mount it
    #[arg(long, value_name = "PATH", default_value = PLUGIN_NAME)]
    pub path: String,
    /// Forget what an earlier, unfinished run was told
    #[arg(long)]
    pub restart: bool,
}

pub async fn run(context: &Context, args: Args) -> Result<Exit, CliError> {
    let ui = &context.ui;
    if !ui.asks() {
        return Err(CliError::usage("init asks, and nobody can be asked here")
            .hinted("svpki plugin install, then svpki config write, then svpki enroll"));
    }
    let server = context.server()?;
    let health = server.health().await?;
    if health.sealed {
        return Err(CliError::failed("the server is sealed").hinted("bao operator unseal"));
    }
    ui.status(&format!(
        "1. Server: {} answers, version {}",
        server.address(),
        health.version
    ));
    server.token().await?;
    let engine = mounted(context, &server, &args).await?;
    ui.status("\n3. Config");
    let wanted = wizard::Args {
        name: None,
        restart: args.restart,
    };
    let Some(config) = wizard::config(context, &engine, &wanted).await? else {
        return Ok(Exit::Failed);
    };
    ui.status("\n4. A look at the whole, which orders nothing");
    let look = engine.config_health(&config).await?.value;
    if render::config_health(ui, &look)? != Exit::Done {
        ui.hint("svpki doctor");
        return Ok(Exit::Failed);
    }
    ui.status("\n5. A test order: it is checked here, and nothing is ordered");
    loop {
        let Some(fields) = test_order(context, &engine, &config).await? else {
            return Ok(later(context, &config));
        };
        ui.status("\n6. The first certificate: this is an order at SCM, which may cost something.");
        if !ui.confirm("Order it now", false, "svpki enroll")? {
            return Ok(later(context, &config));
        }
        let args = PlaceArgs {
            wait: Some(120),
            ..Default::default()
        };
        match submit(context, &engine, &config, Order::Enroll, &args, fields).await {
            // What SCM refuses costs nothing, and is tried again with another name or after a change.
            Err(error) if error.kind == VaultErrorKind::BadRequest.as_str() => {
                ui.warning(&error.message);
            }
            placed => return placed,
        }
    }
}

fn later(context: &Context, config: &str) -> Exit {
    context.ui.hint(&format!(
        "svpki enroll {config} --common-name www.example.com"
    ));
    Exit::Done
}

/// The fields of an order that the engine would place, with what it would be; none when there is to be no order.
async fn test_order(
    context: &Context,
    engine: &EngineClient,
    config: &str,
) -> Result<Option<Map<String, Value>>, CliError> {
    let ui = &context.ui;
    loop {
        let name = ui.ask(
            "Name that it is for (empty: none now)",
            None,
            "--common-name",
        )?;
        if name.is_empty() {
            return Ok(None);
        }
        let mut fields = Map::new();
        fields.insert("common_name".into(), json!(name));
        match engine.try_enroll(config, &fields).await {
            Ok(answer) => {
                ui.warnings(&answer.warnings);
                let shown = [
                    ("Common name", "common_name"),
                    ("Alternative names", "subject_alt_names"),
                    ("Key", "key_type"),
                    ("Profile", "profile_id"),
                    ("Days", "term"),
                ]
                .map(|(label, member)| {
                    field(
                        label,
                        answer.data.get(member).map(plain).unwrap_or_default(),
                    )
                });
                record(ui, &shown, &answer.data)?;
                return Ok(Some(fields));
            }
            // Another name may do, or the config can be mended meanwhile.
            Err(error) if error.kind == VaultErrorKind::BadRequest => {
                ui.warning(&error.to_string());
            }
            Err(error) => return Err(error.into()),
        }
    }
}

async fn mounted(
    context: &Context,
    server: &Server,
    args: &Args,
) -> Result<EngineClient, CliError> {
    let ui = &context.ui;
    let mut engines = server.mounts().await?;
    if let Some(index) = engines
        .iter()
        .position(|engine| engine.mount() == args.path)
    {
        ui.status(&format!("2. Plugin: mounted at {}/", args.path));
        return Ok(engines.swap_remove(index));
    }
    if let (1, Some(engine)) = (engines.len(), engines.pop()) {
        ui.status(&format!("2. Plugin: mounted at {}/", engine.mount()));
        return Ok(engine);
    }
    may_install(server, &args.path).await?;
    let binary = match &args.binary {
        Some(binary) => binary.clone(),
        None => sibling_binary()?,
    };
    let places = ServerPaths::ask(server).await?;
    ui.warnings(&places.warnings());
    let folder = places
        .plugin_directory
        .clone()
        .filter(|folder| folder.is_dir());
    ui.status(&format!(
        "2. Plugin: {} is to be mounted at {}/",
        binary.display(),
        args.path
    ));
    let copy_to = match (folder, places.file(PLUGIN_NAME)) {
        // What is there already is compared, never replaced unasked.
        (Some(_), Some(file)) if file.is_file() => None,
        (Some(folder), _) => {
            ui.status(&format!(
                "   The server's plugin_directory is {} on this machine.",
                folder.display()
            ));
            Some(folder)
        }
        (None, _) => {
            ui.status("   Copy it into the plugin_directory of every server node first.");
            None
        }
    };
    if !ui.confirm("Register and mount it", true, "svpki plugin install")? {
        return Err(CliError::failed(
            "without the plugin there is nothing to configure",
        ));
    }
    let binary = match (&copy_to, places.file(PLUGIN_NAME)) {
        (None, Some(file)) => file,
        _ => binary,
    };
    let wanted = Install {
        binary,
        command: PLUGIN_NAME.to_owned(),
        mount: args.path.clone(),
        copy_to,
        upgrade: false,
    };
    let version = install(ui, server, &wanted).await?;
    ui.status(&format!(
        "   {PLUGIN_NAME} {version} serves at {}/",
        args.path
    ));
    Ok(server.engine(&args.path))
}

/// Few tokens may register a plugin: said before anybody is asked whether to.
async fn may_install(server: &Server, mount: &str) -> Result<(), CliError> {
    let needs = [
        (
            format!("sys/plugins/catalog/secret/{PLUGIN_NAME}"),
            ["update", "sudo"].as_slice(),
        ),
        (format!("sys/mounts/{mount}"), &["update"]),
    ];
    let paths = needs.clone().map(|(path, _)| path);
    let Ok(granted) = server.capabilities(&paths).await else {
        // Then the step itself says what is missing.
        return Ok(());
    };
    let missing: Vec<String> = needs
        .iter()
        .filter(|(path, needed)| {
            let has = granted.get(path).map(Vec::as_slice).unwrap_or_default();
            let has = |word: &str| has.iter().any(|given| given == word);
            !has("root") && !needed.iter().all(|word| has(word))
        })
        .map(|(path, needed)| {
            let words: Vec<String> = needed.iter().map(|word| format!("\"{word}\"")).collect();
            format!(
                "path \"{path}\" {{ capabilities = [{}] }}",
                words.join(", ")
            )
        })
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    Err(CliError::denied(format!(
        "no mount of {PLUGIN_NAME} is visible, and this token may not register and mount it"
    ))
    .hinted(format!(
        "somebody who may does: svpki plugin install; or a policy is missing:\n{}",
        missing.join("\n")
    )))
}

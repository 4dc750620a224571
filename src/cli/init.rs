//! `svpki init`: asks for everything between a server without the plugin and the first certificate.

use std::path::PathBuf;

use serde_json::{Map, Value, json};

use super::order_flow::{Order, PlaceArgs, submit};
use super::plugin::{Install, ServerPaths, install, sibling_binary};
use super::{CliError, Context, Exit, field, plain, record, render, wizard};
use svpki_types::ConfigName;
use vault_client::{EngineClient, PLUGIN_NAME, Server, VaultErrorKind};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// The plugin's binary; without it the one beside this program
    #[arg(long, value_name = "FILE")]
    pub binary: Option<PathBuf>,
    /// Path to mount it at
    #[arg(long, value_name = "PATH")]
    pub path: Option<String>,
    /// Go on with this config, which is there already
    #[arg(long, value_name = "NAME")]
    pub config: Option<ConfigName>,
    #[command(flatten)]
    pub answers: wizard::AnswerArgs,
}

pub async fn run(context: &Context, args: Args) -> Result<Exit, CliError> {
    let ui = &context.ui;
    if !ui.asks() {
        return Err(
            CliError::usage("init asks, and this is not a terminal").hinted(
                "svpki plugin install, then svpki config wizard --answers FILE, then svpki enroll",
            ),
        );
    }
    let server = context.server()?;
    let health = server.health().await?;
    if !health.initialized {
        return Err(CliError::failed("the server is not initialised")
            .hinted("`bao operator init` or `vault operator init`"));
    }
    if health.sealed {
        return Err(CliError::failed("the server is sealed")
            .hinted("`bao operator unseal` or `vault operator unseal`"));
    }
    ui.status(&format!(
        "1. Server: {} answers, version {}",
        server.address(),
        health.version
    ));
    server.token().await?;
    let engine = mounted(context, &server, &args).await?;
    ui.status("\n3. Config");
    let config = match written(context, &engine, &args).await? {
        Some(config) => config,
        None => match wizard::config(context, &engine, None, &args.answers).await? {
            Some(config) => config,
            None => return Ok(Exit::Failed),
        },
    };
    ui.status("\n4. A check of the whole setup; nothing is ordered");
    let look = engine.config_health(&config).await?.value;
    if render::config_health(ui, &look)? != Exit::Done {
        ui.hint("svpki doctor");
        return Ok(Exit::Failed);
    }
    if look.kind == "client_cert" {
        return Ok(later(context, &engine, &config).await);
    }
    ui.status("\n5. A test order: it is checked here, and nothing is ordered");
    loop {
        let Some(fields) = test_order(context, &engine, &config).await? else {
            return Ok(later(context, &engine, &config).await);
        };
        ui.status("\n6. The first certificate: this is an order at SCM, which may cost something.");
        if !ui.confirm("Order it now?", false, "svpki enroll")? {
            return Ok(later(context, &engine, &config).await);
        }
        let args = PlaceArgs {
            wait: Some(120),
            ..Default::default()
        };
        match submit(context, &engine, &config, Order::Enroll, &args, fields).await {
            // A refused order costs nothing. Try again with another name or after a change of the config.
            Err(error) if error.kind == VaultErrorKind::BadRequest.as_str() => {
                ui.warning(&error.message);
            }
            placed => return placed,
        }
    }
}

/// The config of an earlier run, if the operator wants to continue with it.
async fn written(
    context: &Context,
    engine: &EngineClient,
    args: &Args,
) -> Result<Option<String>, CliError> {
    if let Some(config) = &args.config {
        engine.config(config.as_str()).await?;
        return Ok(Some(config.to_string()));
    }
    let configs = engine.configs().await?;
    if configs.is_empty() || args.answers.are_given() || wizard::is_unfinished(engine) {
        return Ok(None);
    }
    let mut choices = configs.clone();
    choices.push("another one, or change one".to_owned());
    let chosen = context
        .ui
        .choose("Go on with which config?", &choices, 0, "--config")?;
    Ok(configs.into_iter().nth(chosen))
}

async fn later(context: &Context, engine: &EngineClient, config: &str) -> Exit {
    context.ui.hint(&wizard::first_order(engine, config).await);
    Exit::Done
}

/// The fields of an order that the engine accepts, after a dry run was shown. `None` when the operator wants no order.
async fn test_order(
    context: &Context,
    engine: &EngineClient,
    config: &str,
) -> Result<Option<Map<String, Value>>, CliError> {
    let ui = &context.ui;
    loop {
        let name = ui.ask(
            "Common name for the test order (empty: skip it)",
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
            // The operator can try another name, or correct the config meanwhile.
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
    let named = match (&args.path, context.global.mounts().as_slice()) {
        (Some(path), _) => Some(path.trim_matches('/').to_owned()),
        (None, [mount]) => Some(mount.clone()),
        _ => None,
    };
    let found = match (&named, engines.len()) {
        (Some(path), _) => engines.iter().position(|engine| engine.mount() == path),
        (None, 0) => None,
        (None, 1) => Some(0),
        (None, _) => {
            let paths: Vec<String> = engines
                .iter()
                .map(|engine| engine.mount().to_owned())
                .collect();
            Some(ui.choose("Which mount?", &paths, 0, "--path")?)
        }
    };
    if let Some(index) = found {
        let engine = engines.swap_remove(index);
        ui.status(&format!("2. Plugin: mounted at {}/", engine.mount()));
        return Ok(engine);
    }
    let path = &named.unwrap_or_else(|| PLUGIN_NAME.to_owned());
    may_install(server, path).await?;
    let binary = match &args.binary {
        Some(binary) => binary.clone(),
        None => sibling_binary()?,
    };
    let places = ServerPaths::ask(server).await?;
    places.must_have_plugin_directory()?;
    ui.warnings(&places.warnings());
    let folder = places
        .plugin_directory
        .clone()
        .filter(|folder| folder.is_dir());
    ui.status(&format!(
        "2. Plugin: {} is to be mounted at {}/",
        binary.display(),
        path
    ));
    let copy_to = match (folder, places.file(PLUGIN_NAME)) {
        // An existing file is compared, but never replaced without a request.
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
    if !ui.confirm(
        "Register and mount the plugin?",
        true,
        "svpki plugin install",
    )? {
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
        mount: path.clone(),
        copy_to,
        upgrade: false,
    };
    let version = install(ui, server, &wanted).await?;
    ui.status(&format!("   {PLUGIN_NAME} {version} serves at {path}/"));
    Ok(server.engine(path))
}

/// Checks whether the token may register a plugin, which few may, before the operator is asked anything.
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
        // The capabilities cannot be read. The step itself will say what is missing.
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
        "run svpki plugin install with a token that may, or add this to the token's policy:\n{}",
        missing.join("\n")
    )))
}

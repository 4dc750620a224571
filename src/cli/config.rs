//! `svpki config`: write, read, list, delete, test.

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::config_args::{ConfigArgs, secret_field};
use super::fields::{FieldArgs, SecretArgs};
use super::{
    CliError, Column, Context, Exit, Field, Format, List, Tone, column, csv_column, field, plain,
    plural, record, render, wizard,
};
use svpki_types::ConfigName;
use vault_client::{EngineClient, InventoryQuery, VaultError, VaultErrorKind};

#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Ask for everything a config needs, check it at SCM, and write it
    Wizard(Box<wizard::Args>),
    /// Create a config, or change the given fields of one
    Write(Box<WriteArgs>),
    /// Make a config with the settings of another; what differs is given as flags
    Copy(Box<CopyArgs>),
    /// Show a config; secrets never come out
    Read {
        /// The config's name
        name: ConfigName,
    },
    /// All configs of all mounts
    List,
    /// Delete a config; refused while it has certificates or open orders
    Delete(DeleteArgs),
    /// Ask SCM with the stored login: reachable, accepted, organisation and profiles visible
    Test {
        /// The config's name
        name: ConfigName,
    },
}

#[derive(Debug, clap::Args)]
pub struct WriteArgs {
    /// The config's name
    pub name: ConfigName,
    /// Begin with what this config of the mount holds, apart from its login, which is given anew
    #[arg(long, value_name = "CONFIG")]
    pub from: Option<ConfigName>,
    #[command(flatten)]
    pub config: ConfigArgs,
    #[command(flatten)]
    pub secret: SecretArgs,
    /// Ask SCM with these settings, say what it answers, and store nothing
    #[arg(long)]
    pub dry_run: bool,
    #[command(flatten)]
    pub fields: FieldArgs,
}

#[derive(Debug, clap::Args)]
pub struct CopyArgs {
    /// The config to copy
    pub from: ConfigName,
    /// The new config's name
    pub name: ConfigName,
    #[command(flatten)]
    pub config: ConfigArgs,
    #[command(flatten)]
    pub secret: SecretArgs,
    #[command(flatten)]
    pub fields: FieldArgs,
}

#[derive(Debug, clap::Args)]
pub struct DeleteArgs {
    /// The config's name
    pub name: ConfigName,
    /// Delete it with its certificates, private keys and orders; asks for the number of certificates
    #[arg(long)]
    pub force: bool,
    /// Do not ask
    #[arg(long)]
    pub yes: bool,
}

pub async fn run(context: &Context, command: Command) -> Result<Exit, CliError> {
    match command {
        Command::Wizard(args) => wizard::run(context, *args).await,
        Command::Write(args) => write(context, *args).await,
        Command::Copy(args) => copy(context, *args).await,
        Command::Read { name } => read(context, &name).await,
        Command::List => list(context).await,
        Command::Delete(args) => delete(context, &args).await,
        Command::Test { name } => test(context, &name).await,
    }
}

async fn write(context: &Context, args: WriteArgs) -> Result<Exit, CliError> {
    let name = args.name.as_str();
    let engine = match context.engine_of(name).await {
        // A new config is in no mount yet, so there must be only one mount, or `--mount` must name one.
        Err(error) if error.exit == Exit::NotFound => context.engine().await?,
        other => other?,
    };
    let fields = args.sent(context, &engine).await?;
    if args.dry_run {
        let answer = engine.try_config(name, &fields).await?;
        context.ui.warnings(&answer.warnings);
        return render::config_health(&context.ui, &answer.value);
    }
    if fields.is_empty() {
        return Err(CliError::usage("nothing to write: give at least one field"));
    }
    let answer = engine.write_config(name, &Value::Object(fields)).await?;
    context.ui.warnings(&answer.warnings);
    context.ui.status(&format!(
        "Config {name} is written to {}",
        engine.path(&format!("configs/{name}"))
    ));
    context.ui.hint(&format!("svpki config test {name}"));
    Ok(Exit::Done)
}

async fn copy(context: &Context, args: CopyArgs) -> Result<Exit, CliError> {
    let engine = context.engine_of(args.from.as_str()).await?;
    if engine
        .configs()
        .await?
        .iter()
        .any(|name| name == args.name.as_str())
    {
        return Err(
            CliError::usage(format!("config {} exists already", args.name)).hinted(format!(
                "svpki config write {} --from {} overwrites its settings",
                args.name, args.from
            )),
        );
    }
    let args = WriteArgs {
        name: args.name,
        from: Some(args.from),
        config: args.config,
        secret: args.secret,
        dry_run: false,
        fields: args.fields,
    };
    write(context, args).await
}

impl WriteArgs {
    /// The fields of the config `--from`, overlaid by those of the file, of `--set` and of the flags.
    async fn sent(
        &self,
        context: &Context,
        engine: &EngineClient,
    ) -> Result<Map<String, Value>, CliError> {
        let mut fields = match &self.from {
            Some(from) => {
                let answer = engine
                    .config(from.as_str())
                    .await
                    .map_err(|error| missing(engine, from.as_str(), error))?;
                writable(answer.data)
            }
            None => Map::new(),
        };
        fields.extend(writable(self.fields.read()?));
        fields.extend(self.config.fields()?);
        let method = fields.get("auth_method").map(plain);
        let secret = secret_field(method.as_deref());
        // Ask for the secret when a login is given without one, but not when only other fields are changed.
        let is_login = self.config.user.is_some()
            || self.config.oauth2_client_id.is_some()
            || self.from.is_some();
        let asked_for = is_login && !fields.contains_key(secret) && context.ui.asks();
        if self.secret.is_given() || (asked_for && secret != "auth_private_key") {
            let question = match secret {
                "oauth2_client_secret" => "Client secret",
                _ => "SCM password",
            };
            let given = self.secret.read(context, question)?;
            if given.is_empty() {
                return Err(CliError::usage(format!("{secret} is empty")));
            }
            fields.insert(secret.into(), given.expose().into());
        }
        Ok(fields)
    }
}

/// The fields of `config read` that can be written again: without the config's name and without the fields that only
/// say whether a secret is set.
fn writable(mut fields: Map<String, Value>) -> Map<String, Value> {
    fields.retain(|name, value| {
        let is_name = matches!(name.as_str(), "config" | "name");
        let says_set = name.ends_with("_set") && value.is_boolean();
        !(is_name || says_set || value.is_null())
    });
    fields
}

async fn read(context: &Context, name: &ConfigName) -> Result<Exit, CliError> {
    let engine = context.engine_of(name.as_str()).await?;
    let answer = engine
        .config(name.as_str())
        .await
        .map_err(|error| missing(&engine, name.as_str(), error))?;
    context.ui.warnings(&answer.warnings);
    // Lists call this field `config`, too.
    let name = ("config".to_owned(), Value::from(name.as_str()));
    let settings = answer.data.into_iter().filter(|(field, _)| field != "name");
    let data: Map<String, Value> = std::iter::once(name).chain(settings).collect();
    let fields: Vec<Field<'_>> = data
        .iter()
        .map(|(name, value)| field(name, plain(value)))
        .collect();
    record(&context.ui, &fields, &data)?;
    Ok(Exit::Done)
}

const COLUMNS: [Column; 8] = [
    column("config", "CONFIG"),
    column("mount", "MOUNT"),
    column("kind", "TYPE"),
    column("base_url", "SCM"),
    column("login", "LOGIN"),
    column("organisation", "ORG"),
    column("auto_renew", "RENEWS"),
    csv_column("customer"),
];

async fn list(context: &Context) -> Result<Exit, CliError> {
    let mut list = List::new(&context.ui, &COLUMNS);
    for engine in context.engines().await? {
        for config in engine.configs().await? {
            list.push(&row(&engine, &config).await?, |_| Tone::Plain)?;
        }
    }
    list.end("No config yet: svpki config write")?;
    Ok(Exit::Done)
}

/// The row of a config. With a token that may only list, it has only the name.
async fn row(engine: &EngineClient, config: &str) -> Result<Value, CliError> {
    let data = match engine.config(config).await {
        Ok(answer) => answer.data,
        Err(error) if error.kind == VaultErrorKind::Denied => Map::new(),
        Err(error) => return Err(error.into()),
    };
    let of = |name: &str| data.get(name).cloned().unwrap_or(Value::Null);
    let login = match of("oauth2_client_id") {
        Value::Null => of("sectigo_cm_user"),
        client => client,
    };
    Ok(json!({
        "config": config,
        "mount": engine.mount(),
        "kind": of("sectigo_config_type"),
        "base_url": of("sectigo_cm_base_url"),
        "login": login,
        "organisation": of("sectigo_cm_org_id"),
        "auto_renew": of("sectigo_auto_renew"),
        "customer": of("sectigo_cm_uri"),
    }))
}

/// Adds a message to a "not found" error that has none. Servers send no message when there is nothing at a path.
fn missing(engine: &EngineClient, name: &str, error: VaultError) -> CliError {
    match error.kind {
        VaultErrorKind::NotFound if error.errors.is_empty() => {
            CliError::not_found(format!("no config {name} in {}/", engine.mount()))
                .hinted("svpki config list")
        }
        _ => error.into(),
    }
}

async fn delete(context: &Context, args: &DeleteArgs) -> Result<Exit, CliError> {
    let ui = &context.ui;
    let name = args.name.as_str();
    let engine = context.engine_of(name).await?;
    // On every server, deleting something that does not exist succeeds. Report it here, because it is probably a typo.
    engine
        .config(name)
        .await
        .map_err(|error| missing(&engine, name, error))?;
    let with_it = if args.force {
        Contents::of(&engine, name).await?
    } else {
        // Without `--force` the engine refuses to delete a config that has certificates or orders.
        Contents::default()
    };
    let mut question = format!(
        "This deletes the config {name} of {}/ with its SCM login.",
        engine.mount()
    );
    if with_it.is_empty() {
        ui.confirm_name(&question, name, args.yes)?;
    } else {
        question = format!("{question}\n{}", with_it.told());
        if args.yes {
            ui.warning(&question);
        }
        ui.confirm_name(
            &format!("{question}\nThe number of certificates confirms it."),
            &with_it.certificates.to_string(),
            args.yes,
        )?;
    }
    let spinner = ui.spinner("deleting");
    let deleted = engine
        .patient(LONGEST_DELETE)?
        .delete_config(name, args.force)
        .await;
    spinner.finish_and_clear();
    ui.warnings(&deleted?.warnings);
    ui.status(&match with_it.is_empty() {
        true => format!("Config {name} is deleted"),
        false => format!("Config {name} is deleted with {}", with_it.counted()),
    });
    Ok(Exit::Done)
}

/// Deleting a config takes long when it has thousands of certificates, which are deleted one by one.
const LONGEST_DELETE: Duration = Duration::from_secs(600);

/// What is removed from Vault together with a config.
#[derive(Default)]
struct Contents {
    certificates: usize,
    keys: usize,
    /// The first of the certificates' names.
    names: Vec<String>,
    open_orders: usize,
}

/// The most names in a question.
const SHOWN_NAMES: usize = 10;

impl Contents {
    async fn of(engine: &EngineClient, config: &str) -> Result<Self, CliError> {
        let mut contents = Self::default();
        let mut query = InventoryQuery {
            config: config.to_owned(),
            limit: 1_000,
            ..InventoryQuery::default()
        };
        loop {
            let page = engine.inventory(&query).await?.value;
            for row in page.certificates {
                contents.certificates += 1;
                contents.keys += usize::from(row.has_key);
                if contents.names.len() < SHOWN_NAMES && !contents.names.contains(&row.common_name)
                {
                    contents.names.push(row.common_name);
                }
            }
            if page.next.is_empty() {
                break;
            }
            query.after = page.next;
        }
        let orders = engine.orders(config).await?;
        contents.open_orders = orders.keys.len();
        Ok(contents)
    }

    fn is_empty(&self) -> bool {
        self.certificates == 0 && self.open_orders == 0
    }

    /// `305 certificates, 12 private keys and 2 open orders`.
    fn counted(&self) -> String {
        let mut parts = vec![plural(self.certificates, "certificate", "certificates")];
        if self.keys > 0 {
            parts.push(plural(self.keys, "private key", "private keys"));
        }
        if self.open_orders > 0 {
            parts.push(plural(
                self.open_orders,
                "unfinished order",
                "unfinished orders",
            ));
        }
        match parts.split_last() {
            Some((last, [])) => last.clone(),
            Some((last, first)) => format!("{} and {last}", first.join(", ")),
            None => String::new(),
        }
    }

    fn told(&self) -> String {
        let mut text = format!("{} are removed from Vault", self.counted());
        if !self.names.is_empty() {
            text.push_str(": ");
            text.push_str(&self.names.join(", "));
            if self.certificates > self.names.len() {
                text.push_str(", …");
            }
        }
        text.push('.');
        if self.keys > 0 {
            text.push_str(" A private key that is removed cannot be brought back.");
        }
        text.push_str(" At SCM the certificates stay valid.");
        text
    }
}

async fn test(context: &Context, name: &ConfigName) -> Result<Exit, CliError> {
    let engine = context.engine_of(name.as_str()).await?;
    let wait = context.ui.spinner("asking SCM");
    let answer = engine.config_health(name.as_str()).await;
    wait.finish_and_clear();
    let answer = answer?;
    context.ui.warnings(&answer.warnings);
    if context.ui.format() == Format::Table {
        context
            .ui
            .status(&format!("Config {name} of {}", engine.mount()));
    }
    render::config_health(&context.ui, &answer.value)
}

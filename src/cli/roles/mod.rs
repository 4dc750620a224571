//! `svpki roles`: write, read, list and delete roles, and print the configuration for a client of a role.

pub mod example;
mod offer;

use serde_json::{Map, Value, json};

use super::fields::{FieldArgs, put};
use super::label_args::LabelArgs;
use super::{
    CliError, Column, Context, Exit, Field, List, Tone, column, csv_column, field, plain, record,
};
pub use offer::offer;
use svpki_types::{ConfigName, RoleName};
use vault_client::{Answer, EngineClient, VaultErrorKind};

#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// All roles of all mounts
    List,
    /// Show a role
    Read {
        /// The role's name
        name: RoleName,
    },
    /// Create a role, or change the given fields of one
    Write(Box<WriteArgs>),
    /// Delete a role; its certificates stay
    Delete(DeleteArgs),
    /// Print the manifest, HCL or template that a client of the role needs
    Example(example::Args),
}

#[derive(Debug, clap::Args)]
pub struct WriteArgs {
    /// The role's name
    pub name: RoleName,
    /// The config to order with; a new role needs one
    #[arg(long)]
    pub config: Option<ConfigName>,
    /// SCM's number of the certificate profile; without it the config's
    #[arg(long, value_name = "ID")]
    pub profile_id: Option<i64>,
    /// Domains that may be asked for; may be given several times
    #[arg(long, value_name = "DOMAIN", value_delimiter = ',')]
    pub allowed_domains: Vec<String>,
    /// The allowed domains themselves may be asked for
    #[arg(long, value_name = "true|false", num_args = 0..=1, default_missing_value = "true")]
    pub allow_bare_domains: Option<bool>,
    /// Names below the allowed domains may be asked for
    #[arg(long, value_name = "true|false", num_args = 0..=1, default_missing_value = "true")]
    pub allow_subdomains: Option<bool>,
    /// Wildcard names may be asked for
    #[arg(long, value_name = "true|false", num_args = 0..=1, default_missing_value = "true")]
    pub allow_wildcards: Option<bool>,
    /// Lifetime for requests that name none, such as 90d
    #[arg(long, value_name = "DURATION")]
    pub ttl: Option<String>,
    /// How long a request waits for its certificate
    #[arg(long, value_name = "DURATION")]
    pub max_wait: Option<String>,
    /// Who gets a certificate in use again: the same entity, every caller of the role, or nobody
    #[arg(long, value_name = "WHO", value_parser = ["entity", "role", "off"])]
    pub reuse: Option<String>,
    #[command(flatten)]
    pub labels: LabelArgs,
    #[command(flatten)]
    pub fields: FieldArgs,
}

#[derive(Debug, clap::Args)]
pub struct DeleteArgs {
    /// The role's name
    pub name: RoleName,
    /// Do not ask
    #[arg(long)]
    pub yes: bool,
}

pub async fn run(context: &Context, command: Command) -> Result<Exit, CliError> {
    match command {
        Command::List => list(context).await,
        Command::Read { name } => read(context, &name).await,
        Command::Write(args) => write(context, &args).await,
        Command::Delete(args) => delete(context, &args).await,
        Command::Example(args) => example::run(context, &args).await,
    }
}

const COLUMNS: [Column; 7] = [
    column("role", "ROLE"),
    column("mount", "MOUNT"),
    column("config", "CONFIG"),
    column("allowed_domains", "DOMAINS"),
    column("reuse", "REUSE"),
    column("ttl", "TTL"),
    csv_column("max_wait"),
];

async fn list(context: &Context) -> Result<Exit, CliError> {
    let mut list = List::new(&context.ui, &COLUMNS);
    for engine in context.engines().await? {
        for role in engine.roles().await? {
            let mut data = match engine.role(&role).await {
                Ok(answer) => answer.data,
                // A token that may only list sees only the names.
                Err(error) if error.kind == VaultErrorKind::Denied => Map::new(),
                Err(error) => return Err(error.into()),
            };
            data.insert("role".into(), role.into());
            data.insert("mount".into(), engine.mount().into());
            list.push(&data, |_| Tone::Plain)?;
        }
    }
    list.end("No role yet: svpki roles write")?;
    Ok(Exit::Done)
}

async fn read(context: &Context, name: &RoleName) -> Result<Exit, CliError> {
    let engine = context.engine_of_role(name.as_str()).await?;
    let answer = load(&engine, name).await?;
    context.ui.warnings(&answer.warnings);
    let fields: Vec<Field<'_>> = answer
        .data
        .iter()
        .map(|(name, value)| field(name, plain(value)))
        .collect();
    record(&context.ui, &fields, &answer.data)?;
    Ok(Exit::Done)
}

async fn write(context: &Context, args: &WriteArgs) -> Result<Exit, CliError> {
    let name = args.name.as_str();
    let fields = args.sent()?;
    if fields.is_empty() {
        return Err(CliError::usage("nothing to write: give at least one field"));
    }
    let engine = match (context.engine_of_role(name).await, fields.get("config")) {
        // A new role is in no mount yet. It is written to the mount of its config.
        (Err(error), Some(config)) if error.exit == Exit::NotFound => {
            context.engine_of(&plain(config)).await?
        }
        (engine, _) => engine?,
    };
    let answer = engine.write_role(name, &Value::Object(fields)).await?;
    context.ui.warnings(&answer.warnings);
    context.ui.status(&format!(
        "Role {name} is written to {}",
        engine.path(&format!("roles/{name}"))
    ));
    context
        .ui
        .hint(&format!("svpki roles example {name} --for CLIENT"));
    Ok(Exit::Done)
}

impl WriteArgs {
    /// The fields of the file, overlaid by those of `--set` and of the flags.
    fn sent(&self) -> Result<Map<String, Value>, CliError> {
        let mut fields = self.fields.read()?;
        let f = &mut fields;
        put(f, "config", self.config.as_ref().map(ConfigName::as_str));
        put(f, "profile_id", self.profile_id);
        put(f, "allow_bare_domains", self.allow_bare_domains);
        put(f, "allow_subdomains", self.allow_subdomains);
        put(f, "allow_wildcard_certificates", self.allow_wildcards);
        put(f, "ttl", self.ttl.clone());
        put(f, "max_wait", self.max_wait.clone());
        put(f, "reuse", self.reuse.clone());
        self.labels.put(f);
        if !self.allowed_domains.is_empty() {
            f.insert("allowed_domains".into(), json!(self.allowed_domains));
        }
        Ok(fields)
    }
}

async fn delete(context: &Context, args: &DeleteArgs) -> Result<Exit, CliError> {
    let name = &args.name;
    let engine = context.engine_of_role(name.as_str()).await?;
    // On every server, deleting something that does not exist succeeds. Report it here, because it is probably a typo.
    load(&engine, name).await?;
    let question = format!(
        "This deletes the role {name} of {}/. Its certificates stay; programs that use issue/{name} or sign/{name} \
         get no more.",
        engine.mount()
    );
    context
        .ui
        .confirm_name(&question, name.as_str(), args.yes)?;
    let answer = engine.delete_role(name.as_str()).await?;
    context.ui.warnings(&answer.warnings);
    context.ui.status(&format!("Role {name} is deleted"));
    Ok(Exit::Done)
}

/// Reads the role. Adds a message to the server's "not found" error, which has none.
async fn load(engine: &EngineClient, name: &RoleName) -> Result<Answer, CliError> {
    engine.role(name.as_str()).await.map_err(|error| {
        if error.kind == VaultErrorKind::NotFound && error.errors.is_empty() {
            return CliError::not_found(format!("no role {name} in {}/", engine.mount()))
                .hinted("svpki roles list");
        }
        error.into()
    })
}

//! `svpki profile`: sync, list, read.

use serde_json::Value;

use super::{
    CliError, Column, Context, Exit, List, Tone, column, csv_column, day, field, record, render,
};
use svpki_types::ConfigName;
use svpki_types::api::ProfileResponse;

#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Download the profiles that SCM offers; from then on every request is checked against them
    Sync {
        /// The config
        config: ConfigName,
        /// Only this one
        profile_id: Option<i64>,
    },
    /// Stored profiles of a config
    List {
        /// The config
        config: ConfigName,
    },
    /// One stored profile
    Read {
        /// The config
        config: ConfigName,
        /// SCM's number of the profile
        profile_id: i64,
    },
}

pub async fn run(context: &Context, command: Command) -> Result<Exit, CliError> {
    match command {
        Command::Sync { config, profile_id } => sync(context, &config, profile_id).await,
        Command::List { config } => list(context, &config).await,
        Command::Read { config, profile_id } => read(context, &config, profile_id).await,
    }
}

async fn sync(
    context: &Context,
    config: &ConfigName,
    profile_id: Option<i64>,
) -> Result<Exit, CliError> {
    let engine = context.engine_of(config.as_str()).await?;
    let id = profile_id.map(|id| id.to_string());
    let spinner = context.ui.spinner("downloading profiles");
    let answer = engine.sync_profiles(config.as_str(), id.as_deref()).await;
    spinner.finish_and_clear();
    context.ui.warnings(&answer?.warnings);
    list(context, config).await
}

const COLUMNS: [Column; 8] = [
    column("id", "ID"),
    column("name", "NAME"),
    column("terms", "DAYS"),
    column("keys", "KEYS"),
    column("fields", "MANDATORY FIELDS"),
    column("day", "DOWNLOADED"),
    csv_column("description"),
    csv_column("mount"),
];

async fn list(context: &Context, config: &ConfigName) -> Result<Exit, CliError> {
    let engine = context.engine_of(config.as_str()).await?;
    let listing = engine.profiles(config.as_str()).await?;
    context.ui.warnings(&listing.warnings);
    let mut list = List::new(&context.ui, &COLUMNS);
    for id in listing.keys {
        let known = listing.key_info.get(&id).cloned();
        let complete = known
            .and_then(|info: Value| serde_json::from_value::<ProfileResponse>(info).ok())
            .filter(|profile| !profile.terms.is_empty());
        let profile = match complete {
            Some(profile) => profile,
            None => engine.profile(config.as_str(), &id).await?.value,
        };
        let mut row = render::with_mount(&profile, engine.mount());
        if context.ui.format() != super::Format::Json && context.ui.format() != super::Format::Yaml
        {
            row["keys"] = keys(&profile).into();
            row["fields"] = profile.mandatory_custom_fields.join(", ").into();
            row["day"] = day(&profile.downloaded).into();
        }
        list.push(&row, |_| Tone::Plain)?;
    }
    list.end(&format!(
        "No profile stored yet: svpki profile sync {config}"
    ))?;
    Ok(Exit::Done)
}

async fn read(context: &Context, config: &ConfigName, id: i64) -> Result<Exit, CliError> {
    let engine = context.engine_of(config.as_str()).await?;
    let answer = engine.profile(config.as_str(), &id.to_string()).await?;
    context.ui.warnings(&answer.warnings);
    let profile = answer.value;
    let terms: Vec<String> = profile
        .terms
        .iter()
        .map(|days| format!("{days} days"))
        .collect();
    let fields = [
        field("Id", profile.id),
        field("Name", &profile.name),
        field("Description", &profile.description),
        field("Terms", terms.join(", ")),
        field("Keys", keys(&profile)),
        field(
            "Mandatory fields",
            profile.mandatory_custom_fields.join(", "),
        ),
        field("Downloaded", &profile.downloaded),
    ];
    record(&context.ui, &fields, &profile)?;
    Ok(Exit::Done)
}

fn keys(profile: &ProfileResponse) -> String {
    let of = |(kind, sizes): (&String, &Vec<String>)| format!("{kind} {}", sizes.join("/"));
    profile
        .key_types
        .iter()
        .map(of)
        .collect::<Vec<_>>()
        .join(", ")
}

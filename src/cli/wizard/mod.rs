//! `svpki config wizard`: from "I have an SCM account" to a written config, one question at a time, each answer
//! checked as soon as it can be. What was answered is kept (secrets are not), so that Ctrl-C costs nothing.

mod answers;
mod questions;

use std::path::PathBuf;

use serde_json::{Map, Value};
use unicode_width::UnicodeWidthStr;

use super::config_args::ConfigArgs;
use super::fields::SecretArgs;
use super::{CliError, Context, Exit, Field, Ui, field, record, roles};
use answers::Answers;
use svpki_types::api::ConfigHealth;
use svpki_types::{ConfigName, Secret};
use vault_client::{EngineClient, VaultErrorKind};

#[derive(Debug, Clone, Default, clap::Args)]
pub struct Args {
    /// The config's name
    pub name: Option<ConfigName>,
    #[command(flatten)]
    pub answers: AnswerArgs,
}

/// Answers that are given before the questions: what is answered is not asked.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct AnswerArgs {
    /// Answers in a JSON or TOML file, each under its flag's name with _ for -, and name for the config's
    #[arg(long, value_name = "FILE")]
    pub answers: Option<PathBuf>,
    #[command(flatten)]
    pub config: ConfigArgs,
    #[command(flatten)]
    pub secret: SecretArgs,
    /// Write the config without asking
    #[arg(long)]
    pub yes: bool,
    /// Forget what an earlier, unfinished run was told
    #[arg(long)]
    pub restart: bool,
}

pub async fn run(context: &Context, args: Args) -> Result<Exit, CliError> {
    can_go_on(context, &args.answers)?;
    let engine = context.engine().await?;
    match config(context, &engine, args.name.as_ref(), &args.answers).await? {
        Some(name) => {
            roles::offer(context, &engine, &name).await?;
            context.ui.hint(&first_order(&engine, &name).await);
            Ok(Exit::Done)
        }
        None => Ok(Exit::Failed),
    }
}

/// The command that orders the first certificate with this config.
pub async fn first_order(engine: &EngineClient, name: &str) -> String {
    let is_smime = engine.config(name).await.is_ok_and(|answer| {
        answer
            .data
            .get("sectigo_config_type")
            .is_some_and(|kind| kind == "client_cert")
    });
    if is_smime {
        format!("svpki enroll {name} --email jane@example.com --first-name Jane --last-name Doe")
    } else {
        format!("svpki enroll {name} --common-name www.example.com")
    }
}

/// Asks for a config and writes it; `None` when the person did not want it written in the end.
pub async fn config(
    context: &Context,
    engine: &EngineClient,
    name: Option<&ConfigName>,
    args: &AnswerArgs,
) -> Result<Option<String>, CliError> {
    let ui = &context.ui;
    can_go_on(context, args)?;
    if args.restart {
        Answers::forget();
    }
    let mut answers = Answers::recall(engine);
    if name.is_some_and(|name| answers.get("name") != Some(name.as_str())) {
        answers.begin_anew();
    }
    if !answers.is_empty() {
        ui.status("Resuming an unfinished run; --restart starts over.");
    }
    if let Some(path) = &args.answers {
        answers.tell_file(path)?;
    }
    for (question, answer) in args.config.answers() {
        answers.tell(question, &answer);
    }
    if let Some(name) = name {
        answers.tell("name", name.as_str());
    }
    let name = questions::name(ui, &mut answers)?;
    recall_config(ui, engine, &name, &mut answers).await?;
    questions::kind(ui, &mut answers)?;
    questions::account(ui, &mut answers)?;
    let (secret, health) = log_in(context, engine, &name, &mut answers, &args.secret).await?;
    questions::organisation(ui, &mut answers, &health)?;
    let health = of_organisation(context, engine, &name, &answers, &secret).await?;
    questions::profile(ui, &mut answers, &health)?;
    questions::policy(ui, &mut answers)?;
    questions::labels(ui, &mut answers)?;
    questions::automation(ui, &mut answers)?;
    summary(context, engine, &name, &answers, !secret.is_empty()).await?;
    if !args.yes && !ui.confirm("Write this config?", true, "--yes")? {
        ui.status("Nothing was written. The answers are kept for the next run.");
        return Ok(None);
    }
    let sent = with_secret(answers.fields()?, &answers, &secret);
    if !sent.is_empty() {
        let answer = engine.write_config(&name, &Value::Object(sent)).await?;
        ui.warnings(&answer.warnings);
    }
    Answers::forget();
    ui.status(&format!(
        "Config {name} is written to {}",
        engine.path(&format!("configs/{name}"))
    ));
    let spinner = ui.spinner("downloading profiles");
    let synced = engine.sync_profiles(&name, None).await;
    spinner.finish_and_clear();
    match synced {
        Ok(_) => ui.status("Profiles are stored: requests are checked before they reach SCM"),
        Err(error) => ui.warning(&format!("the profiles could not be downloaded: {error}")),
    }
    Ok(Some(name))
}

/// An earlier run was told something and has written nothing.
pub fn is_unfinished(engine: &EngineClient) -> bool {
    !Answers::recall(engine).is_empty()
}

impl AnswerArgs {
    pub fn are_given(&self) -> bool {
        self.answers.is_some() || self.restart || !self.config.answers().is_empty()
    }
}

/// Without a person the answers must come with the call.
fn can_go_on(context: &Context, args: &AnswerArgs) -> Result<(), CliError> {
    if context.ui.asks() || args.answers.is_some() || !args.config.answers().is_empty() {
        return Ok(());
    }
    Err(CliError::usage("the wizard asks, and this is not a terminal").hinted(
        "give the answers with --answers FILE or with flags, the secret with --password-stdin, and --yes",
    ))
}

/// What the config holds already is what Enter keeps.
async fn recall_config(
    ui: &Ui,
    engine: &EngineClient,
    name: &str,
    answers: &mut Answers,
) -> Result<(), CliError> {
    match engine.config(name).await {
        Ok(config) => {
            answers.store(&config.data);
            ui.explain(&format!(
                "Config {name} exists: Enter keeps what it holds, and only what you change is written."
            ));
            Ok(())
        }
        Err(error) if error.kind == VaultErrorKind::NotFound && error.errors.is_empty() => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// Asks for the login's secret and tries the login from the server, until SCM accepts it. An empty secret is the one
/// that the config holds.
async fn log_in(
    context: &Context,
    engine: &EngineClient,
    name: &str,
    answers: &mut Answers,
    given: &SecretArgs,
) -> Result<(Secret, ConfigHealth), CliError> {
    let ui = &context.ui;
    let mut secret = match given.is_given() {
        true => Some(given.read(context, "")?),
        false => None,
    };
    loop {
        let now = match secret.take() {
            Some(secret) => secret,
            None => ask_secret(ui, answers)?,
        };
        if now.is_empty() && answers.needs_secret() && answers.secret_field() != "auth_private_key"
        {
            let why = "a value is required: the login is new, or was changed";
            if !ui.asks() {
                return Err(CliError::usage(why).hinted("--password-stdin or --password-file"));
            }
            ui.warning(why);
            continue;
        }
        let mut fields = with_secret(answers.fields()?, answers, &now);
        // SCM answers with the organisations whatever number is asked with; the plugin wants one.
        if !answers.is_change() {
            fields.entry("sectigo_cm_org_id").or_insert(Value::from(1));
        }
        let spinner = ui.spinner("the server tries this login at SCM");
        let tried = engine.try_config(name, &fields).await;
        spinner.finish_and_clear();
        let (why, is_address) = match tried {
            Ok(answer) if answer.value.login_accepted => {
                ui.status(&format!(
                    "SCM at {} accepts the login",
                    answer.value.base_url
                ));
                return Ok((now, answer.value));
            }
            Ok(answer) if answer.value.reachable => (
                format!("SCM does not accept it: {}", answer.value.error),
                false,
            ),
            Ok(answer) => (
                format!(
                    "SCM cannot be reached from the server: {}",
                    answer.value.error
                ),
                true,
            ),
            Err(error) => (error.to_string(), false),
        };
        if !ui.asks() {
            return Err(CliError::failed(why));
        }
        ui.warning(&why);
        questions::account_again(ui, answers, is_address)?;
        if is_address {
            // It was never looked at.
            secret = Some(now);
        }
    }
}

fn ask_secret(ui: &Ui, answers: &Answers) -> Result<Secret, CliError> {
    let what = match answers.secret_field() {
        "auth_private_key" => return Ok(Secret::default()),
        "oauth2_client_secret" => "Client secret",
        _ => "Password of that login",
    };
    let keep = if answers.needs_secret() {
        ""
    } else {
        "; empty: the stored one"
    };
    ui.ask_secret(
        &format!("{what} (not shown, kept sealed in Vault{keep})"),
        "--password-stdin or --password-file",
    )
}

fn with_secret(
    mut fields: Map<String, Value>,
    answers: &Answers,
    secret: &Secret,
) -> Map<String, Value> {
    if !secret.is_empty() {
        fields.insert(answers.secret_field().to_owned(), secret.expose().into());
    }
    fields
}

/// What SCM offers depends on the organisation: asked again now that it is known.
async fn of_organisation(
    context: &Context,
    engine: &EngineClient,
    name: &str,
    answers: &Answers,
    secret: &Secret,
) -> Result<ConfigHealth, CliError> {
    let mut fields = with_secret(answers.fields()?, answers, secret);
    // An answer of an earlier run may name a profile that is not there any more.
    fields.remove("profile_id");
    let spinner = context
        .ui
        .spinner("asking SCM for the profiles of this organisation");
    let tried = engine.try_config(name, &fields).await;
    spinner.finish_and_clear();
    let health = tried?.value;
    if !health.error.is_empty() {
        context.ui.warning(&health.error);
    }
    Ok(health)
}

async fn summary(
    context: &Context,
    engine: &EngineClient,
    name: &str,
    answers: &Answers,
    secret: bool,
) -> Result<(), CliError> {
    let ui = &context.ui;
    let shown = answers.shown();
    if shown.is_empty() && !secret {
        ui.status("\nNothing is changed.");
        return Ok(());
    }
    ui.status("\nThis will be written:\n");
    let fields: Vec<Field<'_>> = shown
        .iter()
        .map(|(name, value)| field(name, value))
        .collect();
    let data: Map<String, Value> = shown
        .iter()
        .map(|(name, value)| ((*name).to_owned(), Value::from(value.as_str())))
        .collect();
    record(ui, &fields, &data)?;
    let cli = engine.server().product().await?.command();
    let path = engine.path(&format!("configs/{name}"));
    let input = if secret && answers.secret_field() != "auth_private_key" {
        " (reads the secret from stdin)"
    } else {
        ""
    };
    ui.status(&format!(
        "\nEquivalent commands{input}:\n\n{}\n\n{}\n",
        folded(&answers.server_command(cli, &path, secret)),
        folded(&answers.command(name, secret)),
    ));
    Ok(())
}

/// A command in lines that fit into 80 columns, and that a shell takes as one.
fn folded(parts: &[String]) -> String {
    let mut lines = vec![String::from("  ")];
    for part in parts {
        let Some(line) = lines.last_mut() else {
            continue;
        };
        let begun = !line.trim().is_empty();
        if begun && line.width() + 1 + part.width() > 77 {
            line.push_str(" \\");
            lines.push(format!("      {part}"));
        } else {
            line.push_str(if begun { " " } else { "" });
            line.push_str(part);
        }
    }
    lines.join("\n")
}

/// As a shell needs it.
fn quoted(text: &str) -> String {
    let plain = text
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || b"-_./:%@,".contains(&b));
    if plain && !text.is_empty() {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', "'\\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_shell_would_take_apart_is_quoted() {
        assert_eq!(quoted("https://x.example/a"), "https://x.example/a");
        assert_eq!(quoted("it's"), "'it'\\''s'");
        assert_eq!(quoted(""), "''");
    }
}

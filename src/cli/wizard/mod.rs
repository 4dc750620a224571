//! `svpki config wizard`: from "I have an SCM account" to a written config, one question at a time, each answer
//! checked as soon as it can be. What was answered is kept (secrets are not), so that Ctrl-C costs nothing.

mod answers;
mod questions;

use serde_json::{Map, Value};
use unicode_width::UnicodeWidthStr;

use super::{CliError, Context, Exit, Field, field, record};
use answers::Answers;
use svpki_types::api::ConfigHealth;
use svpki_types::{ConfigName, Secret};
use vault_client::EngineClient;

#[derive(Debug, Clone, Default, clap::Args)]
pub struct Args {
    /// The config's name
    pub name: Option<ConfigName>,
    /// Forget what an earlier, unfinished run was told
    #[arg(long)]
    pub restart: bool,
}

pub async fn run(context: &Context, args: Args) -> Result<Exit, CliError> {
    somebody_sits_there(context)?;
    let engine = context.engine().await?;
    match config(context, &engine, &args).await? {
        Some(name) => {
            context.ui.hint(&format!(
                "svpki enroll {name} --common-name www.example.com"
            ));
            Ok(Exit::Done)
        }
        None => Ok(Exit::Failed),
    }
}

/// Asks for a config and writes it; `None` when the person did not want it written in the end.
pub async fn config(
    context: &Context,
    engine: &EngineClient,
    args: &Args,
) -> Result<Option<String>, CliError> {
    let ui = &context.ui;
    somebody_sits_there(context)?;
    if args.restart {
        Answers::forget();
    }
    let mut answers = Answers::recall(engine);
    if !answers.is_empty() {
        ui.status("Going on with what an earlier run was told; --restart forgets it. Enter keeps an answer.");
    }
    if let Some(name) = &args.name {
        answers.set("name", name.as_str());
    }
    questions::name(ui, engine, &mut answers).await?;
    questions::account(ui, &mut answers)?;
    let (secret, health) = log_in(context, engine, &mut answers).await?;
    questions::organisation(ui, &mut answers, &health)?;
    let health = of_organisation(context, engine, &answers, &secret).await?;
    questions::profile(ui, &mut answers, &health)?;
    questions::automation(ui, &mut answers)?;
    let fields = answers.fields();
    summary(context, engine, &answers, &fields).await?;
    if !ui.confirm("Write this config", true, "svpki config write")? {
        ui.status("Nothing was written. The answers are kept for the next run.");
        return Ok(None);
    }
    let name = answers.get("name").unwrap_or_default().to_owned();
    let mut sent = fields;
    sent.insert("sectigo_cm_password".into(), secret.expose().into());
    let answer = engine.write_config(&name, &Value::Object(sent)).await?;
    ui.warnings(&answer.warnings);
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

fn somebody_sits_there(context: &Context) -> Result<(), CliError> {
    if context.ui.asks() {
        return Ok(());
    }
    Err(
        CliError::usage("the wizard asks, and nobody can be asked here")
            .hinted("svpki config write --help has a flag for every answer"),
    )
}

/// Asks for the password and tries the login from the server, until SCM accepts it.
async fn log_in(
    context: &Context,
    engine: &EngineClient,
    answers: &mut Answers,
) -> Result<(Secret, ConfigHealth), CliError> {
    let ui = &context.ui;
    loop {
        let secret = ui.ask_secret(
            "Password of that login (not shown, kept sealed in Vault)",
            "--password-stdin",
        )?;
        if secret.is_empty() {
            ui.warning("the password is empty");
            continue;
        }
        let mut fields = answers.fields();
        fields.insert("sectigo_cm_password".into(), secret.expose().into());
        // SCM answers with the organisations whatever number is asked with; the plugin wants one.
        fields.entry("sectigo_cm_org_id").or_insert(Value::from(1));
        let name = answers.get("name").unwrap_or_default().to_owned();
        let spinner = ui.spinner("the server tries this login at SCM");
        let tried = engine.try_config(&name, &fields).await;
        spinner.finish_and_clear();
        match tried {
            Ok(answer) if answer.value.login_accepted => {
                ui.status(&format!(
                    "SCM at {} accepts the login",
                    answer.value.base_url
                ));
                return Ok((secret, answer.value));
            }
            Ok(answer) => {
                let health = answer.value;
                let what = if health.reachable {
                    "SCM does not accept it"
                } else {
                    "SCM cannot be reached from the server"
                };
                ui.warning(&format!("{what}: {}", health.error));
            }
            Err(error) => ui.warning(&error.to_string()),
        }
        questions::account_again(ui, answers)?;
    }
}

/// What SCM offers depends on the organisation: asked again now that it is known.
async fn of_organisation(
    context: &Context,
    engine: &EngineClient,
    answers: &Answers,
    secret: &Secret,
) -> Result<ConfigHealth, CliError> {
    let mut fields = answers.fields();
    // An answer of an earlier run may name a profile that is not there any more.
    fields.remove("profile_id");
    fields.insert("sectigo_cm_password".into(), secret.expose().into());
    let name = answers.get("name").unwrap_or_default();
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
    answers: &Answers,
    fields: &Map<String, Value>,
) -> Result<(), CliError> {
    let ui = &context.ui;
    ui.status("\nThis will be written:\n");
    let shown: Vec<Field<'_>> = fields
        .iter()
        .map(|(name, value)| field(name, super::plain(value)))
        .collect();
    record(ui, &shown, fields)?;
    let name = answers.get("name").unwrap_or_default();
    let pairs: Vec<String> = fields
        .iter()
        .map(|(name, value)| {
            let text = if value.is_object() {
                value.to_string()
            } else {
                super::plain(value)
            };
            format!("{name}={}", quoted(&text))
        })
        .collect();
    let path = engine.path(&format!("configs/{name}"));
    let cli = engine.server().product().await?.command();
    let mut write = vec![format!("{cli} write {path}")];
    write.extend(pairs);
    write.push("sectigo_cm_password=-".to_owned());
    ui.status(&format!(
        "\nThe same without the wizard, the password on standard input:\n\n{}\n\n{}\n",
        folded(&write),
        folded(&answers.command(name)),
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

//! `svpki config wizard`: leads from an SCM account to a config, one question at a time, and checks each answer as soon
//! as possible. Answers are saved (secrets are not), so that nothing is lost by Ctrl-C.

mod answers;
mod ask;
mod back;
mod questions;

use std::path::PathBuf;

use serde_json::{Map, Value};
use unicode_width::UnicodeWidthStr;

use super::config_args::ConfigArgs;
use super::fields::SecretArgs;
use super::{CliError, Context, Exit, Field, Ui, field, record, roles};
use answers::Answers;
use back::{BACK, SECRET, is_back, went_back};
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

/// Asks for a config and writes it. `None` when the user decides not to write it.
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
    let mut login = Login::default();
    if args.secret.is_given() {
        login.secret = Some(args.secret.read(context, "")?);
        answers.stand(SECRET);
    }
    if ui.asks() {
        ui.explain("To go back a question: < and Enter; at a list or at yes or no: Esc.");
    }
    let (name, sent) = loop {
        match ask_all(context, engine, args.yes, &mut answers, &mut login).await {
            Err(error) if is_back(&error) => {
                for name in answers.passed.go_back() {
                    answers.stand(name);
                }
            }
            Err(error) => return Err(error),
            Ok(None) => {
                ui.status("Nothing was written. The answers are kept for the next run.");
                return Ok(None);
            }
            Ok(Some(to_write)) => break to_write,
        }
    };
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

/// Asks all questions. Returns the config's name and the fields to write, or `None` to write nothing.
async fn ask_all(
    context: &Context,
    engine: &EngineClient,
    yes: bool,
    answers: &mut Answers,
    login: &mut Login,
) -> Result<Option<(String, Map<String, Value>)>, CliError> {
    let ui = &context.ui;
    let name = questions::name(ui, answers)?;
    recall_config(ui, engine, &name, answers).await?;
    questions::kind(ui, answers)?;
    questions::account(ui, answers)?;
    let (secret, health) = log_in(context, engine, &name, answers, login).await?;
    questions::organisation(ui, answers, &health)?;
    let health = of_organisation(context, engine, &name, answers, &secret).await?;
    questions::profile(ui, answers, &health)?;
    questions::policy(ui, answers)?;
    questions::labels(ui, answers)?;
    questions::automation(ui, answers)?;
    summary(context, engine, &name, answers, !secret.is_empty()).await?;
    let writes = match yes {
        true => Some(true),
        false => ui.confirm_or_leave("Write this config?", true, "--yes")?,
    };
    match writes {
        Some(true) => {
            let fields = with_secret(answers.fields()?, answers, &secret);
            Ok(Some((name, fields)))
        }
        Some(false) => {
            let mut lines = vec!["none: the answers are kept for the next run".to_owned()];
            lines.extend(answers.passed.lines(|name| answers.get(name)));
            match ui.choose_or_leave("Which answer is wrong?", &lines, 0, "--yes")? {
                Some(0) => Ok(None),
                Some(line) => {
                    answers.passed.aim_at(line - 1);
                    Err(went_back())
                }
                None => Err(went_back()),
            }
        }
        None => Err(went_back()),
    }
}

/// Whether an earlier run has saved answers without writing a config.
pub fn is_unfinished(engine: &EngineClient) -> bool {
    !Answers::recall(engine).is_empty()
}

impl AnswerArgs {
    pub fn are_given(&self) -> bool {
        self.answers.is_some() || self.restart || !self.config.answers().is_empty()
    }
}

/// Without a terminal, the answers must be given by flags or a file.
fn can_go_on(context: &Context, args: &AnswerArgs) -> Result<(), CliError> {
    if context.ui.asks() || args.answers.is_some() || !args.config.answers().is_empty() {
        return Ok(());
    }
    Err(CliError::usage("the wizard asks, and this is not a terminal").hinted(
        "give the answers with --answers FILE or with flags, the secret with --password-stdin, and --yes",
    ))
}

/// Reads the config if it exists. Its values are the defaults of the questions.
async fn recall_config(
    ui: &Ui,
    engine: &EngineClient,
    name: &str,
    answers: &mut Answers,
) -> Result<(), CliError> {
    match engine.config(name).await {
        Ok(config) => {
            answers.store(&config.data);
            if !answers.passed.is_replay() {
                ui.explain(&format!(
                    "Config {name} exists: Enter keeps what it holds, and only what you change is written."
                ));
            }
            Ok(())
        }
        Err(error) if error.kind == VaultErrorKind::NotFound && error.errors.is_empty() => {
            answers.store(&Map::new());
            Ok(())
        }
        Err(error) => Err(error.into()),
    }
}

/// The login's secret, which is kept while the user goes back and forth.
#[derive(Default)]
struct Login {
    secret: Option<Secret>,
    /// The field for the secret; empty until it is known.
    field: &'static str,
}

/// Asks for the login's secret and lets the server try the login until SCM accepts it. An empty secret means the one
/// that the config has.
async fn log_in(
    context: &Context,
    engine: &EngineClient,
    name: &str,
    answers: &mut Answers,
    login: &mut Login,
) -> Result<(Secret, ConfigHealth), CliError> {
    let ui = &context.ui;
    loop {
        let field = answers.secret_field();
        // A secret for one login method is useless for another one.
        if !login.field.is_empty() && login.field != field {
            login.secret = None;
        }
        login.field = field;
        // After a step back, the secret stays unless another one is typed.
        if login.secret.is_none() || answers.take_told(SECRET).is_none() {
            let typed = ask_secret(ui, answers, login.secret.as_ref())?;
            if login.secret.is_none() || !typed.is_empty() {
                login.secret = Some(typed);
            }
        }
        if field != "auth_private_key" {
            answers.passed.pass(SECRET, secret_words(field));
        }
        let now = login.secret.clone().unwrap_or_default();
        if now.is_empty() && answers.needs_secret() && answers.secret_field() != "auth_private_key"
        {
            let why = "a value is required: the login is new, or was changed";
            if !ui.asks() {
                return Err(CliError::usage(why).hinted("--password-stdin or --password-file"));
            }
            ui.warning(why);
            login.secret = None;
            continue;
        }
        let mut fields = with_secret(answers.fields()?, answers, &now);
        // SCM lists the organisations whichever number is in the request, but the plugin requires a number.
        if !answers.is_change() {
            fields.entry("sectigo_cm_org_id").or_insert(Value::from(1));
        }
        let spinner = ui.spinner("the server tries this login at SCM");
        let tried = engine.try_config(name, &fields).await;
        spinner.finish_and_clear();
        let (why, is_address) = match tried {
            Ok(answer) if answer.value.login_accepted => {
                if !answers.passed.is_replay() {
                    ui.status(&format!(
                        "SCM at {} accepts the login",
                        answer.value.base_url
                    ));
                }
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
        if is_address {
            // SCM was not reached, so the secret may be correct.
            answers.stand(SECRET);
        } else {
            login.secret = None;
        }
        questions::account_again(ui, answers, is_address)?;
    }
}

fn secret_words(field: &str) -> &'static str {
    match field {
        "oauth2_client_secret" => "Client secret",
        _ => "Password of that login",
    }
}

fn ask_secret(ui: &Ui, answers: &mut Answers, before: Option<&Secret>) -> Result<Secret, CliError> {
    let field = answers.secret_field();
    if field == "auth_private_key" {
        return Ok(Secret::default());
    }
    let what = secret_words(field);
    let keep = match before {
        Some(before) if !before.is_empty() => "; empty: the one typed before",
        _ if answers.needs_secret() => "",
        _ => "; empty: the stored one",
    };
    let typed = ui.ask_secret(
        &format!("{what} (not shown, kept sealed in Vault{keep})"),
        "--password-stdin or --password-file",
    )?;
    if typed.expose() == BACK {
        return Err(went_back());
    }
    answers.passed.is_asked(SECRET);
    Ok(typed)
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

/// Asks SCM again for what it offers, now that the organisation is known.
async fn of_organisation(
    context: &Context,
    engine: &EngineClient,
    name: &str,
    answers: &Answers,
    secret: &Secret,
) -> Result<ConfigHealth, CliError> {
    let mut fields = with_secret(answers.fields()?, answers, secret);
    // The answer of an earlier run may name a profile that no longer exists.
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

/// A command in lines of at most 80 columns, with line continuations for a shell.
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

/// Quotes a text for a shell, if that is necessary.
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

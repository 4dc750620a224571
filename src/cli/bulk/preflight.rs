//! Finds the configs of a file, and checks what must be true before a run begins.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::args::{Command, ConfigArg, SheetArg};
use super::columns::{ColumnOptions, Field};
use super::deploy_list::is_deploy_list;
use super::error::BulkError;
use super::file_names::RunName;
use super::input::Source;
use super::journal::{History, Journal, Run};
use super::login::AskForToken;
use super::send::TokenPrompt;
use super::target::{TargetConfig, Targets};
use crate::cli::{CliError, Context, check_free};
use vault_client::EngineClient;

/// The config that `--config` names, or the only config there is.
pub async fn target(context: &Context, arg: &ConfigArg) -> Result<TargetConfig, CliError> {
    let (engine, config) = match &arg.config {
        Some(config) => (
            context.engine_of(config.as_str()).await?,
            config.to_string(),
        ),
        None => only_config(context).await?,
    };
    Ok(TargetConfig::load(engine, &config).await?)
}

/// The configs of a file: those that its rows name, and the one of `--config` for rows that name none.
pub async fn targets(
    context: &Context,
    arg: &ConfigArg,
    source: &Source,
) -> Result<Targets, CliError> {
    let (columns, _) = source.head().await?;
    let named_by_rows =
        columns.column(&Field::Config).is_some() || columns.column(&Field::Mount).is_some();
    if !named_by_rows {
        return Ok(Targets::one(target(context, arg).await?));
    }
    let default = match target(context, arg).await {
        Ok(default) => Some(default),
        Err(error) if arg.config.is_some() => return Err(error),
        // Without a default config, every row must name its own.
        Err(_) => None,
    };
    let targets = Targets::of_rows(context, default, source).await?;
    if targets.all.is_empty() {
        return Err(CliError::not_found("no row names a config that exists")
            .hinted("svpki config list shows them; --config names one for rows that name none"));
    }
    Ok(targets)
}

/// What the names of the run's files contain besides the name of the input.
pub fn run_name(targets: &Targets, source: &Source) -> RunName {
    RunName {
        config: targets.single().map(|one| one.config.clone()),
        sheet: source.options.sheet.clone(),
    }
}

/// Checks before anything is ordered that the files other than the result may be written.
pub fn outputs(command: &Command) -> Result<(), CliError> {
    if let Command::Plan(args) = command
        && let Some(out) = &args.out
    {
        refuse_same(out, command.input(), "--out", "the sheet that is planned")?;
        check_free(out, args.force)?;
    }
    let Some((list, result)) = command.deploy_list() else {
        return Ok(());
    };
    refuse_same(
        list,
        command.input(),
        "--deploy-list",
        "the sheet that is worked on",
    )?;
    refuse_same(list, result, "--deploy-list", "the file of --result")?;
    // A list of an earlier run may be replaced, so that the same command can be given again.
    check_free(list, is_deploy_list(list)).map_err(|error| match &error.hint {
        Some(_) => error.hinted("name another file with --deploy-list, or move that one away"),
        None => error,
    })
}

fn refuse_same(out: &Path, other: Option<&Path>, flag: &str, what: &str) -> Result<(), CliError> {
    match other.filter(|other| is_same_file(out, other)) {
        Some(_) => Err(CliError::usage(format!(
            "{flag} {}: that is {what}, which would be lost",
            out.display()
        ))
        .hinted(format!("name another file with {flag}"))),
        None => Ok(()),
    }
}

/// Compares the files, not the paths: two names may be links to one file.
fn is_same_file(one: &Path, other: &Path) -> bool {
    let file = |path: &Path| {
        let found = fs::metadata(path).ok()?;
        Some((found.dev(), found.ino()))
    };
    one == other || file(one).is_some_and(|found| file(other) == Some(found))
}

/// Copies the file as it is now.
pub fn source(path: &Path, sheet: &SheetArg, strict: bool) -> Result<Source, CliError> {
    let columns = ColumnOptions {
        map: sheet.map.clone(),
        strict,
    };
    Ok(Source::open(path, sheet.options()?, columns)?)
}

/// The config that `--config` names, or all configs.
pub async fn all_targets(
    context: &Context,
    arg: &ConfigArg,
) -> Result<Vec<TargetConfig>, CliError> {
    if arg.config.is_some() {
        return Ok(vec![target(context, arg).await?]);
    }
    let mut all = Vec::new();
    for engine in context.engines().await? {
        for config in engine.configs().await? {
            all.push(TargetConfig::load(engine.clone(), &config).await?);
        }
    }
    if all.is_empty() {
        return Err(no_config());
    }
    Ok(all)
}

fn no_config() -> CliError {
    CliError::not_found("there is no config yet").hinted("make one with `svpki config wizard`")
}

async fn only_config(context: &Context) -> Result<(EngineClient, String), CliError> {
    let mut all = Vec::new();
    for engine in context.engines().await? {
        for config in engine.configs().await? {
            all.push((engine.clone(), config));
        }
    }
    match all.len() {
        1 => Ok(all.remove(0)),
        0 => Err(no_config()),
        _ => {
            let names: Vec<String> = all
                .iter()
                .map(|(engine, config)| format!("{config} in {}/", engine.mount()))
                .collect();
            Err(CliError::usage(format!(
                "which config is the file for: {}?",
                names.join(", ")
            ))
            .hinted(
                "name it with --config, and its mount with --mount where two have one of that name",
            ))
        }
    }
}

/// Opens the journal of a file for this process alone, and reads what earlier runs wrote into it.
pub async fn journal(
    path: PathBuf,
    target: &TargetConfig,
    action: &str,
) -> Result<(Journal, History), BulkError> {
    let shown = path.clone();
    let run = Run {
        version: 1,
        at: jiff::Timestamp::now().to_string(),
        location: target.location.clone(),
        config: target.config.clone(),
        action: action.to_owned(),
    };
    tokio::task::spawn_blocking(move || Journal::open(&path, &run))
        .await
        .map_err(|panic| BulkError::file(shown)(std::io::Error::other(panic)))?
}

/// Shows warnings about what the journal contains.
pub fn journal_notices(context: &Context, history: &History) {
    if history.damaged > 0 {
        context.ui.warning(&format!(
            "{} of the journal cannot be read and are passed over: their rows are sent again under the same keys",
            super::report::several(history.damaged as u64, "line")
        ));
    }
    if history.elsewhere > 0 {
        context
            .ui
            .warning("journal entries of another cluster, namespace or mount are ignored");
    }
}

pub fn login(context: &Context) -> Arc<dyn TokenPrompt> {
    Arc::new(AskForToken {
        flags: context.global.connection_flags(),
        asks: context.ui.asks(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::bulk::deploy_list::HEADER;

    #[test]
    fn a_list_is_told_by_its_header_and_a_file_under_any_name() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let header = HEADER.join(",");
        for (name, text, is_ours) in [
            ("ours.csv", format!("{header}\nwww,1_acme\n"), true),
            ("windows.csv", format!("{header}\r\n"), true),
            ("longer.csv", format!("{header},mine\n"), false),
            ("hosts.csv", "CN\nwww.example.com\n".to_owned(), false),
        ] {
            fs::write(path(name), text).unwrap();
            assert_eq!(is_deploy_list(&path(name)), is_ours, "{name}");
        }
        assert!(!is_deploy_list(&path("absent.csv")));
        std::os::unix::fs::symlink(path("hosts.csv"), path("link.csv")).unwrap();
        assert!(is_same_file(&path("link.csv"), &path("hosts.csv")));
        assert!(!is_same_file(&path("ours.csv"), &path("hosts.csv")));
        assert!(!is_same_file(&path("absent.csv"), &path("none.csv")));
    }
}

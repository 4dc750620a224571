//! Completion values for the shell: names of configs and roles, ids of certificates and orders, domains, stored
//! profiles, and mounts. They are read from the server that the typed command line names. An error gives no values and
//! no message, because somebody who presses Tab wants neither to see an error in the line nor to wait.

use std::any::TypeId;
use std::ffi::{OsStr, OsString};
use std::sync::{Arc, mpsc};
use std::time::Duration;

use clap::FromArgMatches;
use clap_complete::engine::{ArgValueCompleter, CompletionCandidate};
use futures_util::future::join_all;

use super::find::CertRef;
use super::{Global, day};
use svpki_types::{CertId, ConfigName, OrderId, RoleName};
use vault_client::{EngineClient, InventoryQuery, Server, Settings, VaultError};

/// After this time the shell gets only the values that need no server.
const PATIENCE: Duration = Duration::from_secs(1);

/// The most values that are offered. The user can type more letters to see others.
const MOST: usize = 200;

/// What kind of thing an argument names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Certificate,
    Config,
    Domain,
    Mount,
    Order,
    Profile,
    Role,
}

/// A value and its description.
type Candidate = (String, String);

/// The command tree, with a completer at every argument that names something on the server.
pub fn with_completion_values(command: clap::Command, words: &[OsString]) -> clap::Command {
    let typed = Typed {
        tree: Arc::new(command.clone()),
        words: Arc::from(words),
    };
    attach(command, &typed)
}

/// The command line so far, and the tree that parses it.
#[derive(Clone)]
struct Typed {
    tree: Arc<clap::Command>,
    words: Arc<[OsString]>,
}

fn attach(command: clap::Command, line: &Typed) -> clap::Command {
    command
        .mut_args(|arg| match kind_of(&arg) {
            Some(kind) => {
                let line = line.clone();
                arg.add(ArgValueCompleter::new(move |typed: &OsStr| {
                    complete(kind, &line, typed)
                }))
            }
            None => arg,
        })
        .mut_subcommands(|sub| attach(sub, line))
}

/// The kind that the type of an argument stands for. Profiles and mounts have no type of their own.
fn kind_of(arg: &clap::Arg) -> Option<Kind> {
    let kind = arg.get_value_parser().type_id();
    if kind == TypeId::of::<ConfigName>() {
        Some(Kind::Config)
    } else if kind == TypeId::of::<CertId>() || kind == TypeId::of::<CertRef>() {
        Some(Kind::Certificate)
    } else if kind == TypeId::of::<OrderId>() {
        Some(Kind::Order)
    } else if kind == TypeId::of::<RoleName>() {
        Some(Kind::Role)
    } else {
        match arg.get_id().as_str() {
            "profile_id" => Some(Kind::Profile),
            "domain" | "domains" => Some(Kind::Domain),
            "mount" => Some(Kind::Mount),
            _ => None,
        }
    }
}

fn complete(kind: Kind, line: &Typed, typed: &OsStr) -> Vec<CompletionCandidate> {
    let Some(typed) = typed.to_str() else {
        return Vec::new();
    };
    let line = Line::read((*line.tree).clone(), &line.words);
    let begun = typed.to_owned();
    let (answer, answered) = mpsc::channel();
    // A separate thread, because a token helper that hangs would block it. The process can end without that thread.
    std::thread::spawn(move || {
        // The receiver is gone after the timeout.
        let _ = answer.send(line.find(kind, &begun).unwrap_or_default());
    });
    answered
        .recv_timeout(PATIENCE)
        .unwrap_or_default()
        .into_iter()
        .filter(|(value, _)| value.starts_with(typed))
        .take(MOST)
        .map(|(value, help)| {
            CompletionCandidate::new(value).help((!help.is_empty()).then(|| help.into()))
        })
        .collect()
}

/// What is known from the command line so far.
#[derive(Default)]
struct Line {
    global: Global,
    config: String,
}

impl Line {
    fn read(tree: clap::Command, words: &[OsString]) -> Self {
        let parsed = tree.ignore_errors(true).try_get_matches_from(words);
        let Ok(matches) = parsed else {
            return Self::default();
        };
        let mut line = Self {
            global: Global::from_arg_matches(&matches).unwrap_or_default(),
            config: String::new(),
        };
        let mut innermost = &matches;
        while let Some((_, sub)) = innermost.subcommand() {
            innermost = sub;
        }
        // `config write` calls the argument `name`.
        for id in ["config", "name"] {
            if let Ok(Some(name)) = innermost.try_get_one::<ConfigName>(id) {
                line.config = name.to_string();
            }
        }
        line
    }

    fn find(&self, kind: Kind, typed: &str) -> Option<Vec<Candidate>> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .ok()?;
        runtime.block_on(async {
            let mut flags = self.global.connection_flags();
            flags.timeout = Some(PATIENCE);
            let server = Server::new(Settings::from_env(&flags).ok()?).ok()?;
            if kind == Kind::Mount {
                let mounts = server.mounts().await.ok()?;
                let named = |mount: EngineClient| (mount.mount().to_owned(), String::new());
                return Some(mounts.into_iter().map(named).collect());
            }
            let engines = match self.global.mounts().as_slice() {
                [] => server.mounts().await.ok()?,
                named => named.iter().map(|mount| server.engine(mount)).collect(),
            };
            let asked = engines.iter().map(|engine| self.of(engine, kind, typed));
            // When one mount refuses, the values of the others are still offered.
            let answers = join_all(asked).await.into_iter().filter_map(Result::ok);
            Some(answers.flatten().collect())
        })
    }

    async fn of(
        &self,
        engine: &EngineClient,
        kind: Kind,
        typed: &str,
    ) -> Result<Vec<Candidate>, VaultError> {
        let config = self.config.as_str();
        Ok(match kind {
            Kind::Mount => Vec::new(),
            Kind::Config | Kind::Role => {
                let names = match kind {
                    Kind::Role => engine.roles().await?,
                    _ => engine.configs().await?,
                };
                let mounted = |name| (name, format!("in {}/", engine.mount()));
                names.into_iter().map(mounted).collect()
            }
            Kind::Certificate => {
                let query = InventoryQuery {
                    config: config.to_owned(),
                    q: typed.to_owned(),
                    limit: MOST,
                    ..InventoryQuery::default()
                };
                let rows = engine.inventory(&query).await?.value.certificates;
                rows.into_iter()
                    .map(|row| {
                        let status = row.status.map_or("", |status| status.as_str());
                        let ends = day(&row.not_after);
                        (row.id, format!("{}, {status}, {ends}", row.common_name))
                    })
                    .collect()
            }
            // A domain belongs to a config, so without a config there is nothing to ask for.
            Kind::Domain if config.is_empty() => Vec::new(),
            Kind::Domain => without_stars(described(engine.domains(config).await?, "status")),
            Kind::Order => described(engine.orders(config).await?, "common_name"),
            Kind::Profile => described(engine.profiles(config).await?, "name"),
        })
    }
}

fn described(listing: vault_client::Listing, member: &str) -> Vec<Candidate> {
    let info = listing.key_info;
    let help = |id: &str| {
        let text = info.get(id)?.get(member)?.as_str()?;
        Some(super::clean(text))
    };
    let keys = listing.keys.into_iter();
    keys.map(|id| {
        let help = help(&id).unwrap_or_default();
        (id, help)
    })
    .collect()
}

/// The names that are validated: `x` and `*.x` are validated together as `x`.
fn without_stars(domains: Vec<Candidate>) -> Vec<Candidate> {
    let mut names: Vec<Candidate> = domains
        .into_iter()
        .map(|(name, status)| (name.trim_start_matches("*.").to_owned(), status))
        .collect();
    names.sort();
    names.dedup_by(|one, other| one.0 == other.0);
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(text: &str) -> Line {
        let words: Vec<OsString> = text.split(' ').map(OsString::from).collect();
        Line::read(super::super::command(), &words)
    }

    #[test]
    fn a_line_is_understood_before_it_is_whole() {
        let cut = line("svpki --address http://a:1 certs read web ");
        assert_eq!(cut.config, "web");
        assert_eq!(cut.global.address.as_deref(), Some("http://a:1"));
        assert_eq!(line("svpki --mount p renew web 1").config, "web");
        assert_eq!(line("svpki config write web --profile-id ").config, "web");
        assert_eq!(line("svpki certs read ").config, "");
        assert_eq!(line("svpki domains read web ").config, "web");
        assert_eq!(line("svpki domains start web a.example ").config, "web");
        assert_eq!(line("svpki nonsense web").config, "");
    }

    #[test]
    fn the_names_of_domains_are_completed() {
        let tree = super::super::command();
        let domains = tree.find_subcommand("domains").unwrap();
        for (verb, id) in [
            ("read", "domain"),
            ("start", "domains"),
            ("check", "domain"),
            ("wait", "domain"),
        ] {
            let verb = domains.find_subcommand(verb).unwrap();
            let arg = verb.get_arguments().find(|arg| arg.get_id() == id).unwrap();
            assert_eq!(kind_of(arg), Some(Kind::Domain), "{id}");
        }
        let named = |name: &str| (name.to_owned(), String::new());
        assert_eq!(
            without_stars(vec![
                named("*.b.example"),
                named("a.example"),
                named("b.example")
            ]),
            [named("a.example"), named("b.example")]
        );
    }

    #[test]
    fn every_argument_with_a_type_of_ours_has_a_completer() {
        fn count(command: &clap::Command) -> usize {
            let own = command
                .get_arguments()
                .filter(|arg| arg.get::<ArgValueCompleter>().is_some())
                .count();
            own + command.get_subcommands().map(count).sum::<usize>()
        }
        fn wanted(command: &clap::Command) -> usize {
            let own = command
                .get_arguments()
                .filter(|arg| kind_of(arg).is_some())
                .count();
            own + command.get_subcommands().map(wanted).sum::<usize>()
        }
        let plain = super::super::command();
        let wanted = wanted(&plain);
        assert!(wanted > 20, "{wanted}");
        assert_eq!(count(&with_completion_values(plain, &[])), wanted);
    }
}

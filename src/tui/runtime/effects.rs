//! Carries out effects, each in a task of its own that answers with a message.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::{Semaphore, mpsc};
use tokio::task::JoinSet;

use super::TuiError;
use crate::forecast::forecast;
use crate::tui::model::Model;
use crate::tui::settings_file;
use crate::tui::source::Source;
use crate::tui::update::{Effect, Msg};

/// The number of read requests at the same time. Requests that change something do not wait for them.
const AT_ONCE: usize = 6;

pub struct Effects {
    source: Arc<dyn Source>,
    answers: mpsc::UnboundedReceiver<Msg>,
    answer: mpsc::UnboundedSender<Msg>,
    tasks: JoinSet<()>,
    turns: Arc<Semaphore>,
    /// The generation of the store. Requests for pages of older generations that still wait are dropped.
    generation: Arc<AtomicU64>,
}

impl Effects {
    pub fn new(source: Arc<dyn Source>) -> Self {
        let (answer, answers) = mpsc::unbounded_channel();
        Self {
            source,
            answers,
            answer,
            tasks: JoinSet::new(),
            turns: Arc::new(Semaphore::new(AT_ONCE)),
            generation: Arc::default(),
        }
    }

    pub fn on_model_changed(&self, model: &Model) {
        self.generation
            .store(model.store.generation(), Ordering::Relaxed);
    }

    /// The next answer. An error if a task panicked, because its answer would be missing forever.
    pub async fn next(&mut self) -> Result<Msg, TuiError> {
        loop {
            tokio::select! {
                Some(msg) = self.answers.recv() => return Ok(msg),
                Some(ended) = self.tasks.join_next() => {
                    ended.map_err(|broken| TuiError::Broken(broken.to_string()))?;
                }
            }
        }
    }

    pub fn ready(&mut self) -> Option<Msg> {
        self.answers.try_recv().ok()
    }

    pub fn start(&mut self, effect: Effect) {
        let (source, answer) = (Arc::clone(&self.source), self.answer.clone());
        let (turns, generation) = (Arc::clone(&self.turns), Arc::clone(&self.generation));
        self.tasks.spawn(async move {
            let at_once = matches!(
                effect,
                Effect::Act { .. }
                    // It detects that the server hangs, so it must not wait behind requests that hang.
                    | Effect::Server
                    | Effect::UseToken(_)
                    | Effect::Export { .. }
                    | Effect::Discard(_)
            );
            let turn = if at_once {
                None
            } else {
                turns.acquire_owned().await.ok()
            };
            if let Effect::Page(request) = &effect
                && request.generation < generation.load(Ordering::Relaxed)
            {
                return;
            }
            if let Some(msg) = perform(&*source, effect).await {
                // The receiver is gone when the dashboard has ended.
                let _ = answer.send(msg);
            }
            drop(turn);
        });
    }
}

async fn perform(source: &dyn Source, effect: Effect) -> Option<Msg> {
    Some(match effect {
        Effect::Mounts => Msg::Mounts(source.mounts().await),
        Effect::Page(request) => {
            let answer = source.inventory(&request.mount, &request.query).await;
            let answer = answer.map(Into::into);
            Msg::Page {
                mount: request.mount,
                generation: request.generation,
                answer,
            }
        }
        Effect::Orders(mount) => Msg::Orders {
            answer: source.orders(&mount).await,
            mount,
        },
        Effect::Order { mount, config, id } => {
            let answer = Box::new(source.order(&mount, &config, &id).await);
            Msg::Order { id, answer }
        }
        Effect::Health(mount) => Msg::Health {
            answer: source.health(&mount).await,
            mount,
        },
        Effect::Attention(mount) => {
            let now = super::now_ms().div_euclid(1000);
            let answer = source.attention(&mount, now).await.map(Into::into);
            Msg::Attention { mount, answer }
        }
        Effect::Domains(mount) => Msg::Domains {
            answer: source.domains(&mount).await,
            mount,
        },
        Effect::Issued(mount, after) => {
            let answer = source.issued(&mount, after).await.map(Into::into);
            Msg::Issued { mount, answer }
        }
        Effect::Forecast {
            lives,
            validations,
            now,
            horizon,
        } => {
            let counted =
                tokio::task::spawn_blocking(move || forecast(&lives, &validations, now, horizon));
            Msg::Forecast(counted.await.unwrap_or_default())
        }
        Effect::CheckAccount { mount, config } => Msg::AccountChecked {
            answer: source.check_account(&mount, &config).await,
            mount,
            config,
        },
        Effect::Certificate(key) => {
            let answer = Box::new(source.certificate(&key).await);
            Msg::Certificate { key, answer }
        }
        Effect::Server => Msg::Server(source.server().await),
        Effect::Token => Msg::Token(source.token().await),
        Effect::RenewToken => Msg::Token(source.renew_token().await),
        Effect::UseToken(token) => Msg::TokenTaken(source.use_token(token).await),
        Effect::Allowed { config, paths } => {
            let asked = paths.iter().map(|(_, path)| path.clone()).collect();
            let answer = source.capabilities(asked).await.map(|found| {
                paths
                    .into_iter()
                    .map(|(verb, path)| {
                        let words = found.get(&path).map(Vec::as_slice).unwrap_or_default();
                        let may = words
                            .iter()
                            .any(|word| word == "root" || word == verb.capability());
                        (verb, may)
                    })
                    .collect()
            });
            Msg::Allowed { config, answer }
        }
        Effect::Act { job, item, request } => Msg::Acted {
            job,
            item,
            answer: source.act(&request).await,
        },
        Effect::Export { path, content } => Msg::Exported(export(path, content).await),
        Effect::SaveStart(start) => {
            let written = tokio::task::spawn_blocking(move || settings_file::save(&start)).await;
            Msg::StartSaved(written.unwrap_or_else(|broken| Err(broken.to_string())))
        }
        Effect::Copy(_) | Effect::Mouse(_) | Effect::Discard(_) | Effect::Suspend => return None,
    })
}

/// Writes a new file and returns its absolute path. An existing file is an error.
async fn export(path: String, content: String) -> Result<String, String> {
    let home = std::env::var_os("HOME").map(PathBuf::from);
    let target = match (path.strip_prefix("~/"), home) {
        (Some(rest), Some(home)) => home.join(rest),
        _ => PathBuf::from(&path),
    };
    let shown = target.clone();
    let written = tokio::task::spawn_blocking(move || {
        use std::io::Write;
        std::fs::File::create_new(&target)?.write_all(content.as_bytes())
    })
    .await;
    match written {
        // Absolute, because the path may be read later in another folder.
        Ok(Ok(())) => Ok(std::path::absolute(&shown)
            .unwrap_or(shown)
            .display()
            .to_string()),
        Ok(Err(error)) => Err(format!("{path}: {error}")),
        Err(broken) => Err(format!("{path}: {broken}")),
    }
}

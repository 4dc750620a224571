//! What is done outside, each in a task of its own that answers with a message.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::{Semaphore, mpsc};
use tokio::task::JoinSet;

use super::TuiError;
use crate::tui::model::Model;
use crate::tui::source::Source;
use crate::tui::update::{Effect, Msg};

/// Questions to the server at a time; what changes something is not held up by them.
const AT_ONCE: usize = 6;

pub struct Effects {
    source: Arc<dyn Source>,
    answers: mpsc::UnboundedReceiver<Msg>,
    answer: mpsc::UnboundedSender<Msg>,
    tasks: JoinSet<()>,
    turns: Arc<Semaphore>,
    /// Pages of older generations that still wait for their turn are not asked for any more.
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

    /// The next answer; an error when a task broke, because then an answer is missing for ever.
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
                    // It tells that the server hangs: it must not wait behind what hangs.
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
                // Nobody listens any more when the dashboard has ended.
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
        Effect::Copy(_) | Effect::Mouse(_) | Effect::Discard(_) | Effect::Suspend => return None,
    })
}

/// Writes a file that is not there yet.
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
        // Whoever reads it later is in another folder.
        Ok(Ok(())) => Ok(std::path::absolute(&shown)
            .unwrap_or(shown)
            .display()
            .to_string()),
        Ok(Err(error)) => Err(format!("{path}: {error}")),
        Err(broken) => Err(format!("{path}: {broken}")),
    }
}

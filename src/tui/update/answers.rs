//! Handles answers from the server.

use std::sync::Arc;

use super::{Effect, Msg, confirm, filter_line, prompt, refresh};
use crate::tui::chain;
use crate::tui::model::{AccountCheck, Connection, Dialog, Model, today};
use crate::tui::source::{CertKey, SourceError, TokenInfo, Verb};
use crate::tui::text_input::TextInput;
use crate::tui::theme::Tone;
use svpki_types::api::{CertificateResponse, ConfigHealth};

pub(super) fn answer(model: &mut Model, msg: Msg) -> Vec<Effect> {
    let now = model.now();
    match msg {
        Msg::Mounts(answer) => return mounts(model, answer),
        Msg::Page {
            mount,
            generation,
            answer,
        } => {
            update_connection(model, answer.as_ref().err());
            let unreadable = model.unreadable().count();
            if let Ok(batch) = &answer {
                model.tell_whose(&batch.rows);
            }
            model.store.answer(&mount, generation, answer, now);
            if model.connection.is_up() && !model.store.refreshing() {
                model.refreshed = Some(now);
                if let Some(detail) = &mut model.detail {
                    detail.refresh(model.store.find(&detail.key));
                }
            }
            if model.unreadable().count() != unreadable {
                today::rebuild(model);
            }
        }
        Msg::Orders { mount, answer } => {
            update_connection(model, answer.as_ref().err());
            model.orders.answer(&mount, answer);
            today::rebuild(model);
        }
        Msg::Domains { mount, answer } => {
            update_connection(model, answer.as_ref().err());
            // If the domains cannot be read, the known ones stay: that alone puts no certificate in trouble.
            if let Ok(domains) = answer {
                model.today.domains_answer(mount, domains);
                today::rebuild(model);
            }
        }
        Msg::Issued { mount, answer } => {
            update_connection(model, answer.as_ref().err());
            if let Ok(batch) = answer {
                model.today.issued_answer(mount, batch);
                today::rebuild(model);
            }
        }
        Msg::Forecast(weeks) => model.forecast.answer(weeks),
        Msg::Background(palette) => model.settings.theme.palette = palette,
        Msg::Health { mount, answer } => {
            update_connection(model, answer.as_ref().err());
            model.health.insert(mount.to_string(), answer);
            today::rebuild(model);
        }
        Msg::Attention { mount, answer } => {
            update_connection(model, answer.as_ref().err());
            model.today.answer(mount, answer);
            today::rebuild(model);
        }
        Msg::AccountChecked {
            mount,
            config,
            answer,
        } => account_checked(model, &mount, config, answer),
        Msg::Order { id, answer } => {
            if let Some(detail) = &mut model.detail
                && matches!(&detail.answer, Some(Ok(known)) if known.order_id == id)
            {
                detail.order = Some(*answer);
            }
        }
        Msg::Certificate { key, answer } => return certificate(model, &key, *answer),
        Msg::Server(Ok(info)) if !info.sealed && is_away(model) => {
            // The server answers again. The answers to these requests end the banner.
            model.server = Some(info);
            return vec![Effect::Mounts, Effect::Token];
        }
        Msg::Server(answer) => match answer {
            Ok(info) if info.sealed => {
                model.server = Some(info);
                update_connection(model, Some(&SourceError::Sealed));
            }
            Ok(info) => model.server = Some(info),
            Err(error) => update_connection(model, Some(&error)),
        },
        Msg::Token(answer) => token(model, answer),
        Msg::TokenTaken(answer) => return token_taken(model, answer),
        Msg::Allowed {
            config: (mount, config),
            answer,
        } => {
            for (verb, allowed) in answer.unwrap_or_default() {
                let key = (verb, Arc::clone(&mount), Arc::clone(&config));
                model.allowed.insert(key, Some(allowed));
            }
        }
        Msg::Acted { job, item, answer } => return acted(model, job, item, answer),
        Msg::Exported(Ok(path)) => model.say(Tone::Good, format!("saved {path}")),
        Msg::Exported(Err(why)) => model.say(Tone::Bad, format!("not saved: {why}")),
        Msg::StartSaved(answer) => prompt::saved(model, answer),
        Msg::Key(..) | Msg::Paste(_) | Msg::Mouse(_) | Msg::Resize(..) | Msg::Tick(_) => {}
    }
    Vec::new()
}

fn is_away(model: &Model) -> bool {
    let Connection::Lost { error, .. } = &model.connection else {
        return false;
    };
    matches!(error, SourceError::Unreachable(_) | SourceError::Sealed)
}

/// For how many seconds after a login an answer may still belong to a request with the old token. The source sends such a
/// request again; an answer that it gave just before the login can still be on its way here.
const OLD_TOKEN: i64 = 5;

/// Records whether the server is away or back. An error that concerns only one path shows that the server answers.
fn update_connection(model: &mut Model, error: Option<&SourceError>) {
    let now = model.now();
    match error {
        Some(SourceError::TokenExpired)
            if model.token_taken.is_some_and(|at| now - at < OLD_TOKEN) => {}
        Some(error) if error.is_server_wide() => {
            model.connection.lose(error.clone(), now);
            model.store.forget_in_flight();
            let asking = matches!(model.dialog, Some(Dialog::Token { .. }));
            if *error == SourceError::TokenExpired && !asking {
                filter_line::leave(model);
                model.dialog = Some(Dialog::Token {
                    field: TextInput::default(),
                    error: None,
                    busy: false,
                });
                model.hand.opened(model.now_ms);
            }
        }
        _ => {
            if matches!(model.connection, Connection::Lost { .. }) {
                model.say(Tone::Good, "the server answers again");
            }
            model.connection = Connection::Up;
        }
    }
}

/// Replaces what was known of an account by the result of its check.
fn account_checked(
    model: &mut Model,
    mount: &str,
    config: String,
    answer: Result<ConfigHealth, SourceError>,
) {
    update_connection(model, answer.as_ref().err());
    let subject = (mount.to_owned(), config);
    match answer {
        Ok(look) => {
            if let Some(Ok(health)) = model.health.get_mut(mount) {
                health.configs.insert(subject.1.clone(), look);
                health.healthy = health.configs.values().all(|look| look.error.is_empty())
                    && health.jobs.values().all(|job| job.last_error.is_empty());
            }
            model.account_checks.remove(&subject);
            today::rebuild(model);
        }
        Err(error) => {
            model
                .account_checks
                .insert(subject, AccountCheck::Failed(error));
        }
    }
}

/// Seconds between two requests for the domains and for the certificates issued lately.
const SLOW: i64 = 60;

fn mounts(model: &mut Model, answer: Result<Vec<String>, SourceError>) -> Vec<Effect> {
    update_connection(model, answer.as_ref().err());
    let names = match answer {
        Ok(names) => names,
        Err(error) => {
            if !error.is_server_wide() {
                model.say(
                    Tone::Bad,
                    format!("cannot list the mounts: {error}; name one with --mount"),
                );
            }
            return Vec::new();
        }
    };
    let now = model.now();
    model.asked = now;
    model.today.keep_mounts(&names);
    model.store.set_mounts(names, now);
    model.store.refresh();
    model
        .health
        .retain(|mount, _| model.store.mounts.iter().any(|m| *m.name == **mount));
    model
        .account_checks
        .retain(|(mount, _), _| model.store.mounts.iter().any(|m| *m.name == **mount));
    // Domains and issued certificates seldom change, and listing them is much work for a server.
    let slow = now - model.today.asked >= SLOW;
    if slow {
        model.today.asked = now;
    }
    let since = today::yesterday(now);
    let mounts: Vec<Arc<str>> = model
        .store
        .mounts
        .iter()
        .map(|m| Arc::clone(&m.name))
        .collect();
    mounts
        .into_iter()
        .flat_map(|mount| {
            let mut wanted = vec![
                Effect::Attention(Arc::clone(&mount)),
                Effect::Orders(Arc::clone(&mount)),
                Effect::Health(Arc::clone(&mount)),
            ];
            if slow {
                wanted.push(Effect::Domains(Arc::clone(&mount)));
                wanted.push(Effect::Issued(mount, since));
            }
            wanted
        })
        .chain(
            model
                .detail
                .as_ref()
                .map(|detail| Effect::Certificate(detail.key.clone())),
        )
        .collect()
}

fn certificate(
    model: &mut Model,
    key: &CertKey,
    answer: Result<CertificateResponse, SourceError>,
) -> Vec<Effect> {
    let now = model.now();
    let Some(detail) = &mut model.detail else {
        return Vec::new();
    };
    let mut effects = Vec::new();
    if *key == detail.key {
        detail.read = now;
        if let Ok(certificate) = &answer {
            detail.chain = chain::links(&certificate.ca_chain);
            if !certificate.order_id.is_empty() {
                effects.push(Effect::Order {
                    mount: Arc::clone(&key.mount),
                    config: Arc::clone(&key.config),
                    id: certificate.order_id.clone(),
                });
            }
        }
        detail.answer = Some(answer);
        let row = model.store.find(&detail.key);
        detail.refresh(row);
    } else if key.mount == detail.key.mount && key.config == detail.key.config {
        detail.relatives.insert(Arc::clone(&key.id), answer);
    }
    effects.extend(
        detail
            .unknown_relatives()
            .into_iter()
            .map(Effect::Certificate),
    );
    effects
}

fn token(model: &mut Model, answer: Result<TokenInfo, SourceError>) {
    match answer {
        Ok(info) => {
            model.token = Some(info);
            model.token_seen = model.now();
        }
        Err(SourceError::TokenExpired) => {
            update_connection(model, Some(&SourceError::TokenExpired))
        }
        // A policy may forbid a token to look itself up. Nothing else depends on this answer.
        Err(_) => {}
    }
}

fn token_taken(model: &mut Model, answer: Result<TokenInfo, SourceError>) -> Vec<Effect> {
    match answer {
        Ok(info) => {
            model.dialog = None;
            model.token = Some(info);
            model.token_seen = model.now();
            model.token_taken = Some(model.now());
            model.allowed.clear();
            model.connection = Connection::Up;
            model.say(Tone::Good, "token accepted");
            refresh(model)
        }
        Err(error) => {
            // Keep what was typed in the meantime.
            let field = match model.dialog.take() {
                Some(Dialog::Token { field, .. }) => field,
                _ => TextInput::default(),
            };
            model.dialog = Some(Dialog::Token {
                field,
                error: Some(error),
                busy: false,
            });
            Vec::new()
        }
    }
}

fn acted(
    model: &mut Model,
    id: u64,
    item: usize,
    answer: Result<crate::tui::source::Done, SourceError>,
) -> Vec<Effect> {
    let Some(job) = model.job.as_mut().filter(|job| job.id == id) else {
        return Vec::new();
    };
    let lost = answer
        .as_ref()
        .err()
        .filter(|error| error.is_server_wide())
        .cloned();
    let now = model.now_ms;
    let done = answer.is_ok();
    job.answer(item, answer);
    job.last_answer = now;
    if let Some(item) = job.items.get(item).filter(|_| done) {
        let key = item.target.key.clone();
        // A certificate or order that is done loses its mark, so that the next action does not include it.
        match job.verb {
            Verb::Poll | Verb::Cancel => model.orders.marks.remove(&key),
            Verb::Enroll => None,
            _ => model.marks.remove(&key),
        };
        model.unsettled.remove(&(job.verb, key));
    }
    let over = job.is_over();
    let (failed, word) = (job.failed(), job.verb.word());
    let outcome = job.outcome();
    let mut effects = confirm::next_requests(model);
    if over {
        if failed == 0 {
            model.say(Tone::Good, format!("{word}: {outcome}"));
        } else {
            model.say(Tone::Bad, format!("{word}: {outcome}"));
            if model.dialog.is_none() {
                model.dialog = Some(Dialog::Progress);
                model.hand.opened(now);
            }
        }
        if lost.is_none() {
            effects.extend(refresh(model));
            effects.extend(
                model
                    .detail
                    .as_ref()
                    .map(|detail| Effect::Certificate(detail.key.clone())),
            );
        }
    }
    if let Some(error) = lost {
        update_connection(model, Some(&error));
    }
    effects
}

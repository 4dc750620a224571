//! Turns a confirmed dialog into requests, and asks again about those that failed.

use std::sync::Arc;

use super::Effect;
use super::actions::{find_namesakes, unavailable, unavailable_here};
use crate::tui::model::{Ask, Dialog, Job, Model, TypedForm};
use crate::tui::source::Verb;
use crate::tui::text;
use crate::tui::theme::Tone;

/// Sends the requests of a confirmed dialog.
pub(super) fn run(model: &mut Model, ask: Ask, fields: &[(&'static str, String)]) -> Vec<Effect> {
    // A form or a command may have named the target of these actions, so no row has to be selected.
    let named = matches!(ask.verb, Verb::Enroll | Verb::Fetch);
    let reason = if named {
        unavailable_here(model)
    } else {
        unavailable(model, ask.verb)
    };
    if let Some(reason) = reason {
        model.say(
            Tone::Warning,
            format!("cannot {}: {reason}", ask.verb.word()),
        );
        return Vec::new();
    }
    for target in &ask.targets {
        if let Some(once) = &target.once {
            let subject = (ask.verb, target.key.clone());
            model.unsettled.insert(subject, Arc::clone(once));
        }
    }
    // The bar stays on its line of the screen, while the certificates acted on may move in the list.
    model.table.key = None;
    let id = model.job.as_ref().map_or(1, |job| job.id + 1);
    let job = Job::new(id, ask.verb, ask.targets, fields, model.now_ms);
    model.history.extend(model.job.replace(job));
    model.dialog = Some(Dialog::Progress);
    next_requests(model)
}

pub(super) fn next_requests(model: &mut Model) -> Vec<Effect> {
    let Some(job) = &mut model.job else {
        return Vec::new();
    };
    let id = job.id;
    job.start_next()
        .into_iter()
        .map(|(item, request)| Effect::Act {
            job: id,
            item,
            request,
        })
        .collect()
}

/// Asks again about the targets of the last job that failed or were not sent. They keep their idempotency keys, so that
/// an order whose answer was lost is not placed again.
pub(super) fn retry(model: &mut Model) {
    let Some(job) = model.job.as_ref().filter(|job| job.is_over()) else {
        return;
    };
    let mut ask = Ask::new(job.verb, job.unfinished());
    if ask.targets.is_empty() {
        return;
    }
    ask.fields.clone_from(&job.fields);
    find_namesakes(model, &mut ask);
    model.dialog = Some(if ask.verb.is_destructive() {
        Dialog::Typed(TypedForm::again(ask, &job.fields))
    } else {
        ask.dialog()
    });
}

/// Stops the running job. Requests under way are completed, the others are not sent.
pub(super) fn stop(model: &mut Model) {
    let Some(job) = model.job.as_mut().filter(|job| !job.is_over()) else {
        return;
    };
    let stopped = text::plural(job.stop(), "request");
    let words = format!("{}: stopped, {stopped} not sent", job.verb.word());
    model.say(Tone::Warning, words);
}

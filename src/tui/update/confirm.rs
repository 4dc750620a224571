//! From a confirmed dialog to requests, and to another try of what failed.

use std::sync::Arc;

use super::Effect;
use super::actions::{find_namesakes, unavailable, unavailable_here};
use crate::tui::model::{Ask, Dialog, Job, Model, TypedForm};
use crate::tui::source::Verb;
use crate::tui::text;
use crate::tui::theme::Tone;

/// Sends what a dialog has confirmed.
pub(super) fn run(model: &mut Model, ask: Ask, fields: &[(&'static str, String)]) -> Vec<Effect> {
    // What a form or a line has named needs nothing under the bar.
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
    // The bar stays on its line; what was acted on goes where it belongs now.
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

/// Asks once more about those of the last job that failed or were not sent. Their idempotency keys go with them, so
/// what was ordered without our hearing of it is not ordered again.
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

/// Sends nothing more of the running job. What is on its way comes to its end.
pub(super) fn stop(model: &mut Model) {
    let Some(job) = model.job.as_mut().filter(|job| !job.is_over()) else {
        return;
    };
    let stopped = text::plural(job.stop(), "request");
    let words = format!("{}: stopped, {stopped} not sent", job.verb.word());
    model.say(Tone::Warning, words);
}

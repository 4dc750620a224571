//! The list of the jobs of this run, and the results of each.

use crossterm::event::{KeyCode, KeyEvent};

use crate::tui::model::{Dialog, Job, Model};
use crate::tui::theme::Tone;

pub(super) fn key(model: &mut Model, index: usize, key: KeyEvent) {
    let last = model.jobs().count().saturating_sub(1);
    let mut index = index.min(last);
    match key.code {
        KeyCode::Esc | KeyCode::Char('q' | 'J') => return,
        KeyCode::Up | KeyCode::Char('k') => index = index.saturating_sub(1),
        KeyCode::Down | KeyCode::Char('j') => index = (index + 1).min(last),
        KeyCode::Enter if model.job.is_none() => return,
        KeyCode::Enter => {
            let running = model.job.as_ref().is_some_and(|job| !job.is_over());
            if index > 0 && running {
                model.say(Tone::Warning, "wait until the running requests are done");
            } else {
                reopen(model, index);
                return;
            }
        }
        _ => {}
    }
    model.dialog = Some(Dialog::History { index });
}

/// Shows the results of a job again; index 0 is the latest job.
fn reopen(model: &mut Model, index: usize) {
    if let Some(before) = index.checked_sub(1)
        && let Some(at) = model.history.len().checked_sub(before + 1)
    {
        let job = model.history.remove(at);
        let id = model.job.as_ref().map_or(job.id, |job| job.id.max(1));
        let shown = Job { id, ..job };
        if let Some(last) = model.job.replace(shown) {
            model.history.push(last);
        }
    }
    model.dialog = Some(Dialog::Progress);
}

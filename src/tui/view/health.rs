//! The Health page: the server, the mounts, the configs with their SCM accounts, and the background jobs.

use ratatui::text::Line;

use super::widgets::{LineBuilder, heading, labelled, labelled_items};
use crate::tui::keys::Command;
use crate::tui::model::today::{CLOCK_SKEW, account_trouble};
use crate::tui::model::{AccountCheck, Model};
use crate::tui::text;
use crate::tui::theme::{Theme, Tone};
use crate::tui::time;
use svpki_types::api::{ConfigHealth, HealthResponse, JobHealth};

pub(super) fn lines(model: &Model, width: usize) -> Vec<Line<'static>> {
    let theme = model.theme();
    let mut lines = server(model, theme, width);
    for mount in &model.store.mounts {
        lines.push(Line::default());
        match model.health.get(&*mount.name) {
            None => lines.push(heading(
                theme,
                &format!("{}  asking{}", mount.name, theme.ellipsis()),
            )),
            Some(Err(error)) => {
                lines.push(heading(theme, &mount.name));
                lines.extend(labelled(
                    theme,
                    "health",
                    &error.to_string(),
                    Tone::Bad,
                    width,
                ));
            }
            Some(Ok(health)) => lines.extend(of_mount(model, &mount.name, health, width)),
        }
    }
    lines
}

fn server(model: &Model, theme: Theme, width: usize) -> Vec<Line<'static>> {
    let mut lines = vec![heading(theme, "Server")];
    let mut add = |label: &str, value: String, tone| {
        lines.extend(labelled(theme, label, &value, tone, width))
    };
    add("address", model.server_address.address.clone(), Tone::Plain);
    let namespace = if model.server_address.namespace.is_empty() {
        "root"
    } else {
        &model.server_address.namespace
    };
    add("namespace", namespace.to_owned(), Tone::Plain);
    match &model.server {
        None => add("state", "no answer yet".to_owned(), Tone::Faint),
        Some(info) => {
            let (state, tone) = match (info.sealed, info.standby) {
                _ if !model.connection.is_up() && !info.sealed => ("does not answer", Tone::Bad),
                (true, _) => ("sealed", Tone::Bad),
                (false, true) => ("unsealed, standby", Tone::Plain),
                (false, false) => ("unsealed, active", Tone::Good),
            };
            add("state", state.to_owned(), tone);
            add("version", info.version.clone(), Tone::Plain);
            if !info.cluster.is_empty() {
                add("cluster", info.cluster.clone(), Tone::Plain);
            }
        }
    }
    if let Some(token) = &model.token {
        let life = match model.token_left() {
            Some(left) => format!("{} left", time::span(left)),
            None => "does not expire".to_owned(),
        };
        let renewed = if token.renewable {
            ", renewed automatically"
        } else {
            ""
        };
        add(
            "token",
            format!("{}, {life}{renewed}", token.name),
            Tone::Plain,
        );
    }
    lines
}

fn of_mount(
    model: &Model,
    name: &str,
    health: &HealthResponse,
    width: usize,
) -> Vec<Line<'static>> {
    let theme = model.theme();
    let now = model.now();
    let failing = model.today.failing(Some(name), now).count();
    let skewed = health
        .configs
        .values()
        .any(|c| account_trouble(c).is_some());
    let well = health.healthy && failing == 0 && !skewed && model.connection.is_up();
    let (word, tone) = if !model.connection.is_up() {
        ("not known: the server does not answer", Tone::Bad)
    } else if well {
        ("healthy", Tone::Good)
    } else {
        ("attention needed", Tone::Bad)
    };
    let mark = if well {
        theme.pick("●", "+")
    } else {
        theme.pick("✗", "X")
    };
    let mut lines = vec![
        LineBuilder::new(theme)
            .add(Tone::Title, name)
            .add(tone, format!("  {mark} {word}"))
            .add(Tone::Faint, format!("  plugin {}", health.plugin_version))
            .line(),
    ];
    let storage = if health.transactional_storage {
        "transactional"
    } else {
        "without transactions: each step is written so that a cut leaves nothing half done"
    };
    lines.extend(labelled(theme, "storage", storage, Tone::Plain, width));
    if let Some(first) = model.today.failing(Some(name), now).next() {
        let why = first.renewal_failure(now).unwrap_or_default();
        let count = text::count(failing as u64);
        let words = format!("{count} failed, e.g. {}: {why}", first.name());
        lines.extend(labelled(theme, "renewals", &words, Tone::Bad, width));
    }
    let mut configs: Vec<_> = health.configs.iter().collect();
    configs.sort_by_key(|(_, config)| account_trouble(config).is_none());
    for (config, health) in configs {
        lines.extend(of_config(model, name, config, health, width));
    }
    lines.extend(
        health
            .jobs
            .iter()
            .flat_map(|(job, health)| of_job(model, job, health, width)),
    );
    lines
}

fn of_config(
    model: &Model,
    mount: &str,
    name: &str,
    health: &ConfigHealth,
    width: usize,
) -> Vec<Line<'static>> {
    let theme = model.theme();
    let label = format!("config {name}");
    let now = model.now();
    let key = model.settings.keymap.hint(Command::Fetch);
    let looked = time::seconds(&health.checked).map(|at| time::relative(at, now));
    let mut lines = Vec::new();
    match looked {
        None => lines.extend(labelled(
            theme,
            &label,
            &format!("not checked yet: {key} checks SCM now"),
            Tone::Faint,
            width,
        )),
        Some(looked) => {
            let check = |good: bool, yes: &str, no: &str| {
                let (tone, mark, words) = if good {
                    (Tone::Good, theme.pick("●", "+"), yes)
                } else {
                    (Tone::Bad, theme.pick("✗", "X"), no)
                };
                (tone, format!("{mark} {words}"))
            };
            let mut parts = vec![check(
                health.reachable,
                "SCM reachable",
                "SCM not reachable",
            )];
            if health.reachable {
                parts.push(check(
                    health.login_accepted,
                    "login accepted",
                    "login refused",
                ));
            }
            if health.login_accepted {
                parts.push(check(
                    health.organisation_visible,
                    "organisation visible",
                    "organisation not visible",
                ));
                parts.push(check(
                    health.profile_visible,
                    "profile visible",
                    "profile not visible",
                ));
            }
            lines.extend(labelled_items(theme, &label, &parts, width));
            let skew = match health.clock_skew_seconds {
                Some(0) | None => String::new(),
                Some(seconds) => format!(
                    ", its clock is {} {}",
                    time::span(seconds.abs()),
                    if seconds > 0 { "ahead" } else { "behind" }
                ),
            };
            let about = format!(
                "{} at {}, checked {looked}{skew}",
                health.kind, health.base_url
            );
            let off = health
                .clock_skew_seconds
                .is_some_and(|skew| skew.abs() > CLOCK_SKEW);
            let tone = if off { Tone::Bad } else { Tone::Faint };
            lines.extend(labelled(theme, "", &about, tone, width));
        }
    }
    match model
        .account_checks
        .get(&(mount.to_owned(), name.to_owned()))
    {
        Some(AccountCheck::Asked) => {
            let words = format!("checking SCM{}", theme.ellipsis());
            lines.extend(labelled(theme, "", &words, Tone::Busy, width));
        }
        Some(AccountCheck::Failed(error)) => {
            let words = format!("could not be checked now: {error}");
            lines.extend(labelled(theme, "", &words, Tone::Bad, width));
        }
        None => {}
    }
    if !health.error.is_empty() {
        let code = health
            .scm_code
            .map(|code| format!(" (SCM {code})"))
            .unwrap_or_default();
        lines.extend(labelled(
            theme,
            "",
            &format!("{}{code}", health.error),
            Tone::Bad,
            width,
        ));
    }
    if !health.hint.is_empty() {
        lines.extend(labelled(
            theme,
            "",
            &format!("hint: {}", health.hint),
            Tone::Warning,
            width,
        ));
    }
    lines
}

fn of_job(model: &Model, name: &str, health: &JobHealth, width: usize) -> Vec<Line<'static>> {
    let theme = model.theme();
    let label = format!("job {name}");
    let Some(at) = time::seconds(&health.last_run) else {
        return labelled(theme, &label, "has not run yet", Tone::Faint, width);
    };
    let mut words = format!(
        "ran {}, {} ms, {} done",
        time::relative(at, model.now()),
        text::count(health.duration_ms),
        text::count(health.done)
    );
    for (why, count) in &health.skipped {
        words.push_str(&format!(", {} {why}", text::count(*count)));
    }
    let mut lines = labelled(theme, &label, &words, Tone::Plain, width);
    if !health.last_error.is_empty() {
        lines.extend(labelled(theme, "", &health.last_error, Tone::Bad, width));
    }
    lines
}

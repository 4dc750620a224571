//! The page with the details of one certificate.

use ratatui::text::Line;

use super::widgets::{LineBuilder, heading, labelled};
use crate::tui::model::{Column, Detail, Model, Renewal};
use crate::tui::source::{SourceError, Verb};
use crate::tui::text;
use crate::tui::theme::{self, Theme, Tone};
use crate::tui::time;
use crate::tui::update::{offered, unavailable};
use svpki_types::Status;
use svpki_types::api::{CertificateResponse, OrderResponse};

pub(super) fn lines(model: &Model, detail: &Detail, width: usize) -> Vec<Line<'static>> {
    let theme = model.theme();
    let mut lines = title(model, detail);
    lines.push(Line::default());
    lines.extend(names(theme, detail, width));
    lines.extend(validity(model, detail, width));
    lines.extend(facts(model, detail, width));
    lines.push(Line::default());
    lines.extend(chain(model, detail, width));
    lines.push(Line::default());
    lines.extend(lineage(model, detail, width));
    lines.push(Line::default());
    lines.extend(order(model, detail, width));
    lines.push(Line::default());
    lines.extend(actions(model, width));
    lines.push(Line::default());
    lines.extend(pem(model, detail, width));
    lines
}

fn title(model: &Model, detail: &Detail) -> Vec<Line<'static>> {
    let theme = model.theme();
    let row = &detail.row;
    let status = Column::Status.cell(row, &detail.key.mount, model.now(), theme);
    let tone = row.status.map_or(Tone::Plain, theme::tone);
    vec![
        LineBuilder::new(theme)
            .add(Tone::Title, row.name())
            .add(tone, format!("   {status}"))
            .add(Tone::Bad, stale(model, detail))
            .line(),
    ]
}

/// A warning that the details are out of date: the certificate was not read for more than two refreshes, cannot be
/// read, or is gone.
fn stale(model: &Model, detail: &Detail) -> String {
    let age = model.now() - detail.read;
    let every = i64::try_from(model.settings.refresh).unwrap_or(i64::MAX);
    match &detail.answer {
        Some(Err(SourceError::NotFound(_))) => "   no longer in Vault".to_owned(),
        Some(Err(error)) => format!("   cannot be read now: {error}"),
        Some(Ok(_)) if age > every.saturating_mul(2).saturating_add(10) => {
            format!("   as of {}", time::relative(detail.read, model.now()))
        }
        _ => String::new(),
    }
}

fn names(theme: Theme, detail: &Detail, width: usize) -> Vec<Line<'static>> {
    let names = if detail.row.alt_names().is_empty() {
        "none"
    } else {
        detail.row.alt_names()
    };
    let mut lines = labelled(theme, "alt names", names, Tone::Plain, width);
    if let Some(unicode) = unicode_name(detail.row.common_name()) {
        lines.extend(labelled(
            theme,
            "Unicode name",
            &unicode,
            Tone::Plain,
            width,
        ));
    }
    lines
}

/// The Unicode form of a name in ASCII (IDNA) form.
fn unicode_name(name: &str) -> Option<String> {
    if !name.contains("xn--") {
        return None;
    }
    let (unicode, result) = idna::domain_to_unicode(name);
    result.is_ok().then_some(unicode)
}

/// The lifetime of the certificate, as dates and as a bar.
fn validity(model: &Model, detail: &Detail, width: usize) -> Vec<Line<'static>> {
    let theme = model.theme();
    let (from, to, now) = (detail.row.not_before, detail.row.not_after, model.now());
    if to == 0 {
        return labelled(theme, "validity", "not issued yet", Tone::Faint, width);
    }
    let mut lines = labelled(
        theme,
        "validity",
        &format!(
            "{} to {} UTC, ends {}",
            time::minute(from),
            time::minute(to),
            time::relative(to, now)
        ),
        detail
            .row
            .status
            .filter(|s| *s != Status::Issued)
            .map_or(Tone::Plain, theme::tone),
        width,
    );
    let room = width.saturating_sub(15 + 12).clamp(10, 60);
    let life = to.saturating_sub(from).max(1);
    let used = now.saturating_sub(from).clamp(0, life);
    let here =
        usize::try_from(i128::from(used) * (room as i128 - 1) / i128::from(life)).unwrap_or(0);
    let percent = i128::from(used) * 100 / i128::from(life);
    lines.push(
        LineBuilder::new(theme)
            .add(Tone::Plain, " ".repeat(15))
            .add(Tone::Faint, theme.pick("━", "=").repeat(here))
            .add(
                detail.row.status.map_or(Tone::Plain, theme::tone),
                theme.pick("●", "O"),
            )
            .add(Tone::Faint, theme.pick("─", "-").repeat(room - 1 - here))
            .add(Tone::Faint, format!(" {percent} % used"))
            .line(),
    );
    lines
}

fn facts(model: &Model, detail: &Detail, width: usize) -> Vec<Line<'static>> {
    let theme = model.theme();
    let row = &detail.row;
    let mut lines = Vec::new();
    let mut add =
        |label: &str, value: &str, tone| lines.extend(labelled(theme, label, value, tone, width));
    add("serial", row.serial(), Tone::Plain);
    add("issuer", &row.issuer, Tone::Plain);
    let custody = if row.has_key {
        "private key stored in Vault (read keys/...)"
    } else {
        "private key elsewhere"
    };
    add("key", &format!("{}, {custody}", row.key_type), Tone::Plain);
    let profile = row
        .profile_id
        .map(|id| format!(", profile {id}"))
        .unwrap_or_default();
    let role = match &*row.role {
        "" => String::new(),
        role => format!(", role {role}"),
    };
    let kind = if row.kind.is_empty() {
        "certificate"
    } else {
        &row.kind
    };
    add(
        "type",
        &format!(
            "{kind}, config {}{role}, mount {}{profile}",
            row.config, detail.key.mount
        ),
        Tone::Plain,
    );
    add("ID", &row.id, Tone::Plain);
    let labels = text::labels(&row.labels);
    if !labels.is_empty() {
        add("labels", &labels, Tone::Plain);
    }
    if !row.missing_names.is_empty() {
        let words = format!("{}: ordered, and left out by SCM", row.missing_names);
        add("missing", &words, Tone::Warning);
    }
    if !row.changes.is_empty() {
        let words = format!("{}: other than in the certificate before", row.changes);
        add("changed", &words, Tone::Warning);
    }
    let now = model.now();
    match row.renewal(now) {
        Some(Renewal::Failed) => {
            let why = row.renewal_failure(now).unwrap_or_default();
            add("renewal", &format!("last attempt failed: {why}"), Tone::Bad);
        }
        Some(Renewal::Blocked) => {
            let why = row.renew_blocked.as_deref().unwrap_or_default();
            add("renewal", &format!("blocked: {why}"), Tone::Bad);
        }
        Some(Renewal::Off) => {
            let words = format!("automatic renewal is off for config {}", row.config);
            add("renewal", &words, Tone::Warning);
        }
        Some(Renewal::Due) => add("renewal", "automatic, due now", Tone::Plain),
        Some(Renewal::Planned) => {
            let when = time::relative(row.renew_at, now);
            let day = time::date(row.renew_at);
            add(
                "renewal",
                &format!("automatic from {day} ({when})"),
                Tone::Plain,
            );
        }
        None => {}
    }
    if let Some(Ok(answer)) = &detail.answer {
        for warning in &answer.warnings {
            add("warning", warning, Tone::Warning);
        }
    }
    lines
}

fn waiting(theme: Theme, error: Option<&SourceError>, width: usize) -> Vec<Line<'static>> {
    match error {
        Some(error) => labelled(theme, "", &error.to_string(), Tone::Bad, width),
        None => labelled(
            theme,
            "",
            &format!("asking{}", theme.ellipsis()),
            Tone::Faint,
            width,
        ),
    }
}

fn chain(model: &Model, detail: &Detail, width: usize) -> Vec<Line<'static>> {
    let theme = model.theme();
    let mut lines = vec![heading(theme, "Chain")];
    match &detail.answer {
        None => lines.extend(waiting(theme, None, width)),
        Some(Err(error)) => lines.extend(waiting(theme, Some(error), width)),
        Some(Ok(_)) if detail.chain.is_empty() => {
            lines.extend(labelled(
                theme,
                "",
                "no issuing certificates are stored",
                Tone::Faint,
                width,
            ));
        }
        Some(Ok(_)) => {
            for (depth, link) in detail.chain.iter().enumerate() {
                let branch = format!("{}{} ", "  ".repeat(depth), theme.pick("└", "`"));
                let role = if link.subject == link.issuer {
                    "root"
                } else {
                    "issuer"
                };
                let until = if link.not_after == 0 {
                    String::new()
                } else {
                    format!(", until {}", time::date(link.not_after))
                };
                let words = format!("{branch}{} ({role}{until})", link.subject);
                lines.push(
                    LineBuilder::new(theme)
                        .add(Tone::Plain, text::cut(&words, width, theme.ellipsis()))
                        .line(),
                );
            }
        }
    }
    lines
}

fn lineage(model: &Model, detail: &Detail, width: usize) -> Vec<Line<'static>> {
    let theme = model.theme();
    let mut lines = vec![heading(theme, "Lineage")];
    let line = detail.lineage();
    if line.len() == 1 {
        lines.extend(labelled(
            theme,
            "",
            "no earlier or later certificates",
            Tone::Faint,
            width,
        ));
        return lines;
    }
    for id in line {
        let here = id == detail.key.id;
        let known = if here {
            detail.answer.as_ref()
        } else {
            detail.relatives.get(&id)
        };
        let words = match known {
            Some(Ok(answer)) => relative_words(theme, answer),
            Some(Err(error)) => error.to_string(),
            None if here => Column::Status.cell(&detail.row, &detail.key.mount, model.now(), theme),
            None => format!("asking{}", theme.ellipsis()),
        };
        let pointer = if here { theme.pick("▸ ", "> ") } else { "  " };
        let words = text::cut(&format!("{pointer}{id}  {words}"), width, theme.ellipsis());
        lines.push(
            LineBuilder::new(theme)
                .add(if here { Tone::Key } else { Tone::Plain }, words)
                .line(),
        );
    }
    lines
}

fn relative_words(theme: Theme, answer: &CertificateResponse) -> String {
    let day = |moment: &str| time::seconds(moment).map_or("-".to_owned(), time::date);
    let status = answer
        .status
        .map_or("?".to_owned(), |s| format!("{} {s}", theme.symbol(s)));
    format!(
        "{status}  {} to {}",
        day(&answer.not_before),
        day(&answer.not_after)
    )
}

fn order(model: &Model, detail: &Detail, width: usize) -> Vec<Line<'static>> {
    let theme = model.theme();
    let mut lines = vec![heading(theme, "Order")];
    match (&detail.answer, &detail.order) {
        (Some(Ok(answer)), _) if answer.order_id.is_empty() => {
            lines.extend(labelled(
                theme,
                "",
                "not ordered through this mount",
                Tone::Faint,
                width,
            ));
        }
        (_, Some(Ok(order))) => lines.extend(order_lines(theme, order, width)),
        (Some(Ok(answer)), Some(Err(SourceError::NotFound(_)))) => {
            lines.extend(labelled(
                theme,
                "order",
                &format!("{}, order record removed by tidy", answer.order_id),
                Tone::Plain,
                width,
            ));
        }
        (_, Some(Err(error))) | (Some(Err(error)), None) => {
            lines.extend(waiting(theme, Some(error), width))
        }
        (_, None) => lines.extend(waiting(theme, None, width)),
    }
    lines
}

fn order_lines(theme: Theme, order: &OrderResponse, width: usize) -> Vec<Line<'static>> {
    let minute = |moment: &str| time::seconds(moment).map_or("-".to_owned(), time::minute);
    let state = order.state.map_or("unknown".to_owned(), |s| s.to_string());
    let mut lines = labelled(
        theme,
        "order",
        &format!("{} ({})", order.order_id, order.action),
        Tone::Plain,
        width,
    );
    let history = format!(
        "created {}, {state} since {}, submitted {}x, checked {}x",
        minute(&order.created),
        minute(&order.since),
        order.attempts,
        order.polls
    );
    lines.extend(labelled(theme, "history", &history, Tone::Plain, width));
    if !order.last_message.is_empty() || !order.scm_status.is_empty() {
        let code = order
            .last_scm_code
            .map(|code| format!(" ({code})"))
            .unwrap_or_default();
        let words = format!("{} {}{code}", order.scm_status, order.last_message);
        lines.extend(labelled(
            theme,
            "SCM says",
            words.trim(),
            Tone::Plain,
            width,
        ));
    }
    lines
}

/// Each action, or why it is unavailable.
fn actions(model: &Model, width: usize) -> Vec<Line<'static>> {
    let theme = model.theme();
    let mut lines = vec![heading(theme, "Actions")];
    for verb in offered(model) {
        let (tone, words) = match unavailable(model, *verb) {
            None => (Tone::Plain, line_of(model, *verb)),
            Some(reason) => (Tone::Faint, format!("not now: {reason}")),
        };
        let words = text::cut(&words, width.saturating_sub(15), theme.ellipsis());
        lines.extend(labelled(theme, verb.word(), &words, tone, width));
    }
    lines
}

fn line_of(model: &Model, verb: Verb) -> String {
    let Some(detail) = &model.detail else {
        return String::new();
    };
    let fields = match verb {
        Verb::Revoke => " sectigo_revoke_reason=...",
        Verb::Replace => " sectigo_replace_reason=... idempotency_key=...",
        Verb::Renew => " idempotency_key=...",
        _ => "",
    };
    let force = if fields.is_empty() { "-f " } else { "" };
    let key = &detail.key;
    format!(
        "{} write {force}{}/{}/{}/{}{fields}",
        model.product().command(),
        key.mount,
        verb.word(),
        key.config,
        key.id
    )
}

fn pem(model: &Model, detail: &Detail, width: usize) -> Vec<Line<'static>> {
    let theme = model.theme();
    let key = model.settings.keymap.hint(crate::tui::keys::Command::Copy);
    let mut lines = vec![heading(theme, &format!("PEM ({key} copies it)"))];
    match detail.pem() {
        Some(pem) => lines.extend(pem.lines().map(|line| {
            LineBuilder::new(theme)
                .add(Tone::Faint, text::cut(line, width, theme.ellipsis()))
                .line()
        })),
        None => lines.extend(waiting(theme, None, width)),
    }
    lines
}

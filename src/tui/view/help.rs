//! The Help page: keys, the filter language and the symbols.

use ratatui::text::Line;

use super::widgets::{LineBuilder, heading};
use crate::tui::keys::Command;
use crate::tui::model::Model;
use crate::tui::text;
use crate::tui::theme::{Theme, Tone};
use svpki_types::Status;

/// Keys that the settings file cannot change.
const FIXED: [(&str, &str); 5] = [
    ("ctrl-c", "quit, wherever you are"),
    ("ctrl-z", "suspend (fg returns)"),
    ("ctrl-y", "in a dialog: copy the vault or bao command"),
    ("ctrl-s", "in a dialog: copy the svpki command"),
    (
        "ctrl-d",
        "in the dialog to renew early: keep only the due ones",
    ),
];

pub(super) fn lines(model: &Model, width: usize) -> Vec<Line<'static>> {
    let theme = model.theme();
    let words: Vec<String> = model
        .help
        .split_whitespace()
        .map(str::to_lowercase)
        .collect();
    let fits = |(key, meaning): &(String, String)| {
        let line = format!("{key} {meaning}").to_lowercase();
        words.iter().all(|word| line.contains(word))
    };
    let keys: Vec<(String, String)> = Command::ALL
        .iter()
        .map(|&command| {
            let keys: Vec<String> = model.settings.keymap.keys(command).collect();
            (keys.join(" "), command.meaning().to_owned())
        })
        .chain(FIXED.map(|(key, meaning)| (key.to_owned(), meaning.to_owned())))
        .collect();
    let filters = [
        ("status:expiring,expired", "any of these"),
        (
            "exp<30d",
            "expires within 30 days (h, d, w, y); exp<-7d: expired more than 7 days ago",
        ),
        ("exp>2027-01-31", "expires after that day"),
        (
            "renewal:failed",
            "failed, blocked, off, due or planned: what becomes of automatic renewal",
        ),
        ("role:web", "ordered by this role; !role:* by none"),
        (
            "owner:anna@example.com",
            "exact, * allowed; also team:, ticket:, metadata.NAME:",
        ),
        (
            "changes:issuer",
            "differs from the one before it: issuer, names, eku, lifetime",
        ),
        (
            "cn:*.example.com",
            "common name contains; with * or = the whole name",
        ),
        ("san:shop", "any alternative name"),
        ("missing:*", "SCM left out ordered names, or this one"),
        ("config:prod mount:sectigo", "exact match, * allowed"),
        ("id:1018 issuer:sectigo", "contains"),
        (
            "host:shop.example.com",
            "serves this host, wildcards and IDN included",
        ),
        ("serial:0a:1b", "with or without colons"),
        ("\"text\"", "anywhere in names, serial number and id"),
        ("!config:lab", "exclude"),
    ]
    .map(|(key, meaning)| (key.to_owned(), meaning.to_owned()));
    let keys: Vec<_> = keys.into_iter().filter(|pair| fits(pair)).collect();
    let filters: Vec<_> = filters.into_iter().filter(|pair| fits(pair)).collect();
    let mut lines = Vec::new();
    for (title, table) in [
        ("Keys", table(theme, &keys, 16, width)),
        (
            "Filter (terms are joined by \"and\")",
            table(theme, &filters, 26, width),
        ),
        ("Symbols", symbols(theme, width, fits)),
    ] {
        if !table.is_empty() {
            lines.push(heading(theme, title));
            lines.extend(table);
            lines.push(Line::default());
        }
    }
    if lines.is_empty() {
        let words = "No line of this page holds these words. Esc clears them.";
        lines.push(LineBuilder::new(theme).add(Tone::Faint, words).line());
        lines.push(Line::default());
    }
    lines.extend([
        LineBuilder::new(theme)
            .add(
                Tone::Faint,
                "Keys and theme: ~/.config/svpki/tui.toml. NO_COLOR is respected.",
            )
            .line(),
        LineBuilder::new(theme)
            .add(
                Tone::Faint,
                "Nothing is ordered or revoked by Enter alone: y confirms one, a name or number the rest.",
            )
            .line(),
    ]);
    lines
}

/// Pairs of key and meaning, in two columns if there is room.
fn table(theme: Theme, pairs: &[(String, String)], key: usize, width: usize) -> Vec<Line<'static>> {
    let columns = if width >= 150 { 2 } else { 1 };
    let rows = pairs.len().div_ceil(columns);
    let wide = width / columns;
    (0..rows)
        .map(|row| {
            let mut words = LineBuilder::new(theme);
            for (keys, meaning) in (0..columns).filter_map(|column| pairs.get(column * rows + row))
            {
                words = words
                    .add(Tone::Key, text::fit(keys, key, theme.ellipsis()))
                    .add(
                        Tone::Plain,
                        text::fit(meaning, wide.saturating_sub(key), theme.ellipsis()),
                    );
            }
            words.line()
        })
        .collect()
}

fn symbols(
    theme: Theme,
    width: usize,
    fits: impl Fn(&(String, String)) -> bool,
) -> Vec<Line<'static>> {
    let meaning = |status| match status {
        Status::Pending => "ordered, not yet issued",
        Status::Issued => "valid",
        Status::Expiring => "due for renewal",
        Status::Expired => "ended",
        Status::Revoked => "revoked",
        Status::Replaced => "reissued under the same ID",
        Status::Superseded => "renewed under a new ID",
        Status::Declined => "order declined by an SCM administrator",
        Status::Rejected => "order rejected by the CA",
        Status::Failed => "order or renewal failed",
    };
    Status::ALL
        .into_iter()
        .filter(|status| fits(&(status.to_string(), meaning(*status).to_owned())))
        .map(|status| {
            let word = text::fit(&format!("{} {status}", theme.symbol(status)), 16, "");
            LineBuilder::new(theme)
                .styled(theme.status(status), word)
                .add(
                    Tone::Plain,
                    text::cut(meaning(status), width.saturating_sub(16), theme.ellipsis()),
                )
                .line()
        })
        .collect()
}

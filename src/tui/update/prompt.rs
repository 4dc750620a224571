//! The line at the foot of the page: commands with their completion, and the filters of Orders, Today and Help.

use std::sync::Arc;

use crossterm::event::{KeyCode, KeyEvent};

use super::{Effect, actions, filter_line, navigate};
use crate::filter::{Filter, suggest};
use crate::tui::keys::Command;
use crate::tui::model::groups::{GroupBy, Groups};
use crate::tui::model::{
    Ask, Column, Dialog, Hint, Model, Page, Prompt, PromptKind, Sort, Start, Target,
    filter_mistake, today,
};
use crate::tui::source::{CertKey, Verb};
use crate::tui::theme::{Palette, Tone};

/// Commands that take words after their name. The commands of keys can be typed, too.
const WITH_WORDS: [(&str, &str); 10] = [
    ("filter TERMS", "filter the certificates"),
    ("orders WORDS", "filter the orders"),
    ("sort [-]COLUMN", "sort the certificates"),
    ("columns COLUMN,COLUMN", "choose the columns"),
    ("group FIELD", "count the rows shown by it"),
    ("theme NAME", "other colours"),
    ("open CONFIG ID", "details of a certificate"),
    ("fetch CONFIG ID", "bring a certificate from SCM into Vault"),
    ("enroll CONFIG", "order a new certificate"),
    (
        "save",
        "begin with these columns, sort and filter next time",
    ),
];

pub(super) fn open(model: &mut Model, kind: PromptKind) {
    let text = match kind {
        PromptKind::Command => String::new(),
        PromptKind::Orders => model.orders.filter().to_owned(),
        PromptKind::Today => model.today.filter().to_owned(),
        PromptKind::Help => model.help.clone(),
    };
    let mut prompt = Prompt::new(kind, &text);
    prompt.hints = hints(model, kind, &text);
    model.prompt = Some(prompt);
}

/// Handles a key. Also returns the command of a key whose name was entered.
pub(super) fn key(model: &mut Model, key: KeyEvent) -> (Vec<Effect>, Option<Command>) {
    let nothing = (Vec::new(), None);
    let Some(mut prompt) = model.prompt.take() else {
        return nothing;
    };
    let count = prompt.hints.len().max(1);
    match key.code {
        KeyCode::Esc => {
            filter(model, prompt.kind, &prompt.before);
            return nothing;
        }
        KeyCode::Enter if prompt.kind != PromptKind::Command => {
            if prompt.error.is_none() {
                return nothing;
            }
        }
        KeyCode::Enter => {
            let line = prompt.field.text().trim().to_owned();
            match run(model, &line) {
                Ok(done) => return done,
                Err(why) => prompt.error = Some(why),
            }
        }
        KeyCode::Tab => {
            if let Some(hint) = prompt.hints.get(prompt.chosen) {
                prompt.field = crate::tui::text_input::TextInput::new(hint.line.clone());
            }
            changed(model, &mut prompt);
        }
        KeyCode::Down => prompt.chosen = (prompt.chosen + 1) % count,
        KeyCode::Up => prompt.chosen = (prompt.chosen + count - 1) % count,
        _ => {
            prompt.field.key(key);
            changed(model, &mut prompt);
        }
    }
    model.prompt = Some(prompt);
    nothing
}

pub(super) fn paste(model: &mut Model, text: &str) {
    if let Some(mut prompt) = model.prompt.take() {
        prompt
            .field
            .insert(&text.trim().replace(['\n', '\r', '\t'], " "));
        changed(model, &mut prompt);
        model.prompt = Some(prompt);
    }
}

fn changed(model: &mut Model, prompt: &mut Prompt) {
    prompt.chosen = 0;
    prompt.hints = hints(model, prompt.kind, prompt.field.text());
    prompt.error = filter(model, prompt.kind, prompt.field.text());
}

/// Filters the page that the line belongs to; returns what is wrong with the line.
pub(super) fn filter(model: &mut Model, kind: PromptKind, line: &str) -> Option<String> {
    match kind {
        PromptKind::Command => None,
        PromptKind::Orders => {
            model.orders.set_filter(line);
            model.orders.mistake().map(str::to_owned)
        }
        PromptKind::Today => {
            let mistake = model.today.set_filter(line);
            today::rebuild(model);
            mistake
        }
        PromptKind::Help => {
            line.clone_into(&mut model.help);
            model.scroll = 0;
            None
        }
    }
}

fn hints(model: &Model, kind: PromptKind, line: &str) -> Vec<Hint> {
    let hint = |line: String, word: &str, meaning: &str| Hint {
        line,
        word: word.to_owned(),
        meaning: meaning.to_owned(),
    };
    if kind == PromptKind::Orders {
        let (before, word) = line.rsplit_once(' ').map_or(("", line), |(a, b)| (a, b));
        return crate::tui::model::ORDER_FIELDS
            .map(|field| format!("{field}:"))
            .into_iter()
            .filter(|key| key.starts_with(word) && *key != word)
            .map(|key| hint(format!("{before} {key}").trim_start().to_owned(), &key, ""))
            .collect();
    }
    if kind == PromptKind::Help {
        return Vec::new();
    }
    if kind == PromptKind::Today {
        let known = |field: &str| model.store.values(field);
        return suggest(line, &known)
            .into_iter()
            .map(|next| {
                let whole = format!("{}{}", &line[..next.from], next.text);
                hint(whole, &next.text, next.meaning)
            })
            .collect();
    }
    let Some((verb, rest)) = line.split_once(' ') else {
        let with_words = WITH_WORDS.iter().map(|(usage, meaning)| {
            let (verb, more) = usage
                .split_once(' ')
                .map_or((*usage, ""), |(v, _)| (v, " "));
            hint(format!("{verb}{more}"), usage, meaning)
        });
        let plain = Command::ALL
            .iter()
            .map(|command| hint(command.name().to_owned(), command.name(), command.meaning()));
        return with_words
            .chain(plain)
            .filter(|known| known.word.starts_with(line) && known.word != line)
            .collect();
    };
    let word = rest.rsplit([' ', ',', '-']).next().unwrap_or_default();
    let before = &line[..line.len() - word.len()];
    let words: Vec<String> = match verb {
        "sort" | "columns" => Column::ALL.map(Column::name).to_vec(),
        "group" => GroupBy::ALL.map(|by| by.word().to_owned()).to_vec(),
        "theme" => Palette::NAMES.map(str::to_owned).to_vec(),
        "open" | "fetch" | "enroll" if !rest.contains(' ') => {
            let places = model.places().into_iter();
            let places: Vec<_> = places
                .map(|(mount, config)| format!("{mount}/{config}"))
                .collect();
            return places
                .into_iter()
                .filter(|place| place.contains(rest) && place != rest)
                .map(|place| hint(format!("{verb} {place} "), &place, ""))
                .collect();
        }
        _ => Vec::new(),
    };
    words
        .iter()
        .filter(|known| known.starts_with(word) && *known != word)
        .map(|known| hint(format!("{before}{known}"), known, ""))
        .collect()
}

/// Runs a command line. An error says what is wrong with it; the line then stays, to be corrected.
fn run(model: &mut Model, line: &str) -> Result<(Vec<Effect>, Option<Command>), String> {
    let (verb, rest) = line.split_once(' ').unwrap_or((line, ""));
    let rest = rest.trim();
    if model.hand.is_fast() {
        return Err("keys came faster than a hand types: press Enter once more".to_owned());
    }
    match (verb, rest) {
        ("", _) => {}
        ("filter", line) if !line.is_empty() => {
            line.parse::<Filter>().map_err(|why| why.to_string())?;
            navigate::go(model, Page::Certificates);
            navigate::remember(model);
            filter_line::set(model, line);
        }
        ("orders", line) if !line.is_empty() => {
            if let Some(why) = filter_mistake(line) {
                return Err(why);
            }
            navigate::go(model, Page::Orders);
            model.orders.set_filter(line);
        }
        ("sort", name) if !name.is_empty() => {
            let sort = Sort {
                column: column(name.trim_start_matches('-'))?,
                descending: name.starts_with('-'),
            };
            navigate::go(model, Page::Certificates);
            navigate::remember(model);
            let now = model.now();
            model.store.set_sort(sort, now);
            model.table = Default::default();
        }
        ("columns", names) if !names.is_empty() => {
            let names = names.split([',', ' ']).filter(|name| !name.is_empty());
            let columns = names.map(column).collect::<Result<Vec<_>, _>>()?;
            if !columns.contains(&Column::Name) {
                return Err("common_name must be one of them".to_owned());
            }
            navigate::go(model, Page::Certificates);
            navigate::remember(model);
            model.columns = columns;
            model.scrolled = 0;
        }
        ("group", word) if !word.is_empty() => {
            let by = GroupBy::ALL.into_iter().find(|by| by.word() == word);
            let by = by.ok_or_else(|| {
                let known = GroupBy::ALL.map(GroupBy::word).join(", ");
                format!("unknown field {word:?}: use {known}")
            })?;
            navigate::go(model, Page::Certificates);
            model.store.want_all();
            model.dialog = Some(Dialog::Groups(Groups::of(model, by)));
        }
        ("theme", name) => {
            let palette = name.parse::<Palette>().map_err(|why| why.to_string())?;
            model.settings.theme.palette = palette;
        }
        ("open", words) => {
            let key = certificate(model, words)?;
            navigate::visit_detail(model, key.clone());
            return Ok((vec![Effect::Certificate(key)], None));
        }
        ("fetch", words) if !words.is_empty() => {
            let key = certificate(model, words)?;
            if let Some(why) = actions::unavailable_here(model) {
                return Err(why);
            }
            let name = key.id.to_string();
            actions::ask_about(model, Ask::new(Verb::Fetch, vec![Target::new(key, &name)]));
        }
        ("enroll", config) if !config.is_empty() => {
            let place = place(model, config)?;
            actions::open_enroll(model, Some(place));
        }
        ("save", "") => {
            let start = Start {
                columns: model.columns.clone(),
                sort: model.store.sort(),
                filter: model.filter.field.text().to_owned(),
                saved: Vec::new(),
            };
            return Ok((vec![Effect::SaveStart(start)], None));
        }
        (name, "") => {
            let command = Command::of(name).ok_or_else(|| unknown(name))?;
            return Ok((Vec::new(), Some(command)));
        }
        (name, _) => return Err(unknown(name)),
    }
    Ok((Vec::new(), None))
}

fn unknown(name: &str) -> String {
    let verbs = WITH_WORDS
        .iter()
        .filter_map(|(usage, _)| usage.split(' ').next());
    let known = Command::ALL
        .iter()
        .map(|command| command.name())
        .chain(verbs);
    let nearest = known
        .map(|known| (strsim::damerau_levenshtein(name, known), known))
        .filter(|(distance, _)| *distance <= 2)
        .min();
    match nearest {
        Some((_, known)) => format!("Unknown command {name:?}. Did you mean {known}?"),
        None => format!("Unknown command {name:?}. Tab lists what there is."),
    }
}

fn column(name: &str) -> Result<Column, String> {
    Column::of(name).ok_or_else(|| {
        let known = Column::ALL.map(Column::name).join(", ");
        format!("unknown column {name:?}: use {known}")
    })
}

/// Finds `CONFIG`, or `MOUNT/CONFIG` if several mounts have the config.
fn place(model: &Model, words: &str) -> Result<(Arc<str>, String), String> {
    let mut found = model
        .places()
        .into_iter()
        .filter(|(mount, config)| *config == *words || format!("{mount}/{config}") == *words);
    match (found.next(), found.next()) {
        (Some(place), None) => Ok(place),
        (None, _) => Err(format!("there is no config {words:?} here")),
        (Some((mount, config)), Some(_)) => Err(format!(
            "several mounts have config {config}: write {mount}/{config}"
        )),
    }
}

fn certificate(model: &Model, words: &str) -> Result<CertKey, String> {
    let (config, id) = words
        .split_once(' ')
        .ok_or_else(|| "write CONFIG ID, e.g. web 1018_example".to_owned())?;
    let id = id.trim();
    if id.is_empty() || id.contains(['/', ' ']) {
        return Err(format!("{id:?} is not an ID"));
    }
    let (mount, config) = place(model, config)?;
    Ok(CertKey {
        mount,
        config: config.as_str().into(),
        id: id.into(),
    })
}

/// Reports whether the columns, the sort and the filter were saved.
pub(super) fn saved(model: &mut Model, answer: Result<String, String>) {
    match answer {
        Ok(path) => model.say(Tone::Good, format!("saved {path}")),
        Err(why) => model.say(Tone::Bad, format!("not saved: {why}")),
    }
}

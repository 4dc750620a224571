//! Splits a filter line into words: `text`, `field:a,"b c"`, `exp<30d`, each with `!` before it if negated. The caller
//! passes the field names and gives the words their meaning.

use std::ops::Range;

use super::Pattern;

/// Why a line is not a valid filter.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct FilterError {
    /// The bytes of the line that the message is about.
    pub span: Range<usize>,
    pub message: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    pub span: Range<usize>,
    pub negated: bool,
    /// In lower case, spelled as in the caller's list of fields; empty for free text.
    pub field: String,
    /// The sign behind the field: `:`, `<` or `>`.
    pub sign: char,
    /// The values between the commas, without quotes: at least one. Free text is a single value.
    pub values: Vec<String>,
}

impl Word {
    pub fn patterns(&self) -> Vec<Pattern> {
        self.values
            .iter()
            .map(|value| Pattern::new(value))
            .collect()
    }
}

/// The prefix of a field that names an entry of `metadata`, e.g. `metadata.room`. Every filter accepts such fields.
pub const METADATA: &str = "metadata.";

/// The only field that can be compared with `<` and `>`.
const COMPARED: &str = "exp";

/// Other names of fields. The one that is in the caller's list of fields is used.
const ALIASES: [(&str, &str); 3] = [("expires", COMPARED), ("name", "cn"), ("cn", "name")];

/// Reads each word of a line. `fields` are the names of the fields that the filter has.
pub fn words<'a>(
    line: &'a str,
    fields: &'a [&'a str],
) -> impl Iterator<Item = Result<Word, FilterError>> + 'a {
    spans(line).into_iter().map(move |span| {
        word(&line[span.clone()], &span, fields).map_err(|message| FilterError { span, message })
    })
}

/// The words between white space. White space inside double quotes does not separate words.
pub(super) fn spans(line: &str) -> Vec<Range<usize>> {
    pieces(line, char::is_whitespace)
}

/// The texts between separators; a separator between double quotes does not count.
pub(super) fn pieces(line: &str, separates: impl Fn(char) -> bool) -> Vec<Range<usize>> {
    let mut spans = Vec::new();
    let (mut start, mut quoted) = (None, false);
    for (at, c) in line.char_indices() {
        if c == '"' {
            quoted = !quoted;
        }
        if separates(c) && !quoted {
            spans.extend(start.take().map(|from| from..at));
        } else {
            start = start.or(Some(at));
        }
    }
    spans.extend(start.map(|from| from..line.len()));
    spans
}

fn word(text: &str, span: &Range<usize>, fields: &[&str]) -> Result<Word, String> {
    if text.matches('"').count() % 2 == 1 {
        return Err("Closing quote missing: add \"".to_owned());
    }
    let body = text.strip_prefix('!').unwrap_or(text);
    let word = |field: String, sign, values| Word {
        span: span.clone(),
        negated: body.len() < text.len(),
        field,
        sign,
        values,
    };
    if body.is_empty() {
        return Err("! needs a term after it, e.g. !status:revoked".to_owned());
    }
    let free = body.starts_with('"') || is_serial(body);
    if !free && let Some(why) = other_language(body, fields) {
        return Err(why);
    }
    // The first sign counts, because a value may contain these signs, too.
    let sign = body.find(['<', '>', ':']).filter(|_| !free);
    let Some((at, sign)) = sign.and_then(|at| Some((at, body[at..].chars().next()?))) else {
        return match unquote(body) {
            text if text.is_empty() => Err("Nothing stands between the quotes".to_owned()),
            text => Ok(word(String::new(), ':', vec![text])),
        };
    };
    let field = field(&body[..at], sign, fields)?;
    let value = &body[at + 1..];
    let value = value
        .strip_prefix('=')
        .filter(|_| sign != ':')
        .unwrap_or(value);
    let values = pieces(value, |c| c == ',').into_iter();
    let values: Vec<String> = values
        .map(|span| unquote(&value[span]))
        .map(|value| match &*field {
            "mount" => value.trim_end_matches('/').to_owned(),
            _ => value,
        })
        .filter(|value| !value.is_empty())
        .collect();
    if values.is_empty() {
        return Err(format!("{field}{sign} needs a value"));
    }
    Ok(word(field, sign, values))
}

/// The listed name of a typed field; an error if there is no such field, or if the sign cannot follow it.
fn field(typed: &str, sign: char, fields: &[&str]) -> Result<String, String> {
    let name = unquote(&typed.to_lowercase());
    let mut names = [Some(&*name), alias(&name)].into_iter().flatten();
    let found = names.find(|name| fields.contains(name));
    let name = found.map_or(name.clone(), str::to_owned);
    if sign != ':' && name != COMPARED {
        return Err(format!(
            "Only exp can be compared, as in exp<30d; {typed:?} cannot"
        ));
    }
    if name == "metadata" || name == METADATA {
        return Err("Name the entry: metadata.NAME:value".to_owned());
    }
    if found.is_some() || name.starts_with(METADATA) {
        return Ok(name);
    }
    Err(match nearest(&name, fields) {
        Some(known) => format!("Unknown field {name:?}. Did you mean {known}: ?"),
        None => format!(
            "Unknown field {name:?}. Use {}: or {METADATA}NAME:",
            fields.join(":, ")
        ),
    })
}

fn alias(name: &str) -> Option<&'static str> {
    let alias = ALIASES.into_iter().find(|(alias, _)| *alias == name);
    alias.map(|(_, field)| field)
}

/// Recognizes the syntax of other tools' filters, which would be searched for as plain text and find nothing. Returns
/// what to write instead.
fn other_language(body: &str, fields: &[&str]) -> Option<String> {
    let word = body.to_lowercase();
    if matches!(word.as_str(), "and" | "&&" | "&") {
        return Some("Terms are joined by \"and\" already: leave it out".to_owned());
    }
    if matches!(word.as_str(), "or" | "||" | "|") {
        return Some("There is no \"or\" between terms: use one term, e.g. status:a,b".to_owned());
    }
    if word == "not" {
        return Some("Write ! before the term, e.g. !status:issued".to_owned());
    }
    if body.starts_with('-') && body.contains(':') {
        return Some(format!("Write ! to exclude: !{}", &body[1..]));
    }
    if pieces(body, |c| c == '|').first() != Some(&(0..body.len())) {
        return Some("There is no | here: use one term, e.g. cn:api,chat".to_owned());
    }
    let (key, value) = body.split_once(['=', '!'])?;
    let value = value.trim_start_matches('=');
    let known = key.to_lowercase();
    let known = [Some(&*known), alias(&known)].into_iter().flatten();
    let field = known.into_iter().find(|name| fields.contains(name))?;
    Some(match (field, body[key.len()..].starts_with('!')) {
        (COMPARED, _) => format!("Write exp<{value} or exp>{value}"),
        (_, true) => format!("Write !{key}:{value}"),
        (_, false) => format!("Write {key}:{value}"),
    })
}

fn nearest<'a>(key: &str, fields: &[&'a str]) -> Option<&'a str> {
    let known = fields.iter();
    known
        .map(|known| (strsim::damerau_levenshtein(key, known), *known))
        .filter(|(distance, _)| *distance <= 2)
        .min()
        .map(|(_, known)| known)
}

/// Whether the word is a serial number, i.e. pairs of hexadecimal digits between colons, and not a field with a value.
fn is_serial(body: &str) -> bool {
    body.contains(':')
        && body
            .split(':')
            .all(|pair| pair.len() == 2 && pair.bytes().all(|b| b.is_ascii_hexdigit()))
}

fn unquote(text: &str) -> String {
    text.replace('"', "")
}

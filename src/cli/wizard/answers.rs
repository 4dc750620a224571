//! The answers so far, which are kept in a file in the user's state folder without secrets, and the values of the
//! config that is changed.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use etcetera::BaseStrategy;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::super::config_args::secret_field;
use super::super::fields::text_of;
use super::super::files::{Access, write_new};
use super::super::label_args::{notes, notes_object, notes_text, stored_notes};
use super::super::{CliError, plain};
use super::back::Passed;
use super::quoted;
use vault_client::EngineClient;

/// Answers by the name of the question; see [`QUESTIONS`].
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Answers {
    /// The server, namespace and mount of the answers. They are not used for another place.
    place: String,
    given: BTreeMap<String, String>,
    /// Questions that were answered before they are asked: in an earlier run, by a flag, or in a file.
    #[serde(skip)]
    told: BTreeSet<String>,
    /// The values of the config.
    #[serde(skip)]
    stored: BTreeMap<String, String>,
    #[serde(skip)]
    pub(super) passed: Passed,
}

/// A question, with the config's field, other names of that field in an answer, and the flag.
struct Question {
    name: &'static str,
    field: &'static str,
    also: &'static [&'static str],
    flag: &'static str,
    kind: AnswerKind,
}

/// How an answer is converted to the value of its field.
#[derive(Clone, Copy, PartialEq, Eq)]
enum AnswerKind {
    /// A number or a boolean, if the text is one.
    Value,
    /// The text as it was typed: `007` may be a name.
    Text,
    /// The name of a file; the field gets the content.
    File,
    /// `NAME=VALUE` pairs, separated by commas.
    Notes,
}

const fn question(name: &'static str, field: &'static str, flag: &'static str) -> Question {
    Question {
        name,
        field,
        also: &[],
        flag,
        kind: AnswerKind::Value,
    }
}

const fn label(name: &'static str, flag: &'static str) -> Question {
    Question {
        kind: AnswerKind::Text,
        ..question(name, name, flag)
    }
}

const fn file(name: &'static str, flag: &'static str) -> Question {
    Question {
        kind: AnswerKind::File,
        ..question(name, name, flag)
    }
}

const QUESTIONS: [Question; 23] = [
    question("type", "sectigo_config_type", "--type"),
    question("base_url", "sectigo_cm_base_url", "--base-url"),
    question("customer_uri", "sectigo_cm_uri", "--customer-uri"),
    file("ca_bundle", "--ca-bundle"),
    question("auth_method", "auth_method", "--auth-method"),
    question("user", "sectigo_cm_user", "--user"),
    question("oauth2_client_id", "oauth2_client_id", "--oauth2-client-id"),
    question("oauth2_token_url", "oauth2_token_url", "--oauth2-token-url"),
    file("auth_certificate", "--auth-certificate"),
    file("auth_private_key", "--auth-private-key"),
    question("org_id", "sectigo_cm_org_id", "--org-id"),
    Question {
        also: &["sectigo_ssl_cert_type", "sectigo_client_cert_type"],
        ..question("profile_id", "profile_id", "--profile-id")
    },
    Question {
        also: &["sectigo_ssl_cert_validity", "sectigo_client_cert_validity"],
        ..question("term", "term", "--term")
    },
    question("allowed_domains", "allowed_domains", "--allowed-domains"),
    question("allow_subdomains", "allow_subdomains", "--allow-subdomains"),
    question(
        "allow_wildcards",
        "allow_wildcard_certificates",
        "--allow-wildcards",
    ),
    label("owner", "--owner"),
    label("team", "--team"),
    label("ticket", "--ticket"),
    Question {
        kind: AnswerKind::Notes,
        ..question("metadata", "metadata", "--metadata")
    },
    question("auto_renew", "sectigo_auto_renew", "--auto-renew"),
    question("expiry_window", "sectigo_expiry_window", "--expiry-window"),
    question("key_storage", "key_storage", "--key-storage"),
];

/// Answers that determine where and how to log in.
const LOGIN: [&str; 8] = [
    "base_url",
    "customer_uri",
    "ca_bundle",
    "auth_method",
    "user",
    "oauth2_client_id",
    "oauth2_token_url",
    "auth_certificate",
];

impl Answers {
    /// The answers of an unfinished run for this mount. Empty when there are none or they cannot be read.
    pub(super) fn recall(engine: &EngineClient) -> Self {
        let place = format!(
            "{} {} {}",
            engine.server().address(),
            engine.server().namespace().unwrap_or_default(),
            engine.mount()
        );
        let kept = state_file()
            .and_then(|path| std::fs::read_to_string(path).ok())
            .and_then(|text| serde_json::from_str::<Self>(&text).ok())
            .filter(|answers| answers.place == place);
        let mut answers = kept.unwrap_or(Self {
            place,
            ..Self::default()
        });
        answers.told = answers.given.keys().cloned().collect();
        answers
    }

    pub(super) fn forget() {
        if let Some(path) = state_file() {
            // Ignore the error: the file may not exist.
            let _ = std::fs::remove_file(path);
        }
    }

    /// Forgets the answers for another config.
    pub(super) fn begin_anew(&mut self) {
        self.given.clear();
        self.told.clear();
    }

    pub(super) fn is_empty(&self) -> bool {
        self.given.is_empty()
    }

    /// The answer, or else the value of the config.
    pub(super) fn get(&self, question: &str) -> Option<&str> {
        self.given
            .get(question)
            .or_else(|| self.stored.get(question))
            .map(String::as_str)
            .filter(|text| !text.is_empty())
    }

    /// Takes the answer that was given before the question was asked. It is used only once.
    pub(super) fn take_told(&mut self, question: &str) -> Option<String> {
        self.told
            .remove(question)
            .then(|| self.given.get(question).cloned().unwrap_or_default())
    }

    /// Keeps the present answer, so that the question is not asked again.
    pub(super) fn stand(&mut self, question: &str) {
        self.told.insert(question.to_owned());
    }

    /// Answers a question by a flag or a file.
    pub(super) fn tell(&mut self, question: &str, answer: &str) {
        self.told.insert(question.to_owned());
        self.given.insert(question.to_owned(), answer.to_owned());
    }

    /// Takes the answers of a file, which is JSON or TOML.
    pub(super) fn tell_file(&mut self, path: &Path) -> Result<(), CliError> {
        let text = text_of(path)?;
        let refuse = |why: &str| CliError::usage(format!("{}: {why}", path.display()));
        let all: Map<String, Value> = if text.trim_start().starts_with('{') {
            serde_json::from_str(&text).map_err(|_| refuse("is not JSON"))?
        } else {
            toml::from_str(&text).map_err(|_| refuse("is neither JSON nor TOML"))?
        };
        for (name, value) in &all {
            let known = name == "name" || QUESTIONS.iter().any(|question| question.name == name);
            if !known {
                let names: Vec<&str> = QUESTIONS.iter().map(|question| question.name).collect();
                return Err(refuse(&format!("{name} is not the name of a question"))
                    .hinted(format!("the questions are name, {}", names.join(", "))));
            }
            let text = match value {
                Value::Array(items) => items.iter().map(plain).collect::<Vec<_>>().join(","),
                other => plain(other),
            };
            self.tell(name, &text);
        }
        Ok(())
    }

    /// Remembers the values of the config.
    pub(super) fn store(&mut self, config: &Map<String, Value>) {
        self.stored.clear();
        for question in &QUESTIONS {
            let spellings = std::iter::once(&question.field).chain(question.also);
            let Some(value) = spellings.filter_map(|name| config.get(*name)).next() else {
                continue;
            };
            let text = match value {
                Value::Array(items) if question.kind == AnswerKind::Notes => {
                    notes_text(&stored_notes(items))
                }
                Value::Array(items) => items.iter().map(plain).collect::<Vec<_>>().join(","),
                other => plain(other),
            };
            let text = if question.kind == AnswerKind::File && !text.is_empty() {
                STORED.to_owned()
            } else {
                text
            };
            self.stored.insert(question.name.to_owned(), text);
        }
    }

    pub(super) fn is_change(&self) -> bool {
        !self.stored.is_empty()
    }

    /// Whether the secret must be given again: the config is new, or it logs in elsewhere or with another method.
    pub(super) fn needs_secret(&self) -> bool {
        !self.is_change()
            || LOGIN.iter().any(|question| {
                self.given.get(*question).is_some_and(|answer| {
                    self.stored.get(*question).map_or("", String::as_str) != answer
                })
            })
    }

    /// Stores an answer, and saves all answers at once, because the user may press Ctrl-C next.
    pub(super) fn set(&mut self, question: &str, answer: &str) {
        self.told.remove(question);
        self.given.insert(question.to_owned(), answer.to_owned());
        let Some(path) = state_file() else { return };
        let kept = path
            .parent()
            .is_some_and(|folder| std::fs::create_dir_all(folder).is_ok());
        if let (true, Ok(text)) = (kept, serde_json::to_vec_pretty(self)) {
            // Without the file the wizard still works, but cannot be resumed.
            let _ = write_new(&path, &text, Access::Owner, true);
        }
    }

    /// The answer for one of SCM's custom fields.
    pub(super) fn custom_field(&self, name: &str) -> Option<String> {
        let all: Map<String, Value> = serde_json::from_str(self.get("custom_fields")?).ok()?;
        Some(all.get(name)?.as_str()?.to_owned())
    }

    fn custom_fields(&self) -> Option<(&'static str, Value)> {
        let field = match self.get("type") {
            Some("client_cert") => "sectigo_client_cert_custom_fields",
            _ => "sectigo_ssl_cert_custom_fields",
        };
        Some((
            field,
            serde_json::from_str(self.get("custom_fields")?).ok()?,
        ))
    }

    /// The field for the login's secret.
    pub(super) fn secret_field(&self) -> &'static str {
        secret_field(self.get("auth_method"))
    }

    /// The fields to send: all answers that differ from the config. Files are read here.
    pub(super) fn fields(&self) -> Result<Map<String, Value>, CliError> {
        let mut fields = Map::new();
        for (question, answer) in self.answered() {
            let value = match question.kind {
                AnswerKind::Value => value(answer),
                AnswerKind::Text => answer.into(),
                AnswerKind::File => text_of(Path::new(answer))?.into(),
                AnswerKind::Notes => {
                    let notes = notes(answer);
                    let refuse = |why| CliError::usage(format!("{}: {why}", question.flag));
                    notes_object(&notes.map_err(refuse)?)
                }
            };
            fields.insert(question.field.to_owned(), value);
        }
        fields.extend(
            self.custom_fields()
                .map(|(field, value)| (field.to_owned(), value)),
        );
        Ok(fields)
    }

    fn answered(&self) -> impl Iterator<Item = (&'static Question, &str)> {
        QUESTIONS.iter().filter_map(|question| {
            let answer = self.given.get(question.name)?.as_str();
            let stored = self.stored.get(question.name).map_or("", String::as_str);
            (answer != stored && answer != STORED).then_some((question, answer))
        })
    }

    /// The fields and values for the summary, with the names of files.
    pub(super) fn shown(&self) -> Vec<(&'static str, String)> {
        self.answered()
            .map(|(question, answer)| (question.field, answer.to_owned()))
            .chain(
                self.custom_fields()
                    .map(|(field, value)| (field, value.to_string())),
            )
            .collect()
    }

    /// The parts of a `vault write` command with these fields.
    pub(super) fn server_command(&self, cli: &str, path: &str, secret: bool) -> Vec<String> {
        let fields = self
            .answered()
            .map(|(question, answer)| match question.kind {
                AnswerKind::File => format!("{}=@{}", question.field, quoted(answer)),
                AnswerKind::Notes => {
                    let notes = notes_object(&notes(answer).unwrap_or_default());
                    format!("{}={}", question.field, quoted(&notes.to_string()))
                }
                _ => format!("{}={}", question.field, quoted(answer)),
            });
        let custom = self
            .custom_fields()
            .map(|(field, value)| format!("{field}={}", quoted(&value.to_string())));
        let from_input = (secret && self.secret_field() != "auth_private_key")
            .then(|| format!("{}=-", self.secret_field()));
        [format!("{cli} write {path}")]
            .into_iter()
            .chain(fields)
            .chain(custom)
            .chain(from_input)
            .collect()
    }

    /// The parts of the equivalent `svpki config write` command.
    pub(super) fn command(&self, name: &str, secret: bool) -> Vec<String> {
        let flags = self.answered().flat_map(|(question, answer)| {
            let answers = match question.kind {
                AnswerKind::Notes => notes(answer)
                    .unwrap_or_default()
                    .iter()
                    .map(|(name, value)| format!("{name}={value}"))
                    .collect(),
                _ => vec![answer.to_owned()],
            };
            let answers = answers.into_iter();
            answers.map(|answer| format!("{} {}", question.flag, quoted(&answer)))
        });
        let custom = self
            .custom_fields()
            .map(|(field, value)| format!("--set {}", quoted(&format!("{field}={value}"))));
        let from_input = (secret && self.secret_field() != "auth_private_key")
            .then(|| "--password-stdin".to_owned());
        [format!("svpki config write {name}")]
            .into_iter()
            .chain(flags)
            .chain(custom)
            .chain(from_input)
            .collect()
    }
}

/// Stands for the content of a file that the config has.
pub(super) const STORED: &str = "as stored";

fn value(text: &str) -> Value {
    match text {
        "true" => Value::Bool(true),
        "false" => Value::Bool(false),
        _ => text
            .parse::<i64>()
            .map_or_else(|_| Value::from(text), Value::from),
    }
}

fn state_file() -> Option<PathBuf> {
    let strategy = etcetera::base_strategy::choose_base_strategy().ok()?;
    let state = strategy.state_dir().unwrap_or_else(|| strategy.data_dir());
    Some(state.join("svpki").join("wizard.json"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn answers(given: &[(&str, &str)]) -> Answers {
        Answers {
            given: given
                .iter()
                .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
                .collect(),
            ..Answers::default()
        }
    }

    #[test]
    fn answers_become_fields_and_a_command() {
        let answers = answers(&[
            ("org_id", "123"),
            ("auto_renew", "true"),
            ("user", "a b"),
            ("name", "web"),
            ("custom_fields", "{\"Cost Center\":\"47\"}"),
        ]);
        let fields = answers.fields().unwrap();
        assert_eq!(fields["sectigo_cm_org_id"], 123);
        assert_eq!(fields["sectigo_auto_renew"], true);
        assert!(!fields.contains_key("name"));
        assert_eq!(
            fields["sectigo_ssl_cert_custom_fields"]["Cost Center"],
            "47"
        );
        assert_eq!(answers.custom_field("Cost Center").as_deref(), Some("47"));
        assert_eq!(
            answers.command("web", true).join(" "),
            "svpki config write web --user 'a b' --org-id 123 --auto-renew true --set 'sectigo_ssl_cert_custom_fields={\"Cost Center\":\"47\"}' --password-stdin"
        );
    }

    #[test]
    fn labels_become_fields_and_flags_as_they_were_typed() {
        let labels = [
            ("owner", "007"),
            ("ticket", "4711"),
            ("metadata", "Stage=test, Cost=Doe, Jane"),
        ];
        let mut answers = answers(&labels);
        let fields = json!({
            "owner": "007", "ticket": "4711",
            "metadata": {"Stage": "test", "Cost": "Doe, Jane"},
        });
        assert_eq!(Value::Object(answers.fields().unwrap()), fields);
        assert_eq!(
            answers.command("web", false).join(" "),
            "svpki config write web --owner 007 --ticket 4711 --metadata 'Stage=test' --metadata 'Cost=Doe, Jane'"
        );
        let command = answers.server_command("bao", "pki/configs/web", false);
        let notes = "metadata='{\"Stage\":\"test\",\"Cost\":\"Doe, Jane\"}'".to_owned();
        assert!(command.contains(&notes), "{command:?}");
        let config = json!({"metadata": [{"name": "Stage", "value": "test"}]});
        answers.given.clear();
        answers.store(config.as_object().unwrap());
        assert_eq!(answers.get("metadata"), Some("Stage=test"));
    }

    #[test]
    fn enter_keeps_what_the_config_holds() {
        let mut answers = answers(&[("profile_id", "52"), ("term", "90"), ("user", "api")]);
        let config = json!({
            "sectigo_ssl_cert_type": 52, "sectigo_ssl_cert_validity": 199, "sectigo_cm_user": "api",
            "ca_bundle": "-----BEGIN CERTIFICATE-----", "allowed_domains": ["a.example", "b.example"],
        });
        answers.store(config.as_object().unwrap());
        assert_eq!(answers.get("allowed_domains"), Some("a.example,b.example"));
        assert_eq!(answers.get("ca_bundle"), Some(STORED));
        let sent = answers.fields().unwrap();
        assert_eq!(Value::Object(sent), json!({"term": 90}));
        assert!(!answers.needs_secret());
        answers.given.insert("user".into(), "other".into());
        assert!(answers.needs_secret());
    }
}

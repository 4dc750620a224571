//! What the person has answered so far: kept in a file of the user's state folder, without secrets.

use std::collections::BTreeMap;
use std::path::PathBuf;

use etcetera::BaseStrategy;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::super::files::{Access, write_new};
use super::quoted;
use vault_client::EngineClient;

/// By question; see [`FIELDS`] for those that become fields.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Answers {
    /// Server and mount that they were given for: answers for one are no answers for another.
    place: String,
    given: BTreeMap<String, String>,
}

/// Question, field of the config, flag of `svpki config write`.
const FIELDS: [(&str, &str, &str); 9] = [
    ("type", "sectigo_config_type", "--type"),
    ("base_url", "sectigo_cm_base_url", "--base-url"),
    ("customer_uri", "sectigo_cm_uri", "--customer-uri"),
    ("user", "sectigo_cm_user", "--user"),
    ("org_id", "sectigo_cm_org_id", "--org-id"),
    ("profile_id", "profile_id", "--profile-id"),
    ("term", "term", "--term"),
    ("auto_renew", "sectigo_auto_renew", "--auto-renew"),
    ("expiry_window", "sectigo_expiry_window", "--expiry-window"),
];

impl Answers {
    /// Those of an unfinished run for this mount; none when there are none, or they cannot be read.
    pub(super) fn recall(engine: &EngineClient) -> Self {
        let place = format!(
            "{} {} {}",
            engine.server().address(),
            engine.server().namespace().unwrap_or_default(),
            engine.mount()
        );
        let kept = file()
            .and_then(|path| std::fs::read_to_string(path).ok())
            .and_then(|text| serde_json::from_str::<Self>(&text).ok())
            .filter(|answers| answers.place == place);
        kept.unwrap_or(Self {
            place,
            given: BTreeMap::new(),
        })
    }

    pub(super) fn forget() {
        if let Some(path) = file() {
            // What is not there is forgotten already.
            let _ = std::fs::remove_file(path);
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.given.is_empty()
    }

    pub(super) fn get(&self, question: &str) -> Option<&str> {
        self.given
            .get(question)
            .map(String::as_str)
            .filter(|text| !text.is_empty())
    }

    /// Takes an answer, and keeps all at once: the next thing may be Ctrl-C.
    pub(super) fn set(&mut self, question: &str, answer: &str) {
        self.given.insert(question.to_owned(), answer.to_owned());
        let Some(path) = file() else { return };
        let kept = path
            .parent()
            .is_some_and(|folder| std::fs::create_dir_all(folder).is_ok());
        if let (true, Ok(text)) = (kept, serde_json::to_vec_pretty(self)) {
            // Without it the wizard still works; it only cannot resume.
            let _ = write_new(&path, &text, Access::Owner, true);
        }
    }

    /// An answer about one of SCM's own fields.
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

    /// The config's fields, numbers as numbers.
    pub(super) fn fields(&self) -> Map<String, Value> {
        let custom = self.custom_fields();
        FIELDS
            .iter()
            .filter_map(|(question, field, _)| {
                Some(((*field).to_owned(), value(self.get(question)?)))
            })
            .chain(custom.map(|(field, value)| (field.to_owned(), value)))
            .collect()
    }

    /// `svpki config write` that does the same, in parts that belong together.
    pub(super) fn command(&self, name: &str) -> Vec<String> {
        let flags = FIELDS.iter().filter_map(|(question, _, flag)| {
            Some(format!("{flag} {}", quoted(self.get(question)?)))
        });
        let custom = self
            .custom_fields()
            .map(|(field, value)| format!("--set {}", quoted(&format!("{field}={value}"))));
        [format!("svpki config write {name}")]
            .into_iter()
            .chain(flags)
            .chain(custom)
            .chain(["--password-stdin".to_owned()])
            .collect()
    }
}

fn value(text: &str) -> Value {
    match text {
        "true" => Value::Bool(true),
        "false" => Value::Bool(false),
        _ => text
            .parse::<i64>()
            .map_or_else(|_| Value::from(text), Value::from),
    }
}

fn file() -> Option<PathBuf> {
    let strategy = etcetera::base_strategy::choose_base_strategy().ok()?;
    let state = strategy.state_dir().unwrap_or_else(|| strategy.data_dir());
    Some(state.join("svpki").join("wizard.json"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_become_fields_and_a_command() {
        let given = [
            ("org_id", "123"),
            ("auto_renew", "true"),
            ("user", "a b"),
            ("name", "web"),
            ("custom_fields", "{\"Cost Center\":\"47\"}"),
        ];
        let answers = Answers {
            place: String::new(),
            given: given
                .iter()
                .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
                .collect(),
        };
        let fields = answers.fields();
        assert_eq!(fields["sectigo_cm_org_id"], 123);
        assert_eq!(fields["sectigo_auto_renew"], true);
        assert!(!fields.contains_key("name"));
        assert_eq!(
            fields["sectigo_ssl_cert_custom_fields"]["Cost Center"],
            "47"
        );
        assert_eq!(answers.custom_field("Cost Center").as_deref(), Some("47"));
        assert_eq!(
            answers.command("web").join(" "),
            "svpki config write web --user 'a b' --org-id 123 --auto-renew true --set 'sectigo_ssl_cert_custom_fields={\"Cost Center\":\"47\"}' --password-stdin"
        );
    }
}

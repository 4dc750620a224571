//! What the simulator remembers about calls: their log and counts, the counters of the rules, and the tokens that it
//! gave out. None of this is in the state file.

use std::collections::{BTreeMap, HashMap, VecDeque};

use axum::body::Bytes;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::settings::{Effects, Rule};

const LONGEST_LOG: usize = 10_000;
const LONGEST_LOGGED_BODY: usize = 64 * 1024;

#[derive(Default)]
pub struct CallLog {
    calls: VecDeque<LoggedCall>,
    calls_seen: u64,
    pub counters: BTreeMap<String, u64>,
    rule_counts: Vec<u64>,
    tokens: HashMap<String, Token>,
}

/// A call as the log shows it.
pub struct LoggedCall {
    pub number: u64,
    pub at: Timestamp,
    pub call: &'static str,
    pub method: String,
    pub path: String,
    pub query: String,
    pub login: Option<String>,
    pub body: Bytes,
    /// `None` if the connection ended without an answer.
    pub status: Option<u16>,
    pub error: Option<String>,
    pub rules: Vec<String>,
}

#[derive(Debug, Clone)]
struct Token {
    login: String,
    expires: Timestamp,
}

impl CallLog {
    pub fn new(rules: usize) -> Self {
        Self {
            rule_counts: vec![0; rules],
            ..Self::default()
        }
    }

    /// Resets the counters of the rules, for another scenario.
    pub fn restart_rules(&mut self, rules: usize) {
        self.rule_counts = vec![0; rules];
    }

    /// Adds counters for rules that are put before the others; the others keep their counts.
    pub fn add_rules_in_front(&mut self, count: usize) {
        self.rule_counts.splice(0..0, std::iter::repeat_n(0, count));
    }

    /// The combined effects of all rules that apply to this call, and the names of the rules.
    pub fn consult(
        &mut self,
        rules: &[Rule],
        call: &str,
        profile: Option<u32>,
        common_name: Option<&str>,
    ) -> (Effects, Vec<String>) {
        let mut effects = Effects::default();
        let mut names = Vec::new();
        for (index, rule) in rules.iter().enumerate() {
            if !rule.meets(call, profile, common_name) {
                continue;
            }
            let Some(count) = self.rule_counts.get_mut(index) else {
                continue;
            };
            *count += 1;
            if rule.chooses(*count) {
                effects = effects.or(&rule.effects);
                names.push(
                    rule.name
                        .clone()
                        .unwrap_or_else(|| format!("rule {}", index + 1)),
                );
            }
        }
        (effects, names)
    }

    pub fn log(&mut self, mut call: LoggedCall) {
        self.calls_seen += 1;
        call.number = self.calls_seen;
        if call.body.len() > LONGEST_LOGGED_BODY {
            call.body = Bytes::from_static(b"\"(too long for the log)\"");
        }
        *self.counters.entry(call.call.to_owned()).or_default() += 1;
        if self.calls.len() == LONGEST_LOG {
            self.calls.pop_front();
        }
        self.calls.push_back(call);
    }

    /// The calls, oldest first.
    pub fn calls(&self) -> impl DoubleEndedIterator<Item = &LoggedCall> {
        self.calls.iter()
    }

    pub fn forget_calls(&mut self) {
        self.calls.clear();
        self.counters.clear();
    }

    pub fn give_token(&mut self, token: String, login: String, expires: Timestamp) {
        self.tokens.insert(token, Token { login, expires });
    }

    pub fn token_login(&self, token: &str, now: Timestamp) -> Option<&str> {
        self.tokens
            .get(token)
            .filter(|token| token.expires > now)
            .map(|token| token.login.as_str())
    }

    pub fn revoke_token(&mut self, token: &str) {
        self.tokens.remove(token);
    }
}

impl LoggedCall {
    pub fn to_json(&self) -> Value {
        json!({
            "number": self.number,
            "at": self.at.to_string(),
            "call": self.call,
            "method": self.method,
            "path": self.path,
            "query": self.query,
            "login": self.login,
            "status": self.status,
            "error": self.error,
            "rules": self.rules,
            "body": shown_body(&self.body),
        })
    }
}

/// The body as JSON, without passwords and secrets. If it is not JSON, only its length is shown, because a form
/// contains a client secret.
fn shown_body(body: &[u8]) -> Value {
    if body.is_empty() {
        return Value::Null;
    }
    match serde_json::from_slice(body) {
        Ok(value) => without_secrets(value),
        Err(_) => Value::String(format!("({} bytes that are not JSON)", body.len())),
    }
}

fn without_secrets(value: Value) -> Value {
    match value {
        Value::Object(members) => members
            .into_iter()
            .map(|(name, value)| {
                let lower = name.to_lowercase();
                let secret = ["pass", "secret", "token", "privatekey"]
                    .iter()
                    .any(|word| lower.contains(word));
                let shown = if secret {
                    Value::String("(not shown)".to_owned())
                } else {
                    without_secrets(value)
                };
                (name, shown)
            })
            .collect(),
        Value::Array(items) => items.into_iter().map(without_secrets).collect(),
        plain => plain,
    }
}

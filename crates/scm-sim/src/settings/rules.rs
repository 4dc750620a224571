//! The rules of a scenario: to which calls they apply, and what they change in the answer or in the order.

use serde::{Deserialize, Serialize};

use super::{NotReady, Span};

/// Calls that start work at the CA. A rule without `call` whose effects only concern orders applies to these.
const ORDERING_CALLS: &[&str] = &[
    "enroll",
    "renew",
    "replace",
    "client_enroll",
    "client_renew",
    "client_replace",
];

/// All given matchers must match. Then `nth`, `first`, `after` and `every` select among the matching calls, which are
/// counted from 1 for each rule. All rules that apply to a call are combined; if two set the same effect, the earlier
/// rule wins.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Rule {
    /// The name of the rule in the log of calls.
    pub name: Option<String>,
    /// The names of calls, such as `enroll`, `collect`, `client_*`; `*` stands for any text.
    pub call: Option<OneOrMany<String>>,
    pub profile: Option<OneOrMany<u32>>,
    /// The common name (or e-mail address); `*` stands for any text, and case is ignored.
    pub common_name: Option<String>,
    pub nth: Option<OneOrMany<u64>>,
    pub first: Option<u64>,
    pub after: Option<u64>,
    pub every: Option<u64>,
    #[serde(flatten)]
    pub effects: Effects,
}

/// The effects of a rule. The first group changes an order when it is placed, the second the answer to the present
/// call.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Effects {
    /// How long the CA takes.
    pub delay: Option<Span>,
    /// How many calls (collect or details) still find the order unfinished.
    pub polls: Option<u32>,
    /// The order waits for approval.
    pub approval: Option<bool>,
    /// The order is approved automatically after this time.
    pub approve_after: Option<Span>,
    /// The order is declined automatically after this time.
    pub decline_after: Option<Span>,
    /// The CA rejects the order when its work is done.
    pub reject: Option<bool>,
    pub dcv: Option<Dcv>,
    /// In an ordering call: how collect answers "not ready" for this order. In collect: the answer to this call,
    /// whether issued or not.
    pub not_ready: Option<NotReady>,
    /// Somebody revokes the certificate in the portal this long after its issue.
    pub revoke_outside_after: Option<Span>,
    /// Somebody replaces the certificate with a key of his own this long after its issue.
    pub replace_outside_after: Option<Span>,
    /// Shown instead of the actual status until the order is issued, to test other spellings and future statuses.
    pub show_status: Option<String>,

    /// The HTTP status of a front proxy's answer; SCM does not see the call.
    pub status: Option<u16>,
    /// The text of the proxy's answer.
    pub body: Option<String>,
    /// The `Content-Type` of the proxy's answer.
    pub content_type: Option<String>,
    /// Sends the text of the proxy's answer as an HTML page.
    pub html: Option<bool>,
    /// `Retry-After` in seconds.
    pub retry_after: Option<u32>,
    /// SCM answers with this error instead of executing the call.
    pub error: Option<ErrorAnswer>,
    /// The answer is delayed by this time; the call is executed at once.
    pub slow: Option<Span>,
    /// The body, and with it the connection, ends after this many bytes.
    pub truncate: Option<usize>,
    /// The connection ends without an answer.
    pub drop: Option<Drop>,
    /// The connection is closed after this answer without announcing it: the next call on it gets no answer.
    pub abandon_connection: Option<bool>,
    /// Answers 401, as if the bearer token had just expired.
    pub expire_token: Option<bool>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ErrorAnswer {
    pub status: Option<u16>,
    pub code: i64,
    pub description: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Dcv {
    /// The order stays open until the domain is validated.
    Pending,
    /// Enroll is refused (-1137).
    Refuse,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Drop {
    /// The call is not executed.
    Before,
    /// The call is executed; only the answer is lost.
    After,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum OneOrMany<T> {
    One(T),
    Many(Vec<T>),
}

impl<T> OneOrMany<T> {
    fn as_slice(&self) -> &[T] {
        match self {
            Self::One(one) => std::slice::from_ref(one),
            Self::Many(many) => many,
        }
    }
}

impl Rule {
    /// Whether this rule counts the call.
    pub fn meets(&self, call: &str, profile: Option<u32>, common_name: Option<&str>) -> bool {
        let call_met = match &self.call {
            Some(calls) => calls.as_slice().iter().any(|glob| glob_matches(glob, call)),
            None => self.effects.shape_answers() || ORDERING_CALLS.contains(&call),
        };
        let profile_met = self.profile.as_ref().is_none_or(|profiles| {
            profile.is_some_and(|profile| profiles.as_slice().contains(&profile))
        });
        let name_met = self
            .common_name
            .as_ref()
            .is_none_or(|glob| common_name.is_some_and(|name| glob_matches(glob, name)));
        call_met && profile_met && name_met
    }

    /// Whether the rule applies to the `count`th of the calls that it counts (from 1).
    pub fn chooses(&self, count: u64) -> bool {
        self.nth
            .as_ref()
            .is_none_or(|nth| nth.as_slice().contains(&count))
            && self.first.is_none_or(|first| count <= first)
            && self.after.is_none_or(|after| count > after)
            && self.every.is_none_or(|every| count.is_multiple_of(every))
    }
}

impl Effects {
    /// Adds the effects of `later` that are not set. The effects that replace the answer belong together: they are
    /// never mixed from two rules.
    pub fn or(self, later: &Self) -> Self {
        let mut later = later.clone();
        if self.status.is_some() || self.drop.is_some() || self.error.is_some() {
            later.status = None;
            later.drop = None;
            later.error = None;
            later.body = None;
            later.content_type = None;
            later.html = None;
            later.retry_after = None;
        }
        Self {
            delay: self.delay.or(later.delay),
            polls: self.polls.or(later.polls),
            approval: self.approval.or(later.approval),
            approve_after: self.approve_after.or(later.approve_after),
            decline_after: self.decline_after.or(later.decline_after),
            reject: self.reject.or(later.reject),
            dcv: self.dcv.or(later.dcv),
            not_ready: self.not_ready.or(later.not_ready),
            revoke_outside_after: self.revoke_outside_after.or(later.revoke_outside_after),
            replace_outside_after: self.replace_outside_after.or(later.replace_outside_after),
            show_status: self.show_status.or(later.show_status),
            status: self.status.or(later.status),
            body: self.body.or(later.body),
            content_type: self.content_type.or(later.content_type),
            html: self.html.or(later.html),
            retry_after: self.retry_after.or(later.retry_after),
            error: self.error.or(later.error),
            slow: self.slow.or(later.slow),
            truncate: self.truncate.or(later.truncate),
            drop: self.drop.or(later.drop),
            abandon_connection: self.abandon_connection.or(later.abandon_connection),
            expire_token: self.expire_token.or(later.expire_token),
        }
    }

    fn shape_answers(&self) -> bool {
        self.status.is_some()
            || self.error.is_some()
            || self.slow.is_some()
            || self.truncate.is_some()
            || self.drop.is_some()
            || self.abandon_connection.is_some()
            || self.expire_token.is_some()
    }
}

/// `*` stands for any text; case is ignored.
fn glob_matches(glob: &str, text: &str) -> bool {
    let glob = glob.to_lowercase();
    let text = text.to_lowercase();
    let mut parts = glob.split('*');
    let Some(mut rest) = parts.next().and_then(|start| text.strip_prefix(start)) else {
        return false;
    };
    let Some(mut end) = parts.next() else {
        return rest.is_empty();
    };
    for part in parts {
        match rest.find(end) {
            Some(at) => rest = &rest[at + end.len()..],
            None => return false,
        }
        end = part;
    }
    rest.ends_with(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_stand_for_any_text() {
        for (glob, text, met) in [
            ("*", "", true),
            ("*.slow.example", "a.b.SLOW.example", true),
            ("*.slow.example", "slow.example", false),
            ("a*b*c", "a-b-b-c", true),
            ("a*b*c", "a-c-b", false),
            ("web", "web", true),
            ("web", "web1", false),
            ("ab*ba", "aba", false),
        ] {
            assert_eq!(glob_matches(glob, text), met, "{glob} on {text}");
        }
    }

    #[test]
    fn a_rule_that_shapes_orders_counts_only_ordering_calls() {
        let rule: Rule = toml::from_str("delay = '3s'\nnth = [2, 3]").unwrap();
        assert!(rule.meets("enroll", None, None));
        assert!(!rule.meets("collect", None, None));
        assert!(!rule.chooses(1) && rule.chooses(2) && rule.chooses(3) && !rule.chooses(4));
        let rule: Rule = toml::from_str("status = 503\nfirst = 1").unwrap();
        assert!(rule.meets("collect", None, None));
        assert!(rule.chooses(1) && !rule.chooses(2));
    }
}

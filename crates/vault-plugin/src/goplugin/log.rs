//! The plugin's log: lines of JSON on standard error, as go-plugin hosts read them.
//!
//! A line that looks like JSON but is not in the expected form ends the host process. So this module has the only
//! writer to standard error, also for panics. Write errors are ignored, because they mean that the host is gone.

use std::fmt::{self, Write as _};
use std::io::Write as _;
use std::panic::PanicHookInfo;

use serde_json::{Map, Value};
use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::{Event, Level, Metadata, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;

/// The host cuts lines at 64 KiB, and would read the rest as a separate line.
const LONGEST_LINE: usize = 60 * 1024;
/// A byte can become six bytes in JSON.
const LONGEST_TEXT: usize = 8 * 1024;

/// From now on sends the log and the panics of this process to the host. `level` applies to `crates`.
pub(super) fn start(level: LevelFilter, crates: &'static [&'static str]) {
    let subscriber = tracing_subscriber::registry().with(HostLog { level, crates });
    // Only tests start a second log in one process.
    let _ = tracing::subscriber::set_global_default(subscriber);
    std::panic::set_hook(Box::new(|panic| write_line(&panic_line(panic))));
}

/// The level in the first variable that is set. If none is set, everything except traces is sent, and the host
/// filters.
pub(super) fn level(names: &[&str], variable: impl Fn(&str) -> Option<String>) -> LevelFilter {
    let named = names.iter().find_map(|name| variable(name));
    match named
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase()
        .as_str()
    {
        "trace" => LevelFilter::TRACE,
        "info" | "notice" => LevelFilter::INFO,
        "warn" | "warning" => LevelFilter::WARN,
        "err" | "error" => LevelFilter::ERROR,
        "off" => LevelFilter::OFF,
        _ => LevelFilter::DEBUG,
    }
}

/// Writes plain text for a person, if there is no host.
pub(super) fn explain(text: &str) {
    write_line(text);
}

/// Writes one error line before the log is started.
pub(super) fn error(text: &str) {
    write_line(&line(Level::ERROR, "", text, Map::new()));
}

/// The only writer to standard error.
fn write_line(text: &str) {
    let mut bytes = Vec::with_capacity(text.len() + 1);
    bytes.extend_from_slice(text.as_bytes());
    bytes.push(b'\n');
    // Standard error is locked for the whole line. A failure cannot be reported to anyone.
    let _ = std::io::stderr().lock().write_all(&bytes);
}

fn panic_line(panic: &PanicHookInfo<'_>) -> String {
    // A formatted message may contain user data or a secret; a message that is a literal in the source cannot.
    let what = panic.payload().downcast_ref::<&str>();
    let text = format!("panic: {}", what.unwrap_or(&"(message withheld)"));
    let mut fields = Map::new();
    if let Some(location) = panic.location() {
        fields.insert("at".into(), location.to_string().into());
    }
    line(Level::ERROR, module_path!(), &text, fields)
}

fn line(level: Level, module: &str, message: &str, fields: Map<String, Value>) -> String {
    let head = [
        ("@level", level.as_str().to_ascii_lowercase()),
        ("@message", clip(message).into_owned()),
        ("@module", module.to_owned()),
        ("@timestamp", timestamp(jiff::Timestamp::now())),
    ];
    let mut line: Map<String, Value> = head
        .into_iter()
        .map(|(name, value)| (name.to_owned(), Value::String(value)))
        .collect();
    let without_fields = line.clone();
    for (name, value) in fields {
        // Names with `@` are reserved for the host.
        line.insert(name.trim_start_matches('@').to_owned(), value);
    }
    let whole = Value::Object(line).to_string();
    if whole.len() <= LONGEST_LINE {
        whole
    } else {
        Value::Object(without_fields).to_string()
    }
}

fn timestamp(now: jiff::Timestamp) -> String {
    now.strftime("%Y-%m-%dT%H:%M:%S.%6fZ").to_string()
}

fn clip(text: &str) -> std::borrow::Cow<'_, str> {
    if text.len() <= LONGEST_TEXT {
        return text.into();
    }
    let mut end = LONGEST_TEXT;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}… ({} bytes in all)", &text[..end], text.len()).into()
}

struct HostLog {
    level: LevelFilter,
    crates: &'static [&'static str],
}

impl HostLog {
    /// Other libraries log only warnings and errors.
    fn wants(&self, metadata: &Metadata<'_>) -> bool {
        let source = metadata.target().split("::").next().unwrap_or_default();
        let ours = source == env!("CARGO_CRATE_NAME") || self.crates.contains(&source);
        let limit = if ours {
            self.level
        } else {
            self.level.min(LevelFilter::WARN)
        };
        *metadata.level() <= limit
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for HostLog {
    fn enabled(&self, metadata: &Metadata<'_>, _: Context<'_, S>) -> bool {
        self.wants(metadata)
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(self.level)
    }

    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        write_line(&event_line(event));
    }
}

fn event_line(event: &Event<'_>) -> String {
    let mut fields = Fields::default();
    event.record(&mut fields);
    let metadata = event.metadata();
    line(
        *metadata.level(),
        metadata.target(),
        &fields.message,
        fields.others,
    )
}

#[derive(Default)]
struct Fields {
    message: String,
    others: Map<String, Value>,
}

impl Fields {
    fn text(&mut self, field: &Field, text: &str) {
        if field.name() == "message" {
            self.message = text.to_owned();
        } else {
            self.others
                .insert(field.name().to_owned(), clip(text).into());
        }
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let mut text = String::new();
        // Writing to a string fails only if the value's own `Debug` fails.
        let _ = write!(text, "{value:?}");
        self.text(field, &text);
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.text(field, value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.others.insert(field.name().to_owned(), value.into());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.others.insert(field.name().to_owned(), value.into());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.others.insert(field.name().to_owned(), value.into());
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use proptest::prelude::*;

    use super::*;

    /// Keeps the lines instead of printing them.
    #[derive(Clone, Default)]
    struct Kept(Arc<Mutex<Vec<String>>>);

    impl<S: Subscriber> Layer<S> for Kept {
        fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
            self.0.lock().unwrap().push(event_line(event));
        }
    }

    fn lines(say: impl FnOnce()) -> Vec<String> {
        let kept = Kept::default();
        tracing::subscriber::with_default(tracing_subscriber::registry().with(kept.clone()), say);
        let lines = kept.0.lock().unwrap();
        lines.clone()
    }

    /// Checks the form of a line, without which the host would end.
    fn check(line: &str) -> Map<String, Value> {
        assert!(!line.contains('\n'), "one line");
        assert!(line.len() < 64 * 1024, "{} bytes", line.len());
        let parsed: Map<String, Value> = serde_json::from_str(line).unwrap();
        for name in ["@message", "@level", "@timestamp"] {
            assert!(parsed[name].is_string(), "{name} in {line}");
        }
        parsed
    }

    #[test]
    fn a_line_carries_level_text_and_fields() {
        let said =
            lines(|| tracing::warn!(count = 3, ok = true, name = "x", "three {}", "of them"));
        let line = check(&said[0]);
        assert_eq!(line["@level"], "warn");
        assert_eq!(line["@message"], "three of them");
        assert_eq!((&line["count"], &line["ok"]), (&3.into(), &true.into()));
        assert_eq!(line["name"], "x");
    }

    #[test]
    fn a_timestamp_has_six_digits_even_on_the_full_second() {
        let second: jiff::Timestamp = "2026-01-02T03:04:05Z".parse().unwrap();
        assert_eq!(timestamp(second), "2026-01-02T03:04:05.000000Z");
        let fine: jiff::Timestamp = "2026-01-02T03:04:05.123456789Z".parse().unwrap();
        assert_eq!(timestamp(fine), "2026-01-02T03:04:05.123456Z");
    }

    #[test]
    fn fields_cannot_pose_as_the_hosts_own() {
        let said =
            lines(|| tracing::info!("@level" = 5, "@message" = 7, "@timestamp" = false, "x"));
        let line = check(&said[0]);
        assert_eq!(line["@level"], "info");
        assert_eq!(line["@message"], "x");
    }

    #[test]
    fn a_message_that_is_a_number_becomes_text() {
        check(&lines(|| tracing::info!(message = 5))[0]);
        check(&lines(|| tracing::info!(message = true))[0]);
        check(&lines(|| tracing::info!(count = 1))[0]);
    }

    #[test]
    fn long_texts_and_many_fields_stay_below_the_hosts_limit() {
        let long = "\u{1}é".repeat(100_000);
        check(&lines(|| tracing::info!("{long}"))[0]);
        let line = &lines(|| {
            tracing::info!(a = %long, b = %long, c = %long, d = %long, e = ?long, "{long}");
        })[0];
        assert!(
            check(line)["@message"]
                .as_str()
                .unwrap()
                .contains("bytes in all")
        );
    }

    proptest! {
        #[test]
        fn no_text_breaks_the_line(text in any::<String>(), other in "\\PC*|.*\n\\{\"@message\": 5\\}.*") {
            for line in lines(|| tracing::error!(value = %other, "{text}")) {
                let parsed = check(&line);
                prop_assert_eq!(parsed["@message"].as_str(), Some(text.as_str()));
                prop_assert_eq!(parsed["value"].as_str(), Some(other.as_str()));
            }
        }
    }

    #[test]
    fn the_first_variable_present_names_the_level_even_when_empty() {
        let names = ["BAO_LOG_LEVEL", "VAULT_LOG_LEVEL"];
        let with = |variables: &[(&str, &str)]| {
            level(&names, |name| {
                let found = variables.iter().find(|(n, _)| *n == name);
                found.map(|(_, value)| (*value).to_owned())
            })
        };
        assert_eq!(with(&[]), LevelFilter::DEBUG);
        assert_eq!(with(&[("VAULT_LOG_LEVEL", "Error")]), LevelFilter::ERROR);
        let both = [("BAO_LOG_LEVEL", "trace"), ("VAULT_LOG_LEVEL", "error")];
        assert_eq!(with(&both), LevelFilter::TRACE);
        let empty = [("BAO_LOG_LEVEL", ""), ("VAULT_LOG_LEVEL", "error")];
        assert_eq!(with(&empty), LevelFilter::DEBUG);
    }
}

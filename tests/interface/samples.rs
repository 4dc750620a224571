//! The files of `examples/sample_json_data`, filled in.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value;

/// The folder of the samples.
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/sample_json_data")
}

/// Every sample by its path below [`folder`].
pub fn names() -> Vec<String> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder()).unwrap() {
        let kind = entry.unwrap();
        for file in std::fs::read_dir(kind.path()).unwrap() {
            let file = file.unwrap().file_name().into_string().unwrap();
            names.push(format!("{}/{file}", kind.file_name().to_string_lossy()));
        }
    }
    names.sort();
    names
}

/// What stands for the placeholders.
pub struct Account(pub BTreeMap<&'static str, String>);

impl Account {
    /// The sample's text, with nothing left to fill in.
    pub fn fill(&self, name: &str) -> String {
        let mut text = std::fs::read_to_string(folder().join(name)).expect(name);
        for (placeholder, value) in &self.0 {
            let quoted = Value::from(value.as_str()).to_string();
            text = text.replace(&format!("${{{placeholder}}}"), quoted.trim_matches('"'));
        }
        assert!(!text.contains("${"), "{name} has another placeholder");
        text
    }
}

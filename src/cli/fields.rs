//! Fields for a write, from flags, from `--set FIELD=VALUE`, and from a request file in the format of the documented
//! plugin. Secrets come from standard input, a file or a prompt.

use std::io::Read;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use super::{CliError, Context, secret_from_file, secret_from_stdin};
use svpki_types::Secret;

/// Flags of every verb that sends fields to the engine.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct FieldArgs {
    /// Any other field of the path; see `svpki … --help` and `vault path-help`
    #[arg(long = "set", value_name = "FIELD=VALUE")]
    pub set: Vec<String>,
    /// A JSON file of fields, such as the documented plugin's request files; `-` is standard input
    #[arg(long = "file", short = 'f', value_name = "FILE")]
    pub file: Option<PathBuf>,
}

/// Where a secret comes from.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct SecretArgs {
    /// Read the password from standard input
    #[arg(long, conflicts_with = "password_file")]
    pub password_stdin: bool,
    /// Read the password from a file
    #[arg(long, value_name = "FILE")]
    pub password_file: Option<PathBuf>,
}

impl FieldArgs {
    /// The fields of the file, overlaid by those of `--set`.
    pub fn read(&self) -> Result<Map<String, Value>, CliError> {
        let mut fields = match &self.file {
            Some(path) => fields_of_file(path)?,
            None => Map::new(),
        };
        for pair in &self.set {
            let Some((name, value)) = pair.split_once('=') else {
                return Err(CliError::usage(format!(
                    "--set {name}: write FIELD=VALUE",
                    name = cut_value(pair)
                )));
            };
            let name = name.trim();
            if is_secret(name) {
                return Err(CliError::usage(format!(
                    "--set {name}: a secret cannot be a flag's value"
                ))
                .hinted(
                    "put it into a file of fields: --file FILE, or --file - for standard input",
                ));
            }
            fields.insert(name.to_owned(), value_of(value));
        }
        Ok(fields)
    }
}

impl SecretArgs {
    pub fn is_given(&self) -> bool {
        self.password_stdin || self.password_file.is_some()
    }

    /// Reads the secret from where the flags say, or else from a prompt.
    pub fn read(&self, context: &Context, question: &str) -> Result<Secret, CliError> {
        if self.password_stdin {
            return secret_from_stdin();
        }
        match &self.password_file {
            Some(path) => secret_from_file(path),
            None => context
                .ui
                .ask_secret(question, "--password-stdin or --password-file"),
        }
    }
}

/// Sets a field unless the value is `None`. A flag thus overrides the field of a file.
pub fn put(fields: &mut Map<String, Value>, name: &str, value: Option<impl Into<Value>>) {
    if let Some(value) = value {
        fields.insert(name.to_owned(), value.into());
    }
}

/// The whole text of a file, such as a CSR; `-` is standard input.
pub fn text_of(path: &Path) -> Result<String, CliError> {
    if path == Path::new("-") {
        let mut text = String::new();
        std::io::stdin().lock().read_to_string(&mut text)?;
        return Ok(text);
    }
    std::fs::read_to_string(path).map_err(|why| CliError::named_file(path, &why))
}

/// The text of a CSR. A file with a private key is refused here, before it leaves this machine.
pub fn csr_of(path: &Path) -> Result<String, CliError> {
    let text = zeroize::Zeroizing::new(text_of(path)?);
    if text.contains("PRIVATE KEY-----") {
        return Err(CliError::usage(format!(
            "{}: holds a private key, which was not sent",
            path.display()
        ))
        .hinted("make a certificate request from it: openssl req -new -key FILE -out FILE.csr"));
    }
    Ok(text.to_string())
}

/// Whether the engine uses this name for a secret.
pub fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    [
        "password",
        "secret",
        "private_key",
        "client_key",
        "token",
        "passphrase",
    ]
    .iter()
    .any(|word| name.contains(word))
        && !name.ends_with("_url")
}

fn fields_of_file(path: &Path) -> Result<Map<String, Value>, CliError> {
    let text = zeroize::Zeroizing::new(text_of(path)?);
    // The parser's message may quote the file, which may contain a password, so only the position is shown.
    let value = serde_json::from_str::<Value>(&text).map_err(|why| {
        CliError::usage(format!(
            "{}: no JSON at line {}, column {}",
            path.display(),
            why.line(),
            why.column()
        ))
    })?;
    match value {
        Value::Object(fields) => Ok(fields),
        _ => Err(CliError::usage(format!(
            "{}: holds no object of fields",
            path.display()
        ))),
    }
}

/// Parses a number, a boolean, or a JSON array or object. Everything else is text.
fn value_of(text: &str) -> Value {
    match serde_json::from_str::<Value>(text) {
        Ok(value @ (Value::Bool(_) | Value::Array(_) | Value::Object(_))) => value,
        Ok(Value::Number(number)) if number.to_string() == text => Value::Number(number),
        _ => Value::String(text.to_owned()),
    }
}

fn cut_value(pair: &str) -> String {
    pair.chars().take(40).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_keep_what_was_typed() {
        assert_eq!(value_of("51"), 51);
        assert_eq!(value_of("007"), "007");
        assert_eq!(value_of("true"), true);
        assert_eq!(value_of("P-256"), "P-256");
        assert_eq!(value_of("[\"a\"]"), serde_json::json!(["a"]));
    }

    #[test]
    fn a_secret_is_refused_and_not_repeated() {
        let args = FieldArgs {
            set: vec!["sectigo_cm_password=hunter2".into()],
            file: None,
        };
        let error = args.read().unwrap_err();
        assert!(!error.message.contains("hunter2"));
        assert_eq!(error.exit, crate::cli::Exit::Usage);
    }

    #[test]
    fn a_broken_file_is_not_quoted() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.json");
        std::fs::write(&path, "{\"sectigo_cm_password\": \"hunter2\", oops").unwrap();
        let args = FieldArgs {
            set: Vec::new(),
            file: Some(path),
        };
        assert!(!args.read().unwrap_err().message.contains("hunter2"));
    }
}

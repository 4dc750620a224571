//! Takes care of the private key of an order. The dashboard neither shows nor stores keys, so it orders only if Vault
//! stores them. If it finds out too late that Vault does not, it writes the key to a file rather than lose it.

use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use crate::tui::source::{Request, SourceError};
use vault_client::{EngineClient, InventoryQuery, Server, VaultErrorKind};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum KeyStorage {
    /// Vault stores the key, or there is none.
    Kept,
    /// The token may not read the config.
    Unknown,
}

/// Checks the config before an order is sent. If the config returns private keys only once, this one would be lost.
pub(super) async fn check(server: &Server, request: &Request) -> Result<KeyStorage, SourceError> {
    let (engine, config) = parts(server, request);
    match engine.config(config).await {
        Ok(answer)
            if answer
                .data
                .get("key_storage")
                .is_some_and(|kept| kept == "once") =>
        {
            Err(SourceError::Refused(handed_out_once(config, request)))
        }
        Err(error) if error.kind == VaultErrorKind::Denied => Ok(KeyStorage::Unknown),
        // If there is no such config, the order itself will say so.
        Err(error) if error.kind == VaultErrorKind::NotFound => Ok(KeyStorage::Kept),
        Err(error) => Err(SourceError::Refused(format!(
            "nothing sent: whether config {config} keeps private keys could not be read: {error}"
        ))),
        Ok(_) => Ok(KeyStorage::Kept),
    }
}

/// Says why nothing is sent, and gives the complete `svpki` command that places the order and saves the key.
fn handed_out_once(config: &str, request: &Request) -> String {
    format!(
        "nothing sent: config {config} hands a private key out once, and the dashboard takes none; \
         from a shell: {} --key-out FILE",
        request.svpki()
    )
}

/// Writes the private key of an answer to a file if it is the only copy; returns what to say about it.
pub(super) async fn save_only_copy(
    server: &Server,
    request: &Request,
    answer: &Map<String, Value>,
) -> Option<String> {
    let key = answer
        .get("private_key")
        .and_then(Value::as_str)?
        .to_owned();
    let (engine, config) = parts(server, request);
    let id = answer
        .get("sectigo_cert_unique_id")
        .and_then(Value::as_str)
        .unwrap_or("certificate")
        .to_owned();
    let end = answer.get("expiration").and_then(Value::as_i64);
    if is_kept(&engine, config, &id, end).await {
        return None;
    }
    let written = tokio::task::spawn_blocking(move || write_key(Path::new(""), &id, &key)).await;
    Some(match written {
        Ok(Ok(path)) => format!(
            "Vault does not keep its private key: written to {}",
            path.display()
        ),
        Ok(Err(error)) => {
            format!("Vault does not keep its private key, and it could not be written: {error}")
        }
        Err(broken) => {
            format!("Vault does not keep its private key, and it could not be written: {broken}")
        }
    })
}

async fn is_kept(engine: &EngineClient, config: &str, id: &str, end: Option<i64>) -> bool {
    let moment = |by: i64| end.map(|end| (end + by).to_string()).unwrap_or_default();
    let query = InventoryQuery {
        config: config.to_owned(),
        q: id.to_owned(),
        expires_after: moment(-2),
        expires_before: moment(2),
        limit: 10,
        ..InventoryQuery::default()
    };
    engine.inventory(&query).await.is_ok_and(|answer| {
        answer
            .value
            .certificates
            .iter()
            .any(|row| row.id == id && row.has_key)
    })
}

/// Writes a new file that only its owner can read. No existing file is overwritten, and an ID cannot lead out of the
/// folder.
fn write_key(folder: &Path, id: &str, key: &str) -> std::io::Result<PathBuf> {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-');
    let name: String = id
        .chars()
        .map(|letter| if plain(letter) { letter } else { '_' })
        .collect();
    let mut n = 1;
    loop {
        let path = folder.join(match n {
            1 => format!("{name}.key"),
            n => format!("{name}.{n}.key"),
        });
        let opened = std::fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&path);
        match opened {
            Ok(mut file) => {
                file.write_all(key.as_bytes())?;
                file.sync_all()?;
                return Ok(path);
            }
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists && n < 100 => n += 1,
            Err(error) => return Err(error),
        }
    }
}

/// The engine and the config in the path of a request.
fn parts<'a>(server: &Server, request: &'a Request) -> (EngineClient, &'a str) {
    let (mount, config, _) = request.place();
    (server.engine(mount), config)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;
    use crate::tui::source::Verb;

    #[test]
    fn the_command_for_a_shell_is_whole() {
        let request = |verb, path: &str, fields| Request {
            verb,
            path: path.to_owned(),
            fields,
        };
        let name = vec![("common_name", "a.example.com".to_owned())];
        for (request, line) in [
            (
                request(Verb::Enroll, "pki/eu/enroll/prod", name),
                "svpki enroll prod --common-name a.example.com --mount pki/eu --key-out FILE",
            ),
            (
                request(Verb::Renew, "pki/renew/prod/77_acme", Vec::new()),
                "svpki renew prod 77_acme --mount pki --key-out FILE",
            ),
        ] {
            let words = handed_out_once("prod", &request);
            assert!(words.ends_with(&format!("from a shell: {line}")), "{words}");
        }
    }

    #[test]
    fn a_key_is_written_for_its_owner_beside_what_is_there() {
        let folder = tempfile::tempdir().unwrap();
        for (id, key, name) in [
            ("1001_example", "first", "1001_example.key"),
            ("1001_example", "second", "1001_example.2.key"),
            ("../1001", "third", "___1001.key"),
        ] {
            let path = write_key(folder.path(), id, key).unwrap();
            assert_eq!(path, folder.path().join(name));
            assert_eq!(std::fs::read_to_string(&path).unwrap(), key);
            let mode = std::fs::metadata(&path).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
        assert!(write_key(&folder.path().join("gone"), "1001", "key").is_err());
    }
}

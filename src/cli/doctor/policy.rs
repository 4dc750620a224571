//! What the token may do with each mount, and the policy that gives what is missing.

use super::Looks;
use vault_client::{EngineClient, Server};

/// Path below the mount, what is needed there, and for what.
const NEEDS: [(&str, &[&str], &str); 12] = [
    ("inventory", &["read"], "svpki certs list, check, tui"),
    ("health", &["read"], "svpki doctor, tui"),
    (
        "configs/+",
        &["create", "read", "update", "delete"],
        "svpki config",
    ),
    ("enroll/+", &["create", "update"], "svpki enroll, bulk"),
    ("certs/+/+", &["read", "delete"], "svpki certs read, delete"),
    ("readcert/+/+", &["read"], "svpki certs export"),
    ("keys/+/+", &["read"], "svpki certs export with a key"),
    ("orders/+/+", &["read", "delete"], "svpki orders"),
    ("renew/+/+", &["create", "update"], "svpki renew"),
    ("revoke/+/+", &["create", "update"], "svpki revoke"),
    (
        "profile/+/+",
        &["create", "read", "update"],
        "svpki profile",
    ),
    ("reconcile/+", &["read"], "svpki reconcile"),
];

pub(super) async fn look(server: &Server, looks: &mut Looks) {
    let engines = match server.mounts().await {
        Ok(engines) => engines,
        Err(error) => {
            looks.note(
                "mounts",
                format!("cannot be seen: {error}"),
                "svpki --mount PATH …",
            );
            return;
        }
    };
    if engines.is_empty() {
        looks.problem(
            "mounts",
            "no mount of the plugin is visible to this token",
            "svpki plugin install",
        );
    }
    for engine in engines {
        rights(server, &engine, looks).await;
    }
}

async fn rights(server: &Server, engine: &EngineClient, looks: &mut Looks) {
    let about = format!("rights on {}/", engine.mount());
    // A concrete name stands for every name: policies match it as they would match any.
    let paths: Vec<String> = NEEDS
        .iter()
        .map(|(path, ..)| engine.path(&path.replace('+', "any")))
        .collect();
    let granted = match server.capabilities(&paths).await {
        Ok(granted) => granted,
        Err(error) => {
            looks.note(&about, format!("cannot be seen: {error}"), "");
            return;
        }
    };
    let mut policy = String::new();
    let mut purposes = Vec::new();
    for ((path, needed, purpose), asked) in NEEDS.iter().zip(&paths) {
        let has = granted.get(asked).map(Vec::as_slice).unwrap_or_default();
        let all = has.iter().any(|word| word == "root");
        let missing = needed
            .iter()
            .any(|word| !has.iter().any(|given| given == word));
        if missing && !all {
            let words: Vec<String> = needed.iter().map(|word| format!("\"{word}\"")).collect();
            policy.push_str(&format!(
                "path \"{}\" {{ capabilities = [{}] }}\n",
                engine.path(path),
                words.join(", ")
            ));
            purposes.push(*purpose);
        }
    }
    if purposes.is_empty() {
        looks.ok(&about, "the token may do everything");
    } else {
        looks.note(
            &about,
            format!("not for this token: {}", purposes.join("; ")),
            policy,
        );
    }
}

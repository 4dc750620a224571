//! Checks the token's rights on each mount, and prints the policy for missing rights; also prints whole policies for
//! teams and monitors.

use super::Looks;
use vault_client::{EngineClient, Server};

/// A path below the mount, the capabilities that are needed there, and the commands that need them. `CONFIG` stands for
/// a config's name, `*` for all names below the path.
type Need = (&'static str, &'static [&'static str], &'static str);

/// The needs of an administrator of a whole mount.
const MOUNT: [Need; 12] = [
    ("inventory", &["read"], "svpki certs list, check, tui"),
    ("health", &["read"], "svpki doctor, tui"),
    (
        "configs/CONFIG",
        &["create", "read", "update", "delete"],
        "svpki config",
    ),
    ("enroll/CONFIG", &["create", "update"], "svpki enroll, bulk"),
    (
        "certs/CONFIG/*",
        &["read", "delete"],
        "svpki certs read, delete",
    ),
    ("readcert/CONFIG/*", &["read"], "svpki certs export"),
    ("keys/CONFIG/*", &["read"], "svpki certs export with a key"),
    ("orders/CONFIG/*", &["read", "delete"], "svpki orders"),
    ("renew/CONFIG/*", &["create", "update"], "svpki renew"),
    ("revoke/CONFIG/*", &["create", "update"], "svpki revoke"),
    (
        "profile/CONFIG/*",
        &["create", "read", "update"],
        "svpki profile",
    ),
    ("reconcile/CONFIG", &["read"], "svpki reconcile"),
];

/// The needs of a team that uses one config and may not see others.
const TEAM: [Need; 13] = [
    (
        "inventory/CONFIG",
        &["read"],
        "svpki certs list, check, tui",
    ),
    ("health/CONFIG", &["read"], "svpki check, tui"),
    ("configs/CONFIG", &["read"], "svpki enroll, bulk"),
    ("enroll/CONFIG", &["create", "update"], "svpki enroll, bulk"),
    ("certs/CONFIG/*", &["read", "list"], "svpki certs read"),
    ("readcert/CONFIG/*", &["read"], "svpki certs export"),
    ("keys/CONFIG/*", &["read"], "svpki certs export with a key"),
    ("current/CONFIG/*", &["read"], "svpki current"),
    (
        "orders/CONFIG/*",
        &["read", "list", "update", "delete"],
        "svpki orders",
    ),
    ("renew/CONFIG/*", &["create", "update"], "svpki renew"),
    ("replace/CONFIG/*", &["create", "update"], "svpki replace"),
    (
        "profile/CONFIG/*",
        &["read", "list"],
        "svpki profile, bulk plan",
    ),
    ("domains/CONFIG/*", &["read", "list"], "svpki domains"),
];

/// The needs of a monitor that runs `svpki check` for a mount.
const MONITOR: [Need; 6] = [
    ("inventory", &["read"], "svpki check"),
    ("health", &["read"], "svpki check"),
    ("configs/", &["list"], "svpki check"),
    ("configs/*", &["read"], "svpki check --owner, --by"),
    ("orders/*", &["list"], "svpki check"),
    ("domains/*", &["list"], "svpki check --notices"),
];

/// Whom a policy is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum For {
    /// A team that orders and reads the certificates of one config, and sees no other
    Team,
    /// A monitor that runs `svpki check`
    Monitor,
}

/// The text of a policy.
pub(super) fn policy(engine: &EngineClient, reader: For, config: &str) -> String {
    let needs: &[Need] = match reader {
        For::Team => &TEAM,
        For::Monitor => &MONITOR,
    };
    let mut text: String = needs
        .iter()
        .map(|need| line(engine, need, config))
        .collect();
    if reader == For::Team {
        let revoke = ("revoke/CONFIG/*", ["create", "update"].as_slice(), "");
        text.push_str("# To revoke, which cannot be undone:\n# ");
        text.push_str(&line(engine, &revoke, config));
    }
    text
}

fn line(engine: &EngineClient, (path, words, _): &Need, config: &str) -> String {
    let words: Vec<String> = words.iter().map(|word| format!("\"{word}\"")).collect();
    format!(
        "path \"{}\" {{ capabilities = [{}] }}\n",
        engine.path(&path.replace("CONFIG", config)),
        words.join(", ")
    )
}

pub(super) async fn look(server: &Server, only: Option<&str>, looks: &mut Looks) {
    let engines = match server.mounts().await {
        Ok(engines) => engines,
        Err(error) => {
            looks.note(
                "mounts",
                format!("cannot be read: {error}"),
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
        rights(server, &engine, only, looks).await;
    }
}

/// Checks the rights on the whole mount, or on single configs when the token has rights only there.
async fn rights(server: &Server, engine: &EngineClient, only: Option<&str>, looks: &mut Looks) {
    let about = format!("rights on {}/", engine.mount());
    let of_mount = match missing(server, engine, &MOUNT, None).await {
        Ok(missing) => missing,
        Err(error) => {
            looks.note(&about, format!("cannot be read: {error}"), "");
            return;
        }
    };
    if of_mount.is_empty() {
        looks.ok(&about, "the token may do all that is looked at here");
        return;
    }
    let sees_mount = of_mount.iter().all(|(path, ..)| *path != "inventory");
    let own = match only {
        _ if sees_mount => Vec::new(),
        Some(config) => vec![config.to_owned()],
        None => engine.configs().await.unwrap_or_default(),
    };
    if own.is_empty() {
        tell(engine, &about, &of_mount, "+", looks);
    }
    for config in own {
        let about = format!("rights on config {config} of {}/", engine.mount());
        match missing(server, engine, &TEAM, Some(&config)).await {
            Ok(missing) => tell(engine, &about, &missing, &config, looks),
            Err(error) => looks.note(&about, format!("cannot be read: {error}"), ""),
        }
    }
}

fn tell(engine: &EngineClient, about: &str, missing: &[Need], config: &str, looks: &mut Looks) {
    if missing.is_empty() {
        looks.ok(about, "the token may do all that a team needs");
        return;
    }
    let purposes: Vec<&str> = missing.iter().map(|(.., purpose)| *purpose).collect();
    let policy: String = missing
        .iter()
        .map(|need| line(engine, need, config))
        .collect();
    looks.note(
        about,
        format!("the token lacks permission for: {}", purposes.join("; ")),
        policy,
    );
}

/// The needs that the token does not meet.
async fn missing(
    server: &Server,
    engine: &EngineClient,
    needs: &[Need],
    config: Option<&str>,
) -> Result<Vec<Need>, vault_client::VaultError> {
    // Ask for a concrete name, which stands for all names: policies match it like any other.
    let asked = |path: &str| {
        let path = path.replace("CONFIG", config.unwrap_or("any"));
        engine.path(&path.replace('*', "any"))
    };
    let paths: Vec<String> = needs.iter().map(|(path, ..)| asked(path)).collect();
    let granted = server.capabilities(&paths).await?;
    Ok(needs
        .iter()
        .filter(|(path, needed, _)| {
            let has = granted
                .get(&asked(path))
                .map(Vec::as_slice)
                .unwrap_or_default();
            let has = |word: &str| has.iter().any(|given| given == word);
            !has("root") && !needed.iter().all(|word| has(word))
        })
        .copied()
        .collect())
}

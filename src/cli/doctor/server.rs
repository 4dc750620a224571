//! Checks settings, server, token and plugin.

use std::path::Path;

use super::super::plugin::{ServerPaths, put_back, sha256_of};
use super::super::{CliError, Context};
use super::{Looks, policy};
use vault_client::{CatalogPlugin, Origin, PLUGIN_NAME, Server, ServerProduct, Settings};

/// Checks the server. Returns it if the further checks can use it.
pub(super) async fn look(
    context: &Context,
    only: Option<&str>,
    looks: &mut Looks,
    fix: bool,
) -> Result<Option<Server>, CliError> {
    let settings = context.settings()?;
    connection(&settings, looks, fix);
    let server = match Server::new(settings) {
        Ok(server) => server,
        Err(error) => {
            looks.problem(
                "settings",
                error.to_string(),
                error.hint.unwrap_or_default(),
            );
            return Ok(None);
        }
    };
    let health = match server.health().await {
        Ok(health) => health,
        Err(error) => {
            looks.problem("server", error.to_string(), error.hint.unwrap_or_default());
            return Ok(None);
        }
    };
    let product = server.product().await.unwrap_or(ServerProduct::OpenBao);
    let (name, cli) = (product.name(), product.command());
    if !health.initialized {
        looks.problem(
            "server",
            format!("{name} is not initialised"),
            format!("{cli} operator init"),
        );
        return Ok(None);
    }
    if health.sealed {
        looks.problem(
            "server",
            format!("{name} is sealed"),
            format!("{cli} operator unseal"),
        );
        return Ok(None);
    }
    looks.ok(
        "server",
        format!("{name} {} answers, unsealed", health.version),
    );
    let skew = jiff::Timestamp::now().as_second() - health.server_time_utc;
    if skew.abs() > 60 {
        looks.note(
            "clock",
            format!("the server's clock differs from ours by {skew} seconds"),
            "",
        );
    }
    if !token(&server, looks, cli, fix).await {
        return Ok(None);
    }
    plugin(&server, looks, fix).await;
    policy::look(&server, only, looks).await;
    Ok(Some(server))
}

fn connection(settings: &Settings, looks: &mut Looks, fix: bool) {
    let from = |origin: &Origin| format!("(from {origin})");
    looks.ok(
        "address",
        format!(
            "{} {}",
            settings.address.value,
            from(&settings.address.origin)
        ),
    );
    if let Some(namespace) = &settings.namespace.value {
        looks.ok(
            "namespace",
            format!("{namespace} {}", from(&settings.namespace.origin)),
        );
    }
    if settings.address.value.scheme() == "https" {
        looks.ok(
            "trust",
            format!("{} {}", settings.roots.value, from(&settings.roots.origin)),
        );
    }
    if let Some(name) = &settings.tls_server_name.value {
        looks.ok(
            "TLS server name",
            format!("{name} {}", from(&settings.tls_server_name.origin)),
        );
    }
    if let Some(path) = &settings.client_cert.value {
        looks.ok(
            "client certificate",
            format!("{} {}", path.display(), from(&settings.client_cert.origin)),
        );
    }
    if let Some(proxy) = &settings.proxy.value {
        // Do not show the proxy's password, which is a part of its URL.
        looks.ok(
            "proxy",
            format!(
                "{} {}",
                proxy.host_str().unwrap_or_default(),
                from(&settings.proxy.origin)
            ),
        );
    }
    looks.ok(
        "timeout",
        format!(
            "{} s {}",
            settings.timeout.value.as_secs(),
            from(&settings.timeout.origin)
        ),
    );
    let file = match &settings.token.origin {
        Origin::File(path) => Some(path.as_path()),
        _ => None,
    };
    for warning in &settings.warnings {
        match file.filter(|path| warning.starts_with(&path.display().to_string())) {
            Some(path) if fix && close(path).is_ok() => {
                looks.ok(
                    "token file",
                    format!("{}: permissions fixed (0600)", path.display()),
                );
            }
            Some(path) => {
                looks.problem(
                    "token file",
                    warning.split(": chmod").next().unwrap_or(warning),
                    format!("chmod 600 {}", path.display()),
                );
            }
            None => looks.note("connection", warning.as_str(), ""),
        }
    }
}

fn close(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600))
}

/// A token that ends within this many seconds is reported.
const SHORT: i64 = 3600;

async fn token(server: &Server, looks: &mut Looks, cli: &str, fix: bool) -> bool {
    let origin = &server.settings().token.origin;
    if server.settings().token.value.is_empty() {
        looks.problem("token", "none is set", format!("{cli} login"));
        return false;
    }
    let info = match server.token().await {
        Ok(info) => info,
        Err(error) => {
            looks.problem("token", error.to_string(), format!("{cli} login"));
            return false;
        }
    };
    let policies = info.policies.join(", ");
    let life = if info.ttl == 0 {
        "does not end".to_owned()
    } else {
        format!("ends in {} s", info.ttl)
    };
    looks.ok(
        "token",
        format!("from {origin}, policies {policies}, {life}"),
    );
    if info.ttl > 0 && info.ttl < SHORT {
        if fix && info.renewable && server.renew_token().await.is_ok() {
            looks.ok("token", "renewed");
        } else {
            looks.note(
                "token",
                "ends within the hour",
                format!("{cli} token renew"),
            );
        }
    }
    true
}

const INSTALL: &str = "svpki plugin install --binary FILE --copy";

async fn plugin(server: &Server, looks: &mut Looks, fix: bool) {
    let paths = ServerPaths::ask(server).await.unwrap_or_default();
    for warning in paths.warnings() {
        looks.problem("server", warning, "");
    }
    match server.catalog(PLUGIN_NAME).await {
        Err(error) => looks.note(
            "plugin",
            format!("the plugin catalog cannot be read: {error}"),
            "",
        ),
        Ok(entries) if entries.is_empty() => {
            looks.problem(
                "plugin",
                format!("{PLUGIN_NAME} is not registered"),
                INSTALL,
            );
        }
        Ok(entries) => {
            for entry in entries {
                registered(&entry, &paths, looks, fix);
            }
        }
    }
}

fn registered(entry: &CatalogPlugin, paths: &ServerPaths, looks: &mut Looks, fix: bool) {
    let command = if entry.command.is_empty() {
        PLUGIN_NAME
    } else {
        &entry.command
    };
    let file = paths.file(command);
    if entry.file_is_missing || file.as_ref().is_some_and(|file| !file.exists()) {
        let put_back = || put_back(&paths.plugin_directory.clone()?, command, &entry.sha256);
        if let Some(file) = fix.then(put_back).flatten() {
            looks.ok("plugin", format!("{} is put back", file.display()));
            return;
        }
        looks.problem(
            "plugin",
            format!(
                "the registered binary {command} is missing from the server's plugin_directory: the plugin cannot \
                 start again once it has ended"
            ),
            "svpki plugin install --binary FILE --copy, with the binary of the registered version",
        );
        return;
    }
    match file.map(|file| (sha256_of(&file), file)) {
        Some((Ok(sum), file)) if sum != entry.sha256 => looks.problem(
            "plugin",
            format!(
                "{} is not the file that is registered: mounts break at the next restart",
                file.display()
            ),
            format!("svpki plugin upgrade --binary {}", file.display()),
        ),
        Some((Err(error), _)) => looks.problem("plugin", error.to_string(), INSTALL),
        Some((Ok(_), file)) => looks.ok(
            "plugin",
            format!("registered, and {} has its checksum", file.display()),
        ),
        None => looks.ok("plugin", format!("registered with sha256 {}", entry.sha256)),
    }
}

//! Install and upgrade. The order of the steps is the point: file, catalogue, then mount or reload, then a read; and
//! whatever fails takes the steps before it back.

use std::path::{Path, PathBuf};

use serde_json::json;

use super::super::{CliError, Context, Exit, Ui, plural};
use super::server_paths::{ServerPaths, sha256_of};
use super::{InstallArgs, sibling_binary};
use vault_client::{CatalogPlugin, PLUGIN_NAME, Server, VaultError};

/// What is to be installed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Install {
    /// The plugin's binary on this machine.
    pub binary: PathBuf,
    /// The file's name in the server's plugin folder.
    pub command: String,
    /// Where it is, or will be, mounted.
    pub mount: String,
    /// Put the binary into this folder first.
    pub copy_to: Option<PathBuf>,
}

pub async fn run(context: &Context, args: InstallArgs, upgrade: bool) -> Result<Exit, CliError> {
    let binary = match &args.binary {
        Some(binary) => binary.clone(),
        None => sibling_binary()?,
    };
    let sha256 = sha256_of(&binary)?;
    let server = context.server()?;
    let mut places = ServerPaths::ask(&server).await?;
    if let Some(folder) = &args.plugin_directory {
        places.plugin_directory = Some(folder.clone());
    }
    let mount = args.path.trim_matches('/').to_owned();
    if args.print {
        for line in commands(&server, &args, &places, &binary, &sha256, upgrade).await? {
            context.ui.line(&line)?;
        }
        return Ok(Exit::Done);
    }
    context.ui.warnings(&places.warnings());
    let copy_to = if args.copy {
        let folder = places
            .plugin_directory
            .clone()
            .filter(|folder| folder.is_dir());
        Some(folder.ok_or_else(|| {
            CliError::usage(
                "--copy: the server's plugin_directory is not on this machine, or not known",
            )
            .hinted("name it with --plugin-directory, or copy the binary to the server yourself")
        })?)
    } else {
        check_file(&places, &args.command, &binary, &sha256)?;
        None
    };
    let wanted = Install {
        binary,
        command: args.command,
        mount,
        copy_to,
    };
    let is_mounted = server
        .mounts()
        .await?
        .iter()
        .any(|engine| engine.mount() == wanted.mount);
    if upgrade && server.catalog(PLUGIN_NAME).await?.is_empty() {
        return Err(
            CliError::not_found(format!("{PLUGIN_NAME} is not registered yet"))
                .hinted("svpki plugin install"),
        );
    }
    if !upgrade && is_mounted {
        return Err(
            CliError::usage(format!("{}/ is mounted already", wanted.mount)).hinted(
                "svpki plugin upgrade changes to a new version; --path mounts at another place",
            ),
        );
    }
    let version = install(&context.ui, &server, &wanted).await?;
    let engine = server.engine(&wanted.mount);
    context.ui.status(&format!(
        "{PLUGIN_NAME} {version} serves at {}/",
        engine.mount()
    ));
    context.ui.hint(if upgrade {
        "svpki plugin status"
    } else {
        "svpki config wizard"
    });
    Ok(Exit::Done)
}

/// Puts the file in place, registers it, mounts it or restarts what is mounted, and reads once. Gives the version that
/// answers.
pub async fn install(ui: &Ui, server: &Server, wanted: &Install) -> Result<String, CliError> {
    let sha256 = sha256_of(&wanted.binary)?;
    let before = server.catalog(PLUGIN_NAME).await?;
    let kept = match &wanted.copy_to {
        Some(folder) => Some(Placed::put(&wanted.binary, &folder.join(&wanted.command))?),
        None => None,
    };
    let mut mounted = false;
    match attempt(ui, server, wanted, &sha256, &mut mounted).await {
        Ok(version) => {
            if let Some(kept) = kept {
                kept.keep();
            }
            Ok(version)
        }
        Err(error) => {
            let mounted = mounted.then_some(wanted.mount.as_str());
            take_back(ui, server, before, kept, mounted).await;
            Err(error)
        }
    }
}

/// `mounted` tells the caller of a mount that was made here, whatever came after it.
async fn attempt(
    ui: &Ui,
    server: &Server,
    wanted: &Install,
    sha256: &str,
    mounted: &mut bool,
) -> Result<String, CliError> {
    let entry = json!({"sha256": sha256, "command": wanted.command});
    server
        .register_plugin(PLUGIN_NAME, &entry)
        .await
        .map_err(|error| {
            CliError::from(error).hinted(
            "the binary must stand in the server's plugin_directory, be executable, and be no link",
        )
        })?;
    let registered = server.catalog(PLUGIN_NAME).await?;
    // The server starts the binary to learn its version, and registers it without one when it does not run.
    let version = registered
        .iter()
        .find(|entry| entry.sha256 == sha256 && !entry.version.is_empty())
        .map(|entry| entry.version.clone())
        .ok_or_else(|| {
            CliError::failed("the server registered the binary but could not start it").hinted(
                "is it built for the server's machine, and in its plugin_directory with this checksum?",
            )
        })?;
    ui.status(&format!(
        "Registered {PLUGIN_NAME} {version} with sha256 {sha256}"
    ));
    let mounts = super::our_mounts(server).await?;
    for mount in &mounts {
        if !mount.plugin_version.is_empty() && mount.plugin_version != version {
            let tune = json!({"plugin_version": version});
            server.tune_mount(&mount.path, &tune).await?;
        }
    }
    // The old process serves on, and its mounts break when it ends, until they are reloaded.
    if !mounts.is_empty() {
        let warnings = server.reload_plugin(PLUGIN_NAME).await?;
        ui.warnings(&warnings);
        ui.status(&format!(
            "Reloaded {}",
            plural(mounts.len(), "mount", "mounts")
        ));
    }
    if !mounts.iter().any(|mount| mount.path == wanted.mount) {
        let fields = json!({"type": PLUGIN_NAME, "description": "Sectigo certificates"});
        server.mount(&wanted.mount, &fields).await?;
        *mounted = true;
        ui.status(&format!("Mounted at {}/", wanted.mount));
    }
    // A mount that succeeds says nothing: the first read does.
    let health = server.engine(&wanted.mount).health().await?;
    Ok(health.value.plugin_version)
}

/// Best effort, told step by step: the cause is already an error.
async fn take_back(
    ui: &Ui,
    server: &Server,
    before: Vec<CatalogPlugin>,
    kept: Option<Placed>,
    mounted: Option<&str>,
) {
    let report = |what: &str, result: Result<(), String>| match result {
        Ok(()) => ui.status(&format!("Taken back: {what}")),
        Err(why) => ui.warning(&format!("could not take back {what}: {why}")),
    };
    let told = |result: Result<(), VaultError>| result.map_err(|error| error.to_string());
    if let Some(mount) = mounted {
        report("the mount", told(server.unmount(mount).await));
    }
    if let Some(kept) = kept {
        report("the file", kept.restore().map_err(|why| why.to_string()));
    }
    let now = server.catalog(PLUGIN_NAME).await.unwrap_or_default();
    if now == before {
        return;
    }
    for entry in now
        .iter()
        .filter(|entry| !before.iter().any(|old| old.version == entry.version))
    {
        let gone = server.deregister_plugin(PLUGIN_NAME, &entry.version).await;
        report("the registration", told(gone));
    }
    for old in before.iter().filter(|old| !now.contains(old)) {
        let entry = json!({
            "sha256": old.sha256, "command": old.command, "args": old.args, "version": old.version,
        });
        report(
            "the registration",
            told(server.register_plugin(PLUGIN_NAME, &entry).await),
        );
    }
    if !before.is_empty() && mounted.is_none() {
        report(
            "the reload",
            told(server.reload_plugin(PLUGIN_NAME).await.map(drop)),
        );
    }
}

/// A file that was put into the plugin folder, with the one it replaced.
struct Placed {
    file: PathBuf,
    previous: Option<PathBuf>,
}

impl Placed {
    /// By rename: the running plugin keeps its own file, and nobody sees half a binary.
    fn put(binary: &Path, file: &Path) -> Result<Self, CliError> {
        let beside = |ending: &str| {
            let name = file.file_name().unwrap_or_default().to_string_lossy();
            file.with_file_name(format!(".{name}.{ending}"))
        };
        let failed = |why: std::io::Error| CliError::file(file, &why);
        let previous = beside("previous");
        // Left over from a run that was cut.
        let _ = std::fs::remove_file(&previous);
        let previous = match std::fs::hard_link(file, &previous) {
            Ok(()) => Some(previous),
            Err(why) if why.kind() == std::io::ErrorKind::NotFound => None,
            Err(why) => return Err(failed(why)),
        };
        let new = beside("new");
        std::fs::copy(binary, &new).map_err(failed)?;
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(&new, std::fs::Permissions::from_mode(0o755)).map_err(failed)?;
        std::fs::rename(&new, file).map_err(failed)?;
        Ok(Self {
            file: file.to_owned(),
            previous,
        })
    }

    fn restore(self) -> std::io::Result<()> {
        match self.previous {
            Some(previous) => std::fs::rename(previous, self.file),
            None => std::fs::remove_file(self.file),
        }
    }

    fn keep(self) {
        if let Some(previous) = self.previous {
            // A stale copy harms nobody.
            let _ = std::fs::remove_file(previous);
        }
    }
}

/// The file must already be there; when the folder can be seen, that is looked at before anything is changed.
fn check_file(
    places: &ServerPaths,
    command: &str,
    binary: &Path,
    sha256: &str,
) -> Result<(), CliError> {
    let Some(file) = places.file(command) else {
        return Ok(());
    };
    if !file.is_file() {
        return Err(
            CliError::usage(format!("{}: not there yet", file.display())).hinted(format!(
                "install -m 0755 {} {}, or --copy",
                binary.display(),
                file.display()
            )),
        );
    }
    if sha256_of(&file)? != sha256 {
        return Err(CliError::usage(format!(
            "{} is another file than {}",
            file.display(),
            binary.display()
        ))
        .hinted(
            "--copy puts the new one in its place, or name the one that is there with --binary",
        ));
    }
    Ok(())
}

/// The same as commands of the server's own command line.
async fn commands(
    server: &Server,
    args: &InstallArgs,
    places: &ServerPaths,
    binary: &Path,
    sha256: &str,
    upgrade: bool,
) -> Result<Vec<String>, CliError> {
    let cli = server.product().await?.command();
    let folder = match &places.plugin_directory {
        Some(folder) if !folder.as_os_str().is_empty() => folder.display().to_string(),
        _ => "PLUGIN_DIRECTORY".to_owned(),
    };
    let (binary, command) = (binary.display(), &args.command);
    let mut lines = vec![
        format!("sha256sum {binary}  # {sha256}"),
        // By rename, so that a running plugin keeps its file.
        format!(
            "install -m 0755 {binary} {folder}/.{command}.new && mv {folder}/.{command}.new {folder}/{command}"
        ),
        format!("{cli} plugin register -sha256={sha256} -command={command} secret {PLUGIN_NAME}"),
    ];
    if upgrade {
        lines.push(format!("{cli} plugin reload -plugin={PLUGIN_NAME}"));
    } else {
        lines.push(format!(
            "{cli} secrets enable -path={} {PLUGIN_NAME}",
            args.path
        ));
    }
    lines.push(format!("{cli} read {}/health", args.path));
    Ok(lines)
}

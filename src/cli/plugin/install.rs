//! Installs and upgrades the plugin. The order of the steps matters: file, catalogue, then mount or reload, then a
//! read. When a step fails, the steps before it are undone.

use std::path::{Path, PathBuf};

use serde_json::json;

use super::super::{CliError, Context, Exit, Ui, plural};
use super::server_paths::{ServerPaths, sha256_of};
use super::{InstallArgs, sibling_binary};
use vault_client::{CatalogPlugin, Mount, PLUGIN_NAME, Server, VaultError};

/// What is to be installed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Install {
    /// The plugin's binary on this machine.
    pub binary: PathBuf,
    /// The file's name in the server's plugin folder.
    pub command: String,
    /// The path at which the plugin is, or will be, mounted.
    pub mount: String,
    /// The folder into which the binary is copied first.
    pub copy_to: Option<PathBuf>,
    /// Register the binary and restart every mount, even if this build is registered already.
    pub upgrade: bool,
}

pub async fn run(context: &Context, args: InstallArgs, upgrade: bool) -> Result<Exit, CliError> {
    let named = mount_path(context, &args)?;
    let server = context.server()?;
    // Check everything before anything is changed.
    let registered = server.catalog(PLUGIN_NAME).await?;
    let mount = if upgrade {
        mount_to_upgrade(&server, named).await?
    } else {
        mount_to_make(&server, named).await?
    };
    let binary = match &args.binary {
        Some(binary) => binary.clone(),
        None => sibling_binary()?,
    };
    let sha256 = sha256_of(&binary)?;
    let mut paths = ServerPaths::ask(&server).await?;
    if !args.print {
        paths.must_have_plugin_directory()?;
    }
    if let Some(folder) = &args.plugin_directory {
        paths.plugin_directory = Some(folder.clone());
    }
    if args.print {
        for line in commands(&server, &args, &mount, &paths, &binary, &sha256, upgrade).await? {
            context.ui.line(&line)?;
        }
        return Ok(Exit::Done);
    }
    context.ui.warnings(&paths.warnings());
    if upgrade && registered.is_empty() {
        return Err(
            CliError::not_found(format!("{PLUGIN_NAME} is not registered yet"))
                .hinted("svpki plugin install"),
        );
    }
    let file_is_missing = registered.iter().any(|entry| entry.file_is_missing);
    let mounts = super::our_mounts(&server).await?;
    if !upgrade && !file_is_missing && mounts.iter().any(|one| one.path == mount) {
        return Err(
            CliError::usage(format!("{mount}/ is mounted already")).hinted(
                "svpki plugin upgrade changes to a new version; --path mounts at another path",
            ),
        );
    }
    if !upgrade && !mounts.is_empty() {
        refuse_another_build(&registered, &binary, &sha256, mounts.len())?;
    }
    let copy_to = if args.copy {
        Some(plugin_directory(&args, &paths)?)
    } else {
        check_file(&paths, &args.command, &binary, &sha256)?;
        None
    };
    let wanted = Install {
        binary,
        command: args.command,
        mount,
        copy_to,
        upgrade,
    };
    let version = install(&context.ui, &server, &wanted).await?;
    context.ui.status(&format!(
        "{PLUGIN_NAME} {version} serves at {}/",
        wanted.mount
    ));
    context.ui.hint(if upgrade {
        "svpki plugin status"
    } else {
        "svpki config wizard"
    });
    Ok(Exit::Done)
}

/// The mount path from `--path`, or else from a single `--mount`.
fn mount_path(context: &Context, args: &InstallArgs) -> Result<Option<String>, CliError> {
    let mounts = context.global.mounts();
    let path = match (&args.path, mounts.as_slice()) {
        (Some(path), _) => path.trim_matches('/').to_owned(),
        (None, []) => return Ok(None),
        (None, [mount]) => mount.clone(),
        (None, _) => {
            return Err(
                CliError::usage("one mount is made at a time: --mount names several")
                    .hinted("name one with --path"),
            );
        }
    };
    let is_good = |segment: &str| {
        !segment.is_empty()
            && segment != "."
            && segment != ".."
            && !segment
                .chars()
                .any(|c| c.is_control() || c.is_whitespace() || "?#%*+\"'".contains(c))
    };
    if !path.split('/').all(is_good) {
        return Err(CliError::usage(format!("{path:?} cannot be a mount path"))
            .hinted("write it like team-a or pki/team-a"));
    }
    Ok(Some(path))
}

/// Paths that the server reserves for itself.
const RESERVED: [&str; 5] = ["audit", "auth", "cubbyhole", "identity", "sys"];

/// The path for a new mount. Nothing may be mounted there except our plugin.
async fn mount_to_make(server: &Server, named: Option<String>) -> Result<String, CliError> {
    let path = named.unwrap_or_else(|| PLUGIN_NAME.to_owned());
    let first = path.split('/').next().unwrap_or_default();
    if RESERVED.contains(&first) {
        return Err(
            CliError::usage(format!("{path}/: the server keeps {first}/ for itself"))
                .hinted("choose another path with --path"),
        );
    }
    let below = |upper: &str, lower: &str| {
        lower
            .strip_prefix(upper)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    for mount in server.all_mounts().await? {
        let is_ours = mount.path == path && mount.kind == PLUGIN_NAME;
        if !is_ours && (below(&mount.path, &path) || below(&path, &mount.path)) {
            return Err(CliError::usage(format!(
                "{path}/ is in use: {}/ is a mount of type {}",
                mount.path, mount.kind
            ))
            .hinted("choose another path with --path"));
        }
    }
    Ok(path)
}

/// The mount to upgrade, which must exist.
async fn mount_to_upgrade(server: &Server, named: Option<String>) -> Result<String, CliError> {
    let mounts = super::our_mounts(server).await?;
    let known: Vec<&str> = mounts.iter().map(|mount| mount.path.as_str()).collect();
    match (named, known.as_slice()) {
        (_, []) => Err(CliError::not_found(format!("{PLUGIN_NAME} is not mounted"))
            .hinted("svpki plugin install")),
        (Some(path), _) if known.contains(&path.as_str()) => Ok(path),
        (Some(path), _) => Err(CliError::not_found(format!(
            "{path}/ is not a mount of {PLUGIN_NAME}; mounted at: {}",
            known.join(", ")
        ))
        .hinted("svpki plugin install mounts it at a new path")),
        (None, [first, ..]) => Ok((*first).to_owned()),
    }
}

/// Refuses to install another build than the registered one: all mounts share one registration, so a new mount would
/// change what the others run.
fn refuse_another_build(
    registered: &[CatalogPlugin],
    binary: &Path,
    sha256: &str,
    mounts: usize,
) -> Result<(), CliError> {
    if registered.is_empty() || registered.iter().any(|entry| entry.sha256 == sha256) {
        return Ok(());
    }
    let known: Vec<String> = registered
        .iter()
        .map(|entry| format!("{} {}", entry.version, entry.sha256))
        .collect();
    Err(CliError::usage(format!(
        "{} is not the build that is registered ({}) and serves {}",
        binary.display(),
        known.join(", "),
        plural(mounts, "mount", "mounts"),
    ))
    .hinted(
        "svpki plugin upgrade changes all mounts to it; or name the registered build with --binary",
    ))
}

fn plugin_directory(args: &InstallArgs, paths: &ServerPaths) -> Result<PathBuf, CliError> {
    let known = paths
        .plugin_directory
        .clone()
        .filter(|folder| !folder.as_os_str().is_empty());
    match known {
        Some(folder) if folder.is_dir() => Ok(folder),
        Some(folder) => Err(CliError::usage(format!(
            "--copy: {} is not a folder on this machine",
            folder.display()
        ))
        .hinted(if args.plugin_directory.is_some() {
            "--plugin-directory must be the plugin_directory of the server's configuration"
        } else {
            "run this on the server's machine, or copy the binary there yourself and leave --copy out"
        })),
        None => Err(
            CliError::usage("--copy: the server does not tell its plugin_directory").hinted(
                "name it with --plugin-directory; it must be set in the server's configuration",
            ),
        ),
    }
}

/// Copies the file, registers it, mounts it or restarts the existing mounts, and reads once. Returns the version that
/// answers.
pub async fn install(ui: &Ui, server: &Server, wanted: &Install) -> Result<String, CliError> {
    let sha256 = sha256_of(&wanted.binary)?;
    let before = server.catalog(PLUGIN_NAME).await?;
    let kept = match &wanted.copy_to {
        Some(folder) => Some(Placed::put(&wanted.binary, &folder.join(&wanted.command))?),
        None => None,
    };
    let mut mounted = false;
    match attempt(ui, server, wanted, &sha256, &before, &mut mounted).await {
        Ok(version) => {
            if let Some(kept) = kept {
                kept.keep();
            }
            Ok(version)
        }
        Err(error) => {
            let mounted = mounted.then_some(wanted.mount.as_str());
            roll_back(ui, server, before, kept, mounted).await;
            Err(error)
        }
    }
}

/// Makes the steps of [`install`]. Sets `mounted` when a mount was made, even if a later step fails.
async fn attempt(
    ui: &Ui,
    server: &Server,
    wanted: &Install,
    sha256: &str,
    before: &[CatalogPlugin],
    mounted: &mut bool,
) -> Result<String, CliError> {
    let is_registered = before
        .iter()
        .any(|entry| entry.sha256 == sha256 && !entry.version.is_empty() && !entry.file_is_missing);
    let mounts = super::our_mounts(server).await?;
    if wanted.upgrade || !is_registered {
        let version = register(ui, server, wanted, sha256).await?;
        restart(ui, server, wanted, &mounts, &version).await?;
    }
    if !mounts.iter().any(|mount| mount.path == wanted.mount) {
        let fields = json!({"type": PLUGIN_NAME, "description": "Sectigo certificates"});
        server.mount(&wanted.mount, &fields).await?;
        *mounted = true;
        ui.status(&format!("Mounted at {}/", wanted.mount));
    }
    // That mounting succeeds does not mean that the plugin works. The first read shows it.
    let health = server.engine(&wanted.mount).health().await?;
    Ok(health.value.plugin_version)
}

/// Registers the binary in the catalogue, and returns the version that the binary reports.
async fn register(
    ui: &Ui,
    server: &Server,
    wanted: &Install,
    sha256: &str,
) -> Result<String, CliError> {
    let entry = json!({"sha256": sha256, "command": wanted.command});
    server
        .register_plugin(PLUGIN_NAME, &entry)
        .await
        .map_err(|error| {
            CliError::from(error).hinted(
                "the binary must be in the server's plugin_directory, executable, and not a symlink",
            )
        })?;
    let registered = server.catalog(PLUGIN_NAME).await?;
    // The server starts the binary to learn its version. If that fails, it registers the binary without a version.
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
    Ok(version)
}

/// Reloads the mounts. The old process keeps running until then, and when it ends, its mounts fail. Nothing is needed
/// for a mount that answers when only the registration was repaired.
async fn restart(
    ui: &Ui,
    server: &Server,
    wanted: &Install,
    mounts: &[Mount],
    version: &str,
) -> Result<(), CliError> {
    let mut is_needed = wanted.upgrade;
    for mount in mounts {
        if !mount.plugin_version.is_empty() && mount.plugin_version != version {
            let tune = json!({"plugin_version": version});
            server.tune_mount(&mount.path, &tune).await?;
        }
        is_needed = is_needed || server.engine(&mount.path).health().await.is_err();
    }
    if is_needed && !mounts.is_empty() {
        let warnings = server.reload_plugin(PLUGIN_NAME).await?;
        ui.warnings(&warnings);
        ui.status(&format!(
            "Reloaded {}",
            plural(mounts.len(), "mount", "mounts")
        ));
    }
    Ok(())
}

/// Undoes the steps as far as possible and reports each one; the error itself is known already. A catalogue entry is
/// removed before its file, because the server does not list an entry whose file is missing.
async fn roll_back(
    ui: &Ui,
    server: &Server,
    before: Vec<CatalogPlugin>,
    kept: Option<Placed>,
    mounted: Option<&str>,
) {
    let report = |what: &str, result: Result<(), String>| match result {
        Ok(()) => ui.status(&format!("Rolled back: {what}")),
        Err(why) => ui.warning(&format!("could not roll back the {what}: {why}")),
    };
    let told = |result: Result<(), VaultError>| result.map_err(|error| error.to_string());
    if let Some(mount) = mounted {
        report("mount", told(server.unmount(mount).await));
    }
    let now = match server.catalog(PLUGIN_NAME).await {
        Ok(now) => now,
        Err(error) => {
            report("catalog entry", Err(error.to_string()));
            Vec::new()
        }
    };
    for entry in now
        .iter()
        .filter(|entry| !before.iter().any(|old| old.version == entry.version))
    {
        let gone = server.deregister_plugin(PLUGIN_NAME, &entry.version).await;
        report("catalog entry", told(gone));
    }
    if let Some(kept) = kept {
        report("binary file", kept.restore().map_err(|why| why.to_string()));
    }
    // An entry whose file was missing before cannot be registered again.
    let lost = |old: &&CatalogPlugin| !old.file_is_missing && !now.contains(old);
    let mut changed = false;
    for old in before.iter().filter(lost) {
        changed = true;
        let entry = json!({
            "sha256": old.sha256, "command": old.command, "args": old.args, "version": old.version,
        });
        report(
            "catalog entry",
            told(server.register_plugin(PLUGIN_NAME, &entry).await),
        );
    }
    if changed && mounted.is_none() {
        report(
            "plugin reload",
            told(server.reload_plugin(PLUGIN_NAME).await.map(drop)),
        );
    }
}

/// A file that was copied into the plugin folder, and the file that it replaced.
struct Placed {
    file: PathBuf,
    previous: Option<PathBuf>,
}

impl Placed {
    /// Replaces the file by renaming, so that the running plugin keeps its own file and nobody sees an incomplete
    /// binary.
    fn put(binary: &Path, file: &Path) -> Result<Self, CliError> {
        let beside = |ending: &str| {
            let name = file.file_name().unwrap_or_default().to_string_lossy();
            file.with_file_name(format!(".{name}.{ending}"))
        };
        let failed = |why: std::io::Error| CliError::file(file, &why);
        let previous = beside("previous");
        // An interrupted run may have left this file.
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
            // Ignore the error: an old copy does no harm.
            let _ = std::fs::remove_file(previous);
        }
    }
}

/// Copies the binary beside this program into the server's plugin folder, if it is the registered one.
pub fn put_back(folder: &Path, command: &str, sha256: &str) -> Option<PathBuf> {
    let binary = sibling_binary().ok()?;
    if !folder.is_dir() || sha256_of(&binary).ok()? != sha256 {
        return None;
    }
    let file = folder.join(command);
    Placed::put(&binary, &file).ok()?.keep();
    Some(file)
}

/// Checks that the file is in the plugin folder, as far as the folder can be seen, before anything is changed.
fn check_file(
    paths: &ServerPaths,
    command: &str,
    binary: &Path,
    sha256: &str,
) -> Result<(), CliError> {
    let Some(file) = paths.file(command) else {
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

/// The same steps as commands of the server's own command line.
async fn commands(
    server: &Server,
    args: &InstallArgs,
    mount: &str,
    paths: &ServerPaths,
    binary: &Path,
    sha256: &str,
    upgrade: bool,
) -> Result<Vec<String>, CliError> {
    let cli = server.product().await?.command();
    let folder = match &paths.plugin_directory {
        Some(folder) if !folder.as_os_str().is_empty() => folder.display().to_string(),
        _ => "PLUGIN_DIRECTORY".to_owned(),
    };
    let (binary, command) = (binary.display(), &args.command);
    let mut lines = vec![
        format!("sha256sum {binary}  # {sha256}"),
        // By renaming, so that the running plugin keeps its file.
        format!(
            "install -m 0755 {binary} {folder}/.{command}.new && mv {folder}/.{command}.new {folder}/{command}"
        ),
        format!("{cli} plugin register -sha256={sha256} -command={command} secret {PLUGIN_NAME}"),
    ];
    if upgrade {
        lines.push(format!("{cli} plugin reload -plugin={PLUGIN_NAME}"));
    } else {
        lines.push(format!("{cli} secrets enable -path={mount} {PLUGIN_NAME}"));
    }
    lines.push(format!("{cli} read {mount}/health"));
    Ok(lines)
}

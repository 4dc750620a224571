//! The server's paths for plugins, and the files in them when the server is on this machine.

use std::io::Read;
use std::path::{Path, PathBuf};

use aws_lc_rs::digest;

use super::super::CliError;
use vault_client::{Server, VaultErrorKind};

/// The server's settings that decide whether a plugin can run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ServerPaths {
    /// The server's setting; `None` when this token may not read it.
    pub plugin_directory: Option<PathBuf>,
    /// The address that the server gives to its plugins and its cluster; `None` when this token may not read it.
    pub api_addr: Option<String>,
    /// Whether the storage is in memory, as in a dev server, which needs no `api_addr` and does not show its
    /// `plugin_directory`.
    pub in_memory: bool,
}

impl ServerPaths {
    pub async fn ask(server: &Server) -> Result<Self, CliError> {
        let answer = match server.root()?.read("sys/config/state/sanitized", &[]).await {
            Ok(answer) => answer.data,
            Err(error) if error.kind == VaultErrorKind::Denied => return Ok(Self::default()),
            Err(error) => return Err(error.into()),
        };
        let text = |name: &str| answer.get(name).and_then(|value| value.as_str());
        Ok(Self {
            plugin_directory: text("plugin_directory").map(PathBuf::from),
            api_addr: Some(text("api_addr").unwrap_or_default().to_owned()),
            in_memory: answer
                .get("storage")
                .and_then(|storage| storage.get("type"))
                .is_some_and(|kind| kind == "inmem"),
        })
    }

    /// The plugin's file, when the folder is on this machine.
    pub fn file(&self, command: &str) -> Option<PathBuf> {
        let folder = self
            .plugin_directory
            .as_ref()
            .filter(|folder| folder.is_dir())?;
        Some(folder.join(command))
    }

    /// Whether the server has no plugin folder. A dev server does not show the folder that it was started with.
    fn has_no_plugin_directory(&self) -> bool {
        let folder = self.plugin_directory.as_ref();
        !self.in_memory && folder.is_some_and(|folder| folder.as_os_str().is_empty())
    }

    /// Fails when the server has no plugin folder, because it cannot run any plugin then.
    pub fn must_have_plugin_directory(&self) -> Result<(), CliError> {
        if !self.has_no_plugin_directory() {
            return Ok(());
        }
        Err(
            CliError::failed("the server has no plugin_directory, and runs no plugin without it")
                .hinted("set plugin_directory in the server's configuration file, and restart the server"),
        )
    }

    /// Warnings for the operator before a plugin is mounted.
    pub fn warnings(&self) -> Vec<String> {
        let mut warnings = Vec::new();
        if self.has_no_plugin_directory() {
            warnings.push(
                "the server has no plugin_directory: set it in the server's configuration and restart".to_owned(),
            );
        }
        if self.api_addr.as_deref() == Some("") && !self.in_memory {
            warnings.push(
                "the server has no api_addr: some versions refuse to run plugins without it, and standbys cannot \
                 forward; set it in the server's configuration"
                    .to_owned(),
            );
        }
        warnings
    }
}

/// The SHA-256 digest of a file in lower-case hex, as the catalogue needs it.
pub fn sha256_of(path: &Path) -> Result<String, CliError> {
    let failed = |why: std::io::Error| CliError::named_file(path, &why);
    let mut file = std::fs::File::open(path).map_err(failed)?;
    let mut digest = digest::Context::new(&digest::SHA256);
    let mut buffer = vec![0; 1 << 16];
    loop {
        match file.read(&mut buffer).map_err(failed)? {
            0 => return Ok(hex::encode(digest.finish())),
            count => digest.update(&buffer[..count]),
        }
    }
}

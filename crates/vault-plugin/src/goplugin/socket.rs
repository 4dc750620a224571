//! The Unix socket on which the plugin listens for the host.

use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use nix::unistd::Group;
use tokio::net::UnixListener;

use super::handshake::Host;

/// The most bytes of a Unix socket path on this operating system, without the final zero.
const LONGEST_PATH: usize = if cfg!(target_os = "linux") { 107 } else { 103 };

#[derive(Debug, thiserror::Error)]
pub(super) enum SocketError {
    #[error(
        "the socket {path:?} is {length} bytes long, and at most {LONGEST_PATH} are possible: \
         set TMPDIR or PLUGIN_UNIX_SOCKET_DIR of the server to a shorter folder"
    )]
    TooLong { path: PathBuf, length: usize },
    #[error("the socket {path:?} cannot be made: {source}")]
    Bind { path: PathBuf, source: io::Error },
    #[error("PLUGIN_UNIX_SOCKET_GROUP names no group: {0:?}")]
    NoGroup(String),
    #[error("the socket {path:?} cannot be given to the group {group:?}: {source}")]
    Group {
        path: PathBuf,
        group: String,
        source: io::Error,
    },
}

/// A listening socket; its file is removed with it.
#[derive(Debug)]
pub(super) struct Socket {
    pub(super) listener: UnixListener,
    pub(super) file: SocketFile,
}

/// The file of a socket, removed when dropped.
#[derive(Debug)]
pub(super) struct SocketFile(PathBuf);

impl SocketFile {
    pub(super) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for SocketFile {
    fn drop(&mut self) {
        // The file may already have been removed, for example by a cleanup of the temporary folder.
        let _ = std::fs::remove_file(&self.0);
    }
}

impl Socket {
    pub(super) fn listen(host: &Host) -> Result<Self, SocketError> {
        let folder = host
            .socket_folder
            .clone()
            .unwrap_or_else(std::env::temp_dir);
        let path = folder.join(format!("plugin-{}", random_name()));
        let length = path.as_os_str().as_bytes().len();
        if length > LONGEST_PATH {
            return Err(SocketError::TooLong { path, length });
        }
        let listener = UnixListener::bind(&path).map_err(|source| SocketError::Bind {
            path: path.clone(),
            source,
        })?;
        let file = SocketFile(path);
        if let Some(group) = &host.socket_group {
            give_to(file.path(), group)?;
        }
        Ok(Self { listener, file })
    }
}

/// A random name, so that nobody can create a file with this name beforehand.
fn random_name() -> String {
    let mut bytes = [0; 8];
    // A failure is ignored: without a random source TLS has already failed, and if the name exists, the bind fails.
    let _ = aws_lc_rs::rand::fill(&mut bytes);
    hex::encode(bytes)
}

fn give_to(path: &Path, group: &str) -> Result<(), SocketError> {
    let number = match group.parse::<u32>() {
        Ok(number) => number,
        Err(_) => Group::from_name(group)
            .ok()
            .flatten()
            .ok_or_else(|| SocketError::NoGroup(group.to_owned()))?
            .gid
            .as_raw(),
    };
    std::os::unix::fs::chown(path, None, Some(number))
        .and_then(|()| std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o660)))
        .map_err(|source| SocketError::Group {
            path: path.to_owned(),
            group: group.to_owned(),
            source,
        })
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::MetadataExt;

    use rustls::pki_types::CertificateDer;

    use super::*;

    fn host(folder: &Path, group: Option<String>) -> Host {
        Host {
            certificate: CertificateDer::from(Vec::new()),
            socket_folder: Some(folder.to_owned()),
            socket_group: group,
            asks_for_shared_broker: false,
        }
    }

    #[tokio::test]
    async fn the_socket_goes_where_the_host_says_and_its_file_goes_away_with_it() {
        let folder = tempfile::tempdir().unwrap();
        let socket = Socket::listen(&host(folder.path(), None)).unwrap();
        let path = socket.file.path().to_owned();
        assert_eq!(path.parent(), Some(folder.path()));
        assert!(path.exists());
        drop(socket);
        assert!(!path.exists());
    }

    #[tokio::test]
    async fn a_group_named_by_number_or_name_may_use_the_socket() {
        let folder = tempfile::tempdir().unwrap();
        let own = nix::unistd::getgid();
        let name = Group::from_gid(own).unwrap().unwrap().name;
        for group in [own.to_string(), name] {
            let socket = Socket::listen(&host(folder.path(), Some(group))).unwrap();
            let metadata = std::fs::metadata(socket.file.path()).unwrap();
            assert_eq!(metadata.mode() & 0o777, 0o660);
            assert_eq!(metadata.gid(), own.as_raw());
        }
        let unknown = Socket::listen(&host(folder.path(), Some("no such group".into())));
        assert!(matches!(unknown, Err(SocketError::NoGroup(_))));
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[tokio::test]
    async fn a_path_too_long_for_a_socket_is_named() {
        let folder = PathBuf::from("/tmp").join("x".repeat(100));
        let refused = Socket::listen(&host(&folder, None)).unwrap_err();
        assert!(refused.to_string().contains("shorter folder"), "{refused}");
    }
}

//! Files that we write: whole or not at all, never over another one unless asked, and closed to others when they
//! hold a key.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use super::CliError;

/// Who may read the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// 0600: it holds a private key.
    Owner,
    /// 0644.
    Everyone,
}

/// Looks whether [`write_new`] would succeed, before something is paid for that would then have nowhere to go.
pub fn check_free(path: &Path, force: bool) -> Result<(), CliError> {
    let folder = folder_of(path);
    if !folder.is_dir() {
        return Err(CliError::usage(format!(
            "{}: no such folder",
            folder.display()
        )));
    }
    if path.is_dir() {
        return Err(CliError::usage(format!("{}: is a folder", path.display())));
    }
    if !force && path.symlink_metadata().is_ok() {
        return Err(exists(path));
    }
    // Only an attempt tells whether we may write there.
    let (temporary, _) =
        create_beside(path, Access::Owner).map_err(|why| CliError::file(path, &why))?;
    std::fs::remove_file(&temporary).map_err(|why| CliError::file(&temporary, &why))
}

/// Writes the file in one step.
pub fn write_new(path: &Path, bytes: &[u8], access: Access, force: bool) -> Result<(), CliError> {
    let (temporary, mut file) =
        create_beside(path, access).map_err(|why| CliError::file(path, &why))?;
    let written = file
        .write_all(bytes)
        .and_then(|()| file.sync_all())
        .and_then(|()| {
            if force {
                return std::fs::rename(&temporary, path);
            }
            // A link, unlike a rename, never replaces.
            std::fs::hard_link(&temporary, path)
        });
    // After a rename there is nothing left to remove.
    let _ = std::fs::remove_file(&temporary);
    match written {
        Err(why) if why.kind() == io::ErrorKind::AlreadyExists => Err(exists(path)),
        Err(why) => Err(CliError::file(path, &why)),
        Ok(()) => Ok(()),
    }
}

fn create_beside(path: &Path, access: Access) -> io::Result<(PathBuf, File)> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let temporary = folder_of(path).join(format!(".{name}.{}.part", std::process::id()));
    let mode = match access {
        Access::Owner => 0o600,
        Access::Everyone => 0o644,
    };
    let file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(mode)
        .open(&temporary)?;
    Ok((temporary, file))
}

fn folder_of(path: &Path) -> PathBuf {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        _ => PathBuf::from("."),
    }
}

fn exists(path: &Path) -> CliError {
    CliError::usage(format!("{}: exists already", path.display()))
        .hinted("choose another name, or --force to overwrite it")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn a_key_file_is_closed_and_never_overwritten_unasked() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("www.key");
        check_free(&path, false).unwrap();
        write_new(&path, b"one", Access::Owner, false).unwrap();
        assert_eq!(
            std::fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o600
        );
        assert!(check_free(&path, false).is_err());
        assert!(write_new(&path, b"two", Access::Owner, false).is_err());
        assert_eq!(std::fs::read(&path).unwrap(), b"one");
        write_new(&path, b"two", Access::Owner, true).unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"two");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_missing_folder_is_found_before_anything_is_ordered() {
        assert!(check_free(Path::new("/nonexistent/x.key"), false).is_err());
    }
}

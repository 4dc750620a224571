//! Writes files, each completely or not at all. An existing file is replaced only on request, and a file with a private
//! key is readable by its owner only.

use std::fs::Permissions;
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use super::CliError;

/// The permissions of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// 0600, for a file with a private key.
    Owner,
    /// 0644.
    Everyone,
}

/// Checks whether [`write_new`] will succeed, before a certificate is paid for that could not be written.
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
    // The only reliable way to know whether the folder is writable is to try.
    create_beside(path, Access::Owner)
        .map(drop)
        .map_err(|why| CliError::file(path, &why))
}

/// Writes a file in one step.
pub fn write_new(path: &Path, bytes: &[u8], access: Access, force: bool) -> Result<(), CliError> {
    let failed = |why: io::Error| CliError::file(path, &why);
    let mut file = create_beside(path, access).map_err(failed)?;
    file.write_all(bytes).map_err(failed)?;
    file.as_file().sync_all().map_err(failed)?;
    let placed = if force {
        file.persist(path)
    } else {
        file.persist_noclobber(path)
    };
    match placed {
        Err(why) if why.error.kind() == io::ErrorKind::AlreadyExists => Err(exists(path)),
        Err(why) => Err(failed(why.error)),
        Ok(_) => Ok(()),
    }
}

/// Creates a file with an unused name in the same folder. Dropping it removes the file, so only a killed process leaves
/// one.
fn create_beside(path: &Path, access: Access) -> io::Result<NamedTempFile> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let mode = match access {
        Access::Owner => 0o600,
        Access::Everyone => 0o644,
    };
    tempfile::Builder::new()
        .prefix(&format!(".{name}."))
        .suffix(".part")
        .permissions(Permissions::from_mode(mode))
        .tempfile_in(folder_of(path))
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
    fn what_a_killed_run_left_behind_stands_in_nobodys_way() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("www.key");
        let stale = folder
            .path()
            .join(format!(".www.key.{}.part", std::process::id()));
        std::fs::write(&stale, "half a key").unwrap();
        check_free(&path, false).unwrap();
        write_new(&path, b"key", Access::Owner, false).unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"key");
    }

    #[test]
    fn a_missing_folder_is_found_before_anything_is_ordered() {
        assert!(check_free(Path::new("/nonexistent/x.key"), false).is_err());
    }
}

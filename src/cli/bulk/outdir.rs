//! Writes certificates and keys as files, in one folder for each host.

use std::collections::HashMap;
use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use pki::{Certificate, PrivateKey};
use svpki_types::api::CertificateResponse;

/// A folder with one folder for each host. Only the owner can read the files. Folders that svpki did not write stay as
/// they are.
pub struct OutDir {
    root: PathBuf,
    /// The folders by the id of their certificate.
    folders: Mutex<HashMap<String, PathBuf>>,
    /// Held while a folder is created or moved, so that rows do this one after the other.
    moving: Mutex<()>,
}

/// The state of the files in a certificate's folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FilesState {
    /// There are no files, not all of them, or those of a certificate that was replaced.
    Missing,
    WithoutKey,
    Complete,
}

impl OutDir {
    pub fn open(root: &Path) -> io::Result<Self> {
        folder(root)?;
        let mut folders = HashMap::new();
        for host in fs::read_dir(root)? {
            let host = host?.path();
            if let Some(id) = owner(&host) {
                folders.insert(id, host);
            }
        }
        Ok(Self {
            root: root.to_owned(),
            folders: Mutex::new(folders),
            moving: Mutex::new(()),
        })
    }

    /// Writes `cert.pem`, `chain.pem`, `fullchain.pem` and, when the answer has a key, `key.pem`. Each file appears
    /// complete or not at all.
    ///
    /// The folder with the host's bare name belongs to the newest certificate. When its present certificate is replaced
    /// (see `replaces`) or has expired, that folder is renamed so that its name contains the certificate's id.
    /// Otherwise the present certificate keeps the folder, and the new folder's name contains the id of the new
    /// certificate. The same applies when the folder with the bare name contains files of somebody else.
    pub fn write(&self, answer: &CertificateResponse, replaces: &[String]) -> io::Result<PathBuf> {
        let id = answer.sectigo_cert_unique_id.as_str();
        let name = folder_name(shown_name(answer));
        let plain = self.root.join(&name);
        let _one = self.moving.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(own) = self.folder_of(id) {
            fill(&own, id, answer)?;
            return Ok(own);
        }
        let with_id = |id: &str| self.root.join(format!("{name}-{}", folder_name(id)));
        let made = match owner(&plain) {
            None if has_others_files(&plain) => {
                let made = with_id(id);
                fill(&made, id, answer)?;
                made
            }
            None => {
                fill(&plain, id, answer)?;
                plain
            }
            Some(before) if before == id => {
                fill(&plain, id, answer)?;
                plain
            }
            Some(before) => {
                let made = with_id(id);
                fill(&made, id, answer)?;
                let takes_its_place = replaces.contains(&before)
                    || answer.renewed_from.as_ref() == Some(&before)
                    || has_expired(&plain);
                let aside = with_id(&before);
                if takes_its_place && !aside.exists() {
                    rename(&plain, &aside)?;
                    self.folders().insert(before, aside);
                    rename(&made, &plain)?;
                    plain
                } else {
                    made
                }
            }
        };
        self.folders().insert(id.to_owned(), made.clone());
        Ok(made)
    }

    /// A warning for a certificate whose folder could not get the host's bare name, because the folder of that name
    /// contains files of somebody else.
    pub fn passed_over(&self, answer: &CertificateResponse) -> Option<String> {
        let name = folder_name(shown_name(answer));
        let plain = self.root.join(&name);
        let own = self.folder_of(&answer.sectigo_cert_unique_id)?;
        (own != plain && owner(&plain).is_none() && has_others_files(&plain)).then(|| {
            format!(
                "{} has files that svpki did not write, and stays as it is: the new ones are in {}",
                plain.display(),
                own.display()
            )
        })
    }

    /// The folder of a certificate.
    pub fn folder_of(&self, id: &str) -> Option<PathBuf> {
        self.folders().get(id).cloned()
    }

    /// The state of the files of the certificate with this id and serial number.
    pub fn state(&self, id: &str, serial: &str) -> FilesState {
        let Some(host) = self.folder_of(id) else {
            return FilesState::Missing;
        };
        let Some(leaf) = leaf(&host) else {
            return FilesState::Missing;
        };
        if !serial.is_empty() && !leaf.serial_hex_colon().eq_ignore_ascii_case(serial) {
            return FilesState::Missing;
        }
        if has_key_of(&host, &leaf) {
            FilesState::Complete
        } else {
            FilesState::WithoutKey
        }
    }

    fn folders(&self) -> MutexGuard<'_, HashMap<String, PathBuf>> {
        self.folders.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn owner(host: &Path) -> Option<String> {
    let id = fs::read_to_string(host.join(OWNER)).ok()?;
    Some(id.trim().to_owned())
}

/// Whether a folder without an id of ours already contains a file whose name we would use.
fn has_others_files(host: &Path) -> bool {
    let is_there = |path: &Path| path.symlink_metadata().is_ok();
    let keystores = KEYSTORES.iter().flat_map(|(_, name, old)| [name, old]);
    let mut names = [LEAF, CHAIN, FULLCHAIN, KEY, OLD_KEY]
        .iter()
        .chain(keystores);
    names.any(|name| is_there(&host.join(name)))
}

fn leaf(host: &Path) -> Option<Certificate> {
    let pem = fs::read(host.join(LEAF)).ok()?;
    Certificate::parse_pem_or_der(&pem).ok()
}

fn has_expired(host: &Path) -> bool {
    leaf(host).is_some_and(|leaf| leaf.not_after() <= jiff::Timestamp::now())
}

fn has_key_of(host: &Path, leaf: &Certificate) -> bool {
    let pem = fs::read_to_string(host.join(KEY)).map(zeroize::Zeroizing::new);
    pem.ok()
        .and_then(|pem| PrivateKey::from_pem(&pem).ok())
        .is_some_and(|key| key.spki_der() == leaf.spki_der())
}

/// The name for the folder: the e-mail address of a person, the common name of a host.
fn shown_name(answer: &CertificateResponse) -> &str {
    let address = answer
        .subject_alt_names
        .iter()
        .find(|name| name.contains('@'));
    match address {
        Some(address) if !answer.common_name.contains('.') => address,
        _ => &answer.common_name,
    }
}

fn fill(host: &Path, id: &str, answer: &CertificateResponse) -> io::Result<()> {
    if owner(host).is_none() && has_others_files(host) {
        let words = format!(
            "{} has files that svpki did not write: move them away, and give the same line again",
            host.display()
        );
        return Err(io::Error::new(io::ErrorKind::AlreadyExists, words));
    }
    folder(host).map_err(at(host))?;
    write_atomically(&host.join(OWNER), format!("{id}\n").as_bytes())?;
    let leaf = lines(&answer.certificate);
    put_keystores_aside(host, &leaf)?;
    let chain: String = answer.ca_chain.iter().map(|pem| lines(pem)).collect();
    match &answer.private_key {
        Some(key) => write_atomically(&host.join(KEY), lines(key).as_bytes())?,
        // The old key belongs to the certificate that was here before.
        None if host.join(KEY).exists() => {
            let parsed = Certificate::parse_pem_or_der(leaf.as_bytes());
            if parsed.is_ok_and(|leaf| !has_key_of(host, &leaf)) {
                rename(&host.join(KEY), &host.join(OLD_KEY))?;
            }
        }
        None => {}
    }
    write_atomically(&host.join(CHAIN), chain.as_bytes())?;
    write_atomically(&host.join(FULLCHAIN), format!("{leaf}{chain}").as_bytes())?;
    write_atomically(&host.join(LEAF), leaf.as_bytes())
}

/// Renames the keystores of the previous certificate, so that nobody takes them for those of this one.
fn put_keystores_aside(host: &Path, leaf: &str) -> io::Result<()> {
    let same = fs::read_to_string(host.join(LEAF)).is_ok_and(|before| before == leaf);
    for (_, name, old) in KEYSTORES {
        if !same && host.join(name).exists() {
            rename(&host.join(name), &host.join(old))?;
        }
    }
    Ok(())
}

/// The host's name in the name of a certificate's folder.
pub(super) fn host_of(folder: &Path, id: &str) -> String {
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    let own = format!("-{}", folder_name(id));
    name.strip_suffix(&own).unwrap_or(&name).to_owned()
}

/// The format, the file name of the keystore, and its file name once the certificate was replaced.
pub(super) const KEYSTORES: [(&str, &str, &str); 3] = [
    ("pkcs12", "keystore.p12", "keystore.old.p12"),
    (
        "pkcs12_legacy",
        "keystore.legacy.p12",
        "keystore.legacy.old.p12",
    ),
    ("jks", "keystore.jks", "keystore.old.jks"),
];

pub(super) const KEY: &str = "key.pem";
const OLD_KEY: &str = "key.old.pem";
pub(super) const CHAIN: &str = "chain.pem";
const FULLCHAIN: &str = "fullchain.pem";
/// The file with the id of the certificate to which the folder belongs.
const OWNER: &str = "id";
/// Written last, so that a folder with a certificate is complete.
pub(super) const LEAF: &str = "cert.pem";

fn folder(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)
}

fn rename(from: &Path, to: &Path) -> io::Result<()> {
    fs::rename(from, to).map_err(at(to))
}

/// Adds the path to an error.
pub(super) fn at(path: &Path) -> impl FnOnce(io::Error) -> io::Error {
    move |error| {
        let words = vault_client::io_words(&error);
        io::Error::new(error.kind(), format!("{}: {words}", path.display()))
    }
}

pub(super) fn write_atomically(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let partial = path.with_extension("partial");
    let written = write_new(&partial, bytes).and_then(|()| fs::rename(&partial, path));
    if written.is_err() {
        // An incomplete file is useless, and may contain a part of a key. Ignore an error here: the first error says
        // what went wrong.
        let _ = fs::remove_file(&partial);
    }
    written.map_err(at(path))
}

fn write_new(partial: &Path, bytes: &[u8]) -> io::Result<()> {
    // A killed run may have left this file. It is not reused, because a private key must not get its permissions.
    match fs::remove_file(partial) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(partial)?;
    file.write_all(bytes)?;
    file.sync_all()
}

fn lines(pem: &str) -> String {
    format!("{}\n", pem.trim_end())
}

/// Turns a name into the name of a folder: `*.example.com` becomes `_.example.com`. The folder cannot be outside the
/// root.
fn folder_name(name: &str) -> String {
    let folded: String = name
        .chars()
        .take(200)
        .map(|c| {
            if c.is_ascii_alphanumeric() || "-_.@".contains(c) {
                c
            } else {
                '_'
            }
        })
        .collect();
    match folded.trim_start_matches('.') {
        "" => "unnamed".to_owned(),
        rest => rest.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    fn answer(name: &str, id: &str) -> CertificateResponse {
        CertificateResponse {
            sectigo_cert_unique_id: id.into(),
            common_name: name.into(),
            certificate: format!("leaf {id}"),
            ca_chain: vec!["issuer".into()],
            private_key: Some("key".into()),
            ..CertificateResponse::default()
        }
    }

    #[test]
    fn one_folder_a_host_and_nobody_elses_eyes() {
        let root = tempfile::tempdir().unwrap();
        let out = OutDir::open(&root.path().join("out")).unwrap();
        out.write(&answer("*.example.com", "1_acme"), &[]).unwrap();
        out.write(&answer("*.example.com", "1_acme"), &[]).unwrap();
        out.write(&answer("*.example.com", "2_acme"), &[]).unwrap();
        let host = root.path().join("out/_.example.com");
        assert_eq!(
            fs::read_to_string(host.join("fullchain.pem")).unwrap(),
            "leaf 1_acme\nissuer\n"
        );
        assert!(
            root.path()
                .join("out/_.example.com-2_acme/key.pem")
                .exists()
        );
        for name in ["key.pem", "cert.pem", "id"] {
            let mode = fs::metadata(host.join(name)).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "{name}");
        }
        let again = OutDir::open(&root.path().join("out")).unwrap();
        let has = |id| again.folder_of(id).is_some();
        assert!(has("1_acme") && has("2_acme") && !has("3_acme"));
        // The successor gets the folder with the host's bare name.
        again
            .write(&answer("*.example.com", "3_acme"), &["1_acme".to_owned()])
            .unwrap();
        let owner = |name: &str| {
            fs::read_to_string(root.path().join("out").join(name).join(OWNER)).unwrap()
        };
        assert_eq!(owner("_.example.com"), "3_acme\n");
        assert_eq!(owner("_.example.com-1_acme"), "1_acme\n");
        assert_eq!(again.folder_of("3_acme"), Some(host));
    }

    /// Regression: the operator's own key was overwritten and lost.
    #[test]
    fn a_folder_of_somebody_else_is_left_as_it_is() {
        let root = tempfile::tempdir().unwrap();
        let out = OutDir::open(root.path()).unwrap();
        let own = root.path().join("a.example.com");
        fs::create_dir(&own).unwrap();
        fs::write(own.join("README"), "for a").unwrap();
        assert_eq!(
            out.write(&answer("a.example.com", "1_acme"), &[]).unwrap(),
            own
        );
        for (name, file) in [
            ("b.example.com", "key.pem"),
            ("c.example.com", "keystore.p12"),
        ] {
            let own = root.path().join(name);
            fs::create_dir(&own).unwrap();
            fs::write(own.join(file), "mine").unwrap();
            let answered = answer(name, "2_acme");
            let made = out.write(&answered, &[]).unwrap();
            assert_eq!(made, root.path().join(format!("{name}-2_acme")));
            let words = out.passed_over(&answered).unwrap();
            assert!(words.contains(&format!("{name} has files")), "{words}");
            assert_eq!(fs::read_to_string(own.join(file)).unwrap(), "mine");
            assert_eq!(fs::read_dir(&own).unwrap().count(), 1);
            out.folders().clear();
        }
        // When the folder with the id is taken as well, there is no other name to try.
        let second = root.path().join("c.example.com-3_acme");
        fs::create_dir(&second).unwrap();
        fs::write(second.join("cert.pem"), "mine").unwrap();
        let words = out.write(&answer("c.example.com", "3_acme"), &[]);
        let words = words.unwrap_err().to_string();
        assert!(words.contains("c.example.com-3_acme has files"), "{words}");
        // A file has the name that the folder needs.
        fs::write(root.path().join("d.example.com"), "a file").unwrap();
        let words = out.write(&answer("d.example.com", "4_acme"), &[]);
        let words = words.unwrap_err().to_string();
        assert!(words.ends_with("d.example.com: File exists"), "{words}");
    }

    /// Regression: the message was only "File exists (os error 17)", and a `key.partial` was left behind.
    #[test]
    fn a_failed_write_names_its_file_and_leaves_no_part() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("key.pem");
        fs::create_dir_all(path.join("in the way")).unwrap();
        let words = write_atomically(&path, b"key").unwrap_err().to_string();
        assert!(
            words.starts_with(&path.display().to_string()) && !words.contains("os error"),
            "{words}"
        );
        assert_eq!(fs::read_dir(root.path()).unwrap().count(), 1);
    }

    /// Regression: the folder was named `J_rgen_M_ller`.
    #[test]
    fn a_persons_folder_is_named_by_the_address() {
        let person = CertificateResponse {
            subject_alt_names: vec!["j.mueller@example.com".into()],
            ..answer("Jörgen Müller", "1_acme")
        };
        assert_eq!(shown_name(&person), "j.mueller@example.com");
        assert_eq!(
            shown_name(&answer("a.example.com", "2_acme")),
            "a.example.com"
        );
    }

    #[test]
    fn no_name_leaves_the_root() {
        for (name, folder) in [
            ("../../etc", "_.._etc"),
            ("", "unnamed"),
            ("..", "unnamed"),
            ("a/b", "a_b"),
        ] {
            assert_eq!(folder_name(name), folder);
        }
    }
}

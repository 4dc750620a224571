//! Certificates and keys as files, one folder a host, for those who ask for them.

use std::collections::HashSet;
use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use svpki_types::api::CertificateResponse;

/// A folder with a folder for each host. Files are readable by their owner only.
pub struct OutDir {
    root: PathBuf,
    /// Certificates whose files were complete when the folder was opened.
    complete: HashSet<String>,
}

impl OutDir {
    pub fn open(root: &Path) -> io::Result<Self> {
        folder(root)?;
        let mut complete = HashSet::new();
        for host in fs::read_dir(root)? {
            let host = host?.path();
            if host.join(LEAF).exists()
                && let Ok(id) = fs::read_to_string(host.join(OWNER))
            {
                complete.insert(id.trim().to_owned());
            }
        }
        Ok(Self {
            root: root.to_owned(),
            complete,
        })
    }

    /// Writes `cert.pem`, `chain.pem`, `fullchain.pem` and, when the answer has it, `key.pem`; each appears complete
    /// or not at all. A certificate of the same name is not overwritten: the second one's folder carries its id.
    pub fn write(&self, answer: &CertificateResponse) -> io::Result<()> {
        let id = answer.sectigo_cert_unique_id.as_str();
        let name = folder_name(&answer.common_name);
        let mut host = self.root.join(&name);
        let owner = |host: &Path| fs::read_to_string(host.join(OWNER)).unwrap_or_default();
        if host.join(OWNER).exists() && owner(&host).trim() != id {
            host = self.root.join(format!("{name}-{}", folder_name(id)));
        }
        folder(&host)?;
        write_atomically(&host.join(OWNER), &format!("{id}\n"))?;
        let leaf = lines(&answer.certificate);
        let chain: String = answer.ca_chain.iter().map(|pem| lines(pem)).collect();
        if let Some(key) = &answer.private_key {
            write_atomically(&host.join("key.pem"), &lines(key))?;
        }
        write_atomically(&host.join("chain.pem"), &chain)?;
        write_atomically(&host.join("fullchain.pem"), &format!("{leaf}{chain}"))?;
        write_atomically(&host.join(LEAF), &leaf)
    }

    /// Whether this certificate's files were complete before this run.
    pub fn has(&self, id: &str) -> bool {
        self.complete.contains(id)
    }
}

/// Names the certificate that the folder is of.
const OWNER: &str = "id";
/// Written last.
const LEAF: &str = "cert.pem";

fn folder(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)
}

fn write_atomically(path: &Path, text: &str) -> io::Result<()> {
    let partial = path.with_extension("partial");
    // Left by a run that was cut; its rights must not be inherited.
    match fs::remove_file(&partial) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&partial)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(&partial, path)
}

fn lines(pem: &str) -> String {
    format!("{}\n", pem.trim_end())
}

/// A name from outside as one folder's name: `*.example.com` is `_.example.com`, and nothing leaves the root.
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
        out.write(&answer("*.example.com", "1_acme")).unwrap();
        out.write(&answer("*.example.com", "1_acme")).unwrap();
        out.write(&answer("*.example.com", "2_acme")).unwrap();
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
        assert!(again.has("1_acme") && again.has("2_acme") && !again.has("3_acme"));
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

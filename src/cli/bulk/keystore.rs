//! Keystores: PKCS#12 and JKS files that are written beside the PEM files. The password of a keystore comes from its
//! row, is the same for all rows, or is generated and kept in a kv secrets engine.
//!
//! Keystores are made on this machine from the PEM files in the host's folder. No password is sent to the plugin or to
//! SCM. A password exists only in the sheet or the password file, in memory, and at the given path of the kv secrets
//! engine.

use std::collections::HashMap;
use std::fs;
use std::io;
use std::path::Path;

use aws_lc_rs::rand;
use pki::{Format, Keystore, PrivateKey, X509Error, keystore_holds};
use serde_json::{Value, json};
use svpki_types::Secret;
use vault_client::{Server, VaultError, VaultErrorKind};
use zeroize::Zeroizing;

use super::columns::Field;
use super::input::Source;
use super::outdir::{self, OutDir};
use super::report::several;
use super::row_store::RowStore;
use super::sheet::{Cell, Kind};
use crate::cli::export::{chain_of, made};
use crate::cli::fields::SecretArgs;
use crate::cli::{CliError, Context};

#[derive(Debug, Clone, Default, clap::Args)]
pub struct KeystoreArgs {
    /// Also write keystores, under the column Export Password, --password-file, --password-stdin or --password-kv. Can
    /// be given several times
    #[arg(long, value_name = "FORMAT", value_parser = ["pkcs12", "pkcs12_legacy", "jks"], requires = "out_dir")]
    pub keystore: Vec<String>,
    #[command(flatten)]
    pub password: SecretArgs,
    /// For rows without a password: generate one for each host and keep it below this path of a kv secrets engine,
    /// such as secret/keystores
    #[arg(
        long,
        value_name = "PATH",
        requires = "keystore",
        conflicts_with_all = ["password_file", "password_stdin"]
    )]
    pub password_kv: Option<String>,
}

/// The keystores that a run writes, and their passwords.
pub struct Keystores {
    formats: Vec<(Format, &'static str)>,
    /// The passwords in the column `Export Password`, by the index of the row in the plan.
    of_rows: HashMap<u64, Secret>,
    of_all: Option<Secret>,
    kv: Option<PasswordPath>,
}

impl Keystores {
    /// The keystores that the flags ask for; `None` when they ask for none.
    ///
    /// # Errors
    ///
    /// Among others, when a row that is to be ordered has no password: the run then ends before the first order.
    pub async fn of(
        context: &Context,
        args: &KeystoreArgs,
        server: &Server,
        source: &Source,
        store: &RowStore,
    ) -> Result<Option<Self>, CliError> {
        if args.keystore.is_empty() {
            if args.password.is_given() {
                return Err(CliError::usage("a password is for keystores")
                    .hinted("add --keystore pkcs12 or --keystore jks"));
            }
            return Ok(None);
        }
        if args.password.password_stdin && source.is_stdin() {
            return Err(CliError::usage(
                "standard input cannot hold both the sheet and the password",
            )
            .hinted("give the password with --password-file"));
        }
        let formats: Vec<_> = outdir::KEYSTORES
            .iter()
            .filter(|(name, ..)| args.keystore.iter().any(|asked| asked == name))
            .map(|(name, file, _)| Ok((Format::parse(name)?, *file)))
            .collect::<Result<_, X509Error>>()
            .map_err(|why| CliError::usage(why.to_string()))?;
        let of_all = if args.password.is_given() {
            let password = args.password.read(context, "Password for the keystores")?;
            if password.is_empty() {
                return Err(CliError::usage("the password for the keystores is empty"));
            }
            check(&formats, &password).map_err(CliError::usage)?;
            Some(password)
        } else {
            None
        };
        let kv = match &args.password_kv {
            Some(path) => Some(PasswordPath::open(server, path).await?),
            None => None,
        };
        let mut this = Self {
            formats,
            of_rows: HashMap::new(),
            of_all,
            kv,
        };
        this.read_rows(source, store).await?;
        Ok(Some(this))
    }

    async fn read_rows(&mut self, source: &Source, store: &RowStore) -> Result<(), CliError> {
        let mut input = source.rows().await?;
        let column = input.columns.column(&Field::ExportPassword).cloned();
        let (mut index, mut without) = (0, Vec::new());
        while let Some(row) = input.next().await? {
            let entry = store.entry(index)?;
            let cell = column
                .as_ref()
                .and_then(|column| row.cells.get(column.index))
                .filter(|cell| !cell.is_blank());
            match (cell, &column) {
                (Some(cell), Some(column)) => {
                    let password = Secret::new(&*cell.text);
                    let reason = match unusable(cell) {
                        Some(reason) => Err(reason.to_owned()),
                        None => check(&self.formats, &password),
                    };
                    reason.map_err(|reason| {
                        CliError::usage(format!("row {}: {column}: {reason}", row.number))
                            .hinted("nothing was ordered")
                    })?;
                    self.of_rows.insert(index, password);
                }
                _ if self.of_all.is_none()
                    && self.kv.is_none()
                    && entry.is_some_and(|entry| entry.sends && !entry.has_csr) =>
                {
                    without.push(row.number);
                }
                _ => {}
            }
            index += 1;
        }
        let Some(first) = without.first() else {
            return Ok(());
        };
        let others = match without.len() - 1 {
            0 => "has".to_owned(),
            more => format!("and {} have", several(more as u64, "other row")),
        };
        Err(CliError::usage(format!(
            "row {first} {others} no password for a keystore; nothing was ordered"
        ))
        .hinted("fill the column Export Password, or give --password-file or --password-kv"))
    }

    /// The kv path of the generated password of a row, when its password is generated.
    pub fn kept_at(&self, index: u64, host: &str) -> Option<String> {
        let generated = self
            .kv
            .as_ref()
            .filter(|_| !self.of_rows.contains_key(&index));
        generated.map(|kv| kv.shown(host))
    }

    /// Writes those keystores of a row's folder that are missing, have another certificate or have another password.
    pub async fn write(
        &self,
        server: &Server,
        files: &OutDir,
        index: u64,
        id: &str,
    ) -> Result<(), String> {
        let Some(folder) = files.folder_of(id) else {
            return Ok(());
        };
        let password = match (self.of_rows.get(&index), &self.of_all, &self.kv) {
            (Some(own), ..) => own.clone(),
            (None, Some(all), _) => all.clone(),
            (None, None, Some(kv)) => kv.password(server, &outdir::host_of(&folder, id)).await?,
            (None, None, None) => return Err("the row has no password".to_owned()),
        };
        let formats = self.formats.clone();
        // The key derivation of a keystore uses the processor for a while.
        let written = tokio::task::spawn_blocking(move || fill(&folder, &formats, &password));
        written
            .await
            .map_err(|panic| panic.to_string())?
            .map_err(|error| error.to_string())
    }
}

/// Checks before the first order that every format can be made with this password.
fn check(formats: &[(Format, &str)], password: &Secret) -> Result<(), String> {
    formats
        .iter()
        .try_for_each(|(format, _)| format.check_password(password))
        .map_err(|why| why.to_string())
}

/// Why the text of a cell cannot be used as a password. The reason must not contain the password.
fn unusable(cell: &Cell) -> Option<&'static str> {
    match cell.kind {
        Kind::Uncalculated | Kind::Error => {
            Some("the formula has no value: open the file in a spreadsheet program and save it")
        }
        Kind::Number | Kind::Date | Kind::Bool => Some(
            "the spreadsheet made a number or a date of it, and may have changed it: format the column as text and type the password again",
        ),
        Kind::Text if cell.text.trim() != cell.text => {
            Some("a space stands before or behind the password")
        }
        Kind::Text if cell.merged => Some("it is merged over several rows"),
        Kind::Text => None,
    }
}

/// Makes the keystores of a folder from the PEM files in it.
fn fill(folder: &Path, formats: &[(Format, &str)], password: &Secret) -> io::Result<()> {
    let read = |name: &str| {
        let path = folder.join(name);
        fs::read(&path).map_err(outdir::at(&path))
    };
    let bad = |error: X509Error| io::Error::other(error.to_string());
    let chain = chain_of(&read(outdir::LEAF)?, &read(outdir::CHAIN)?).map_err(bad)?;
    let missing: Vec<_> = formats
        .iter()
        .filter(|(format, name)| {
            let held = |bytes: Vec<u8>| keystore_holds(&bytes, *format, password, &chain.leaf);
            !read(name).is_ok_and(held)
        })
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    let key = folder.join(outdir::KEY);
    let pem = fs::read_to_string(&key).map(Zeroizing::new);
    let pem = pem.map_err(outdir::at(&key))?;
    let key = PrivateKey::from_pem(&pem).map_err(bad)?;
    for (format, name) in missing {
        let keystore = Some(Keystore::from(password));
        let bytes = made(&chain, Some(&key), *format, keystore).map_err(bad)?;
        outdir::write_atomically(&folder.join(name), &bytes)?;
    }
    Ok(())
}

/// A path in a kv secrets engine. The password of a host is kept below it, under the host's name.
struct PasswordPath {
    /// The path as the operator gave it.
    shown: String,
    /// The path for API requests: version 2 has `data/` after the mount.
    api: String,
    version_2: bool,
    /// Serializes [`PasswordPath::password`], so that a second row of the same host finds the password of the first
    /// row.
    one_at_a_time: tokio::sync::Mutex<()>,
}

impl PasswordPath {
    async fn open(server: &Server, path: &str) -> Result<Self, CliError> {
        let path = path.trim_matches('/');
        // The `kv` commands of Vault and OpenBao detect the version with the same request.
        let mount = server
            .read(&format!("sys/internal/ui/mounts/{path}"), &[])
            .await?
            .data;
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let at = |name: &str| mount.get(name).map(text).unwrap_or_default();
        let version_2 = mount
            .get("options")
            .is_some_and(|all| all["version"] == "2");
        if at("type") != "kv" {
            return Err(CliError::usage(format!(
                "--password-kv {path}: the path belongs to a secrets engine of type {:?}, not kv",
                at("type")
            )));
        }
        let mount = at("path");
        let rest = format!("{path}/");
        let rest = rest.strip_prefix(&mount).unwrap_or_default();
        if rest.is_empty() {
            return Err(CliError::usage(format!(
                "--password-kv {path} names the mount only: name a path in it, such as {path}/keystores"
            )));
        }
        let data = if version_2 { "data/" } else { "" };
        Ok(Self {
            shown: path.to_owned(),
            api: format!("{mount}{data}{rest}"),
            version_2,
            one_at_a_time: tokio::sync::Mutex::default(),
        })
    }

    fn shown(&self, host: &str) -> String {
        format!("{}/{host}", self.shown)
    }

    /// The password of a host: the existing one, so that it stays the same through renewals, or a new one.
    async fn password(&self, server: &Server, host: &str) -> Result<Secret, String> {
        let _one_at_a_time = self.one_at_a_time.lock().await;
        if let Some(kept) = self.read(server, host).await? {
            return Ok(kept);
        }
        let mut bytes = Zeroizing::new([0; 16]);
        rand::fill(&mut bytes[..]).map_err(|_| "the system gave no random bytes".to_owned())?;
        let password = Zeroizing::new(hex::encode(&bytes[..]));
        let fields = json!({ "password": *password });
        let body = if self.version_2 {
            // With `cas` 0 the write fails when another run has written a password meanwhile. That password is then
            // used.
            json!({ "data": fields, "options": { "cas": 0 } })
        } else {
            fields
        };
        let written = server.write(&format!("{}{host}", self.api), &body).await;
        match (self.read(server, host).await?, written) {
            (Some(kept), _) => Ok(kept),
            // In version 2, a deleted version still counts for `cas`.
            (None, Err(error)) if self.version_2 && error.kind == VaultErrorKind::BadRequest => {
                Err(format!(
                    "the password at {} was deleted, and its versions are still there ({error}): remove them with \
                     vault kv metadata delete {}",
                    self.shown(host),
                    self.shown(host)
                ))
            }
            (None, Err(error)) => Err(self.failed(host, &error)),
            (None, Ok(_)) => Err(format!(
                "the password at {} cannot be read back",
                self.shown(host)
            )),
        }
    }

    fn failed(&self, host: &str, error: &VaultError) -> String {
        format!("the password at {}: {error}", self.shown(host))
    }

    /// Reads the password. An entry without the field `password` belongs to somebody else and must not be overwritten,
    /// so it is an error.
    async fn read(&self, server: &Server, host: &str) -> Result<Option<Secret>, String> {
        let answer = match server.read(&format!("{}{host}", self.api), &[]).await {
            Ok(answer) => answer.data,
            Err(error) if error.kind == VaultErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(self.failed(host, &error)),
        };
        let fields = if self.version_2 {
            answer.get("data").and_then(Value::as_object)
        } else {
            Some(&answer)
        };
        let password = fields.and_then(|fields| fields.get("password")?.as_str());
        match password.filter(|text| !text.is_empty()) {
            Some(password) => Ok(Some(Secret::new(password))),
            None => Err(format!(
                "the entry at {} has no field \"password\": add it, or name another path",
                self.shown(host)
            )),
        }
    }
}

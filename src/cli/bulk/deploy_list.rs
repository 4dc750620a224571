//! `--deploy-list`: a CSV file that names the certificate, key and keystores of each host.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use super::error::BulkError;
use super::keystore::Keystores;
use super::outdir::{self, KEY, LEAF, OutDir, host_of};
use super::result;
use super::row_store::RowStore;
use super::sheet::{Cell, Format, ResultWriter};

/// The header. A file that begins with it was written by svpki.
pub const HEADER: [&str; 12] = [
    "host",
    "certificate_id",
    "serial",
    "not_after",
    "folder",
    "certificate",
    "fullchain",
    "key",
    "pkcs12",
    "pkcs12_legacy",
    "jks",
    "password_kv",
];

/// Whether the file at `path` is a deploy list. Its name does not matter.
pub fn is_deploy_list(path: &Path) -> bool {
    let header = HEADER.join(",");
    let mut first = String::new();
    File::open(path).is_ok_and(|file| {
        let start = file.take(header.len() as u64 + 2);
        let read = BufReader::new(start).read_line(&mut first);
        read.is_ok() && first.trim_end() == header
    })
}

pub fn write(
    path: &Path,
    store: &RowStore,
    files: &OutDir,
    keystores: Option<&Keystores>,
) -> Result<(), BulkError> {
    let mut writer = ResultWriter::create(path, &Format::Csv(Default::default()))?;
    writer.row(&HEADER.map(Cell::text))?;
    for index in 0..store.rows() {
        let (Some(entry), Some(outcome)) = (store.entry(index)?, store.outcome(index)?) else {
            continue;
        };
        let Some(folder) = files.folder_of(&outcome.id) else {
            continue;
        };
        let file = |name: &str| {
            let path = folder.join(name);
            Cell::text(if path.exists() {
                path.display().to_string()
            } else {
                String::new()
            })
        };
        let [(_, pkcs12, _), (_, legacy, _), (_, jks, _)] = outdir::KEYSTORES;
        let host = host_of(&folder, &outcome.id);
        // A row with a CSR gets no keystore, so it has no password either.
        let kept_at = keystores
            .filter(|_| !entry.has_csr)
            .and_then(|keystores| keystores.kept_at(index, &host));
        writer.row(&[
            Cell::text(result::escape_formula(&entry.title)),
            Cell::text(&*outcome.id),
            Cell::text(&*outcome.serial),
            Cell::text(&*outcome.not_after),
            Cell::text(folder.display().to_string()),
            file(LEAF),
            file("fullchain.pem"),
            file(KEY),
            file(pkcs12),
            file(legacy),
            file(jks),
            Cell::text(kept_at.unwrap_or_default()),
        ])?;
    }
    Ok(writer.finish()?)
}

//! Checks a zipped workbook before its parts are unpacked into memory.

use std::io::{BufReader, Read, Seek};

use zip::ZipArchive;

use super::{ReadError, SharedFile};

/// The most bytes that a workbook may unpack to. 100,000 rows of ten columns stay below 100 MiB.
pub(super) const MOST_UNPACKED: u64 = 512 << 20;

/// The most parts in a workbook; no spreadsheet program writes that many.
const MOST_PARTS: usize = 10_000;

/// Unpacks every part once and discards it. A zip bomb is recognised by its real size, because the size in its
/// directory cannot be trusted.
pub(super) fn check(file: &mut SharedFile) -> Result<(), ReadError> {
    check_to(file, MOST_UNPACKED)
}

fn check_to(file: &mut SharedFile, most: u64) -> Result<(), ReadError> {
    let mut archive = open(file)?;
    if archive.len() > MOST_PARTS {
        return Err(ReadError::Bomb);
    }
    let mut total = 0;
    for index in 0..archive.len() {
        let mut part = archive.by_index(index).map_err(damaged)?;
        let mut chunk = [0; 16 << 10];
        loop {
            let read = part
                .read(&mut chunk)
                .map_err(|e| ReadError::Damaged(e.to_string()))?;
            if read == 0 {
                break;
            }
            total += read as u64;
            if total > most {
                return Err(ReadError::Bomb);
            }
        }
    }
    file.rewind()
        .map_err(|e| ReadError::Damaged(e.to_string()))?;
    Ok(())
}

/// Whether the archive is an OpenDocument spreadsheet, which has a part `content.xml`.
pub(super) fn is_ods(file: &mut SharedFile) -> Result<bool, ReadError> {
    let found = open(file)?.index_for_name("content.xml").is_some();
    file.rewind()
        .map_err(|e| ReadError::Damaged(e.to_string()))?;
    Ok(found)
}

/// Why the archive cannot be read: it belongs to another program, or it has a password.
pub(super) fn not_ours(file: &mut SharedFile) -> Result<Option<&'static str>, ReadError> {
    let mut archive = open(file)?;
    let names: Vec<String> = (0..archive.len())
        .filter_map(|index| archive.name_for_index(index)?.ok())
        .map(|name| name.replace('\\', "/").to_lowercase())
        .collect();
    let has = |end: &str| names.iter().any(|name| name.ends_with(end));
    let mut found = if has("workbook.bin") {
        Some("it is a binary Excel workbook (.xlsb): open it and save it as .xlsx")
    } else if has(".iwa") {
        Some("it is an Apple Numbers document: export it as Excel or CSV")
    } else {
        None
    };
    if let Ok(manifest) = archive.by_name("META-INF/manifest.xml") {
        let mut text = Vec::new();
        manifest
            .take(1 << 20)
            .read_to_end(&mut text)
            .map_err(|e| ReadError::Damaged(e.to_string()))?;
        if String::from_utf8_lossy(&text).contains("encryption-data") {
            found = Some("it has a password: save it without one");
        }
    }
    file.rewind()
        .map_err(|e| ReadError::Damaged(e.to_string()))?;
    Ok(found)
}

fn open(file: &mut SharedFile) -> Result<ZipArchive<BufReader<&mut SharedFile>>, ReadError> {
    ZipArchive::new(BufReader::new(file)).map_err(damaged)
}

pub(super) fn damaged(error: zip::result::ZipError) -> ReadError {
    ReadError::Damaged(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    #[test]
    fn a_bomb_is_found_by_its_real_size() {
        let mut zip = zip::ZipWriter::new(tempfile::tempfile().unwrap());
        zip.start_file("content.xml", zip::write::SimpleFileOptions::default())
            .unwrap();
        zip.write_all(&vec![b' '; 1 << 20]).unwrap();
        let file = zip.finish().unwrap();
        assert!(file.metadata().unwrap().len() < 10_000);
        let mut file = SharedFile::from(file);
        assert!(check_to(&mut file, 1 << 20).is_ok());
        let bomb = check_to(&mut file, (1 << 20) - 1);
        assert!(matches!(bomb, Err(ReadError::Bomb)));
    }
}

//! A file that somebody calls a spreadsheet.
#![no_main]

use std::io::Write;

use libfuzzer_sys::fuzz_target;
use sectigo_vault_pki::cli::bulk::sheet::{ReadOptions, Sheet};

fuzz_target!(|bytes: &[u8]| {
    let Ok(mut file) = tempfile::NamedTempFile::new() else {
        return;
    };
    if file.write_all(bytes).is_err() {
        return;
    }
    if let Ok(mut sheet) = Sheet::open(file.path(), &ReadOptions::default()) {
        while let Some(row) = sheet.next_blocking() {
            let _ = row;
        }
    }
});

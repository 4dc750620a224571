//! The strings that the cells of a workbook share. A workbook of 100,000 rows has more of them than memory should
//! hold: they are put aside in files without a name.

use std::fs::File;
use std::io::{self, BufRead, BufWriter, Write};
use std::os::unix::fs::FileExt;

use quick_xml::events::Event;

use super::rich_text;
use crate::cli::bulk::sheet::ReadError;
use crate::cli::bulk::sheet::xml::{Xml, is};

pub(super) struct Strings {
    texts: File,
    /// Where each text begins, and behind the last one where it ends.
    places: File,
}

impl Strings {
    pub(super) fn none() -> Result<Self, ReadError> {
        Ok(Self {
            texts: tempfile::tempfile().map_err(spill)?,
            places: tempfile::tempfile().map_err(spill)?,
        })
    }

    pub(super) fn read(part: impl BufRead) -> Result<Self, ReadError> {
        let this = Self::none()?;
        let mut texts = BufWriter::new(&this.texts);
        let mut places = BufWriter::new(&this.places);
        let mut end = 0_u64;
        let mut add = |text: &str| -> io::Result<()> {
            texts.write_all(text.as_bytes())?;
            places.write_all(&end.to_le_bytes())?;
            end += text.len() as u64;
            Ok(())
        };
        let mut xml = Xml::new(part);
        loop {
            match xml.event()? {
                Event::Start(start) if is(&start, "si") => {
                    add(&rich_text(&mut xml)?).map_err(spill)?;
                }
                Event::Empty(start) if is(&start, "si") => add("").map_err(spill)?,
                Event::Eof => break,
                _ => {}
            }
        }
        places.write_all(&end.to_le_bytes()).map_err(spill)?;
        places.flush().map_err(spill)?;
        texts.flush().map_err(spill)?;
        drop((texts, places));
        Ok(this)
    }

    /// A text by its number; `None` when there are not so many.
    pub(super) fn get(&self, number: u64) -> Result<Option<String>, ReadError> {
        let mut place = [0; 16];
        let at = number.checked_mul(8);
        let Some(at) = at.filter(|at| i64::try_from(at + 16).is_ok()) else {
            return Ok(None);
        };
        match self.places.read_exact_at(&mut place, at) {
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
            read => read.map_err(spill)?,
        }
        let number = |bytes: &[u8]| bytes.iter().rev().fold(0, |n, b| n << 8 | u64::from(*b));
        let (begin, end) = (number(&place[..8]), number(&place[8..]));
        let mut text = vec![0; usize::try_from(end - begin).unwrap_or_default()];
        self.texts.read_exact_at(&mut text, begin).map_err(spill)?;
        Ok(Some(String::from_utf8_lossy(&text).into_owned()))
    }
}

fn spill(source: io::Error) -> ReadError {
    ReadError::Io {
        path: std::env::temp_dir(),
        source,
    }
}

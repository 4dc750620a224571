//! The shared strings of a workbook. A workbook of 100,000 rows may have too many of them for memory, so they are kept
//! in temporary files without a name.

use std::fs::File;
use std::io::{self, BufRead, BufWriter, Read, Seek, SeekFrom, Write};
use std::ops::Range;

use quick_xml::events::Event;

use super::rich_text;
use crate::cli::bulk::sheet::ReadError;
use crate::cli::bulk::sheet::xml::{Xml, is};

pub(super) struct Strings {
    texts: Window,
    /// The offset of each text, and at the end the offset behind the last text.
    places: Window,
}

impl Strings {
    pub(super) fn none() -> Result<Self, ReadError> {
        Ok(Self {
            texts: Window::over(nameless()?),
            places: Window::over(nameless()?),
        })
    }

    pub(super) fn read(part: impl BufRead) -> Result<Self, ReadError> {
        let mut texts = BufWriter::new(nameless()?);
        let mut places = BufWriter::new(nameless()?);
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
        let window = |file: BufWriter<File>| {
            let file = file.into_inner().map_err(io::IntoInnerError::into_error);
            file.map(Window::over).map_err(spill)
        };
        Ok(Self {
            texts: window(texts)?,
            places: window(places)?,
        })
    }

    /// The text with this number. `None` when there is no such text.
    pub(super) fn get(&mut self, number: u64) -> Result<Option<String>, ReadError> {
        let Some(at) = number.checked_mul(8) else {
            return Ok(None);
        };
        let Some(place) = self.places.get(at, 16)? else {
            return Ok(None);
        };
        let number = |bytes: &[u8]| bytes.iter().rev().fold(0, |n, b| n << 8 | u64::from(*b));
        let (begin, end) = (number(&place[..8]), number(&place[8..]));
        let length = usize::try_from(end - begin).unwrap_or_default();
        let text = self.texts.get(begin, length)?.unwrap_or_default();
        Ok(Some(String::from_utf8_lossy(text).into_owned()))
    }
}

/// A buffered reader of a file. Most cells refer to the string after that of the cell before, so reads are mostly
/// sequential.
struct Window {
    file: File,
    begin: u64,
    bytes: Vec<u8>,
}

/// How many bytes are read at once.
const WINDOW: usize = 4 << 10;

impl Window {
    fn over(file: File) -> Self {
        Self {
            file,
            begin: 0,
            bytes: Vec::new(),
        }
    }

    /// `length` bytes at offset `at`. `None` when the file is shorter.
    fn get(&mut self, at: u64, length: usize) -> Result<Option<&[u8]>, ReadError> {
        if self.range(at, length).is_none() {
            self.begin = at;
            self.bytes.clear();
            let most = length.max(WINDOW) as u64;
            let read = self.file.seek(SeekFrom::Start(at)).and_then(|_| {
                let mut from_here = Read::by_ref(&mut self.file).take(most);
                from_here.read_to_end(&mut self.bytes)
            });
            match read {
                // The offset is larger than any file can be.
                Err(error) if error.kind() == io::ErrorKind::InvalidInput => return Ok(None),
                read => read.map_err(spill)?,
            };
        }
        let range = self.range(at, length);
        Ok(range.and_then(|range| self.bytes.get(range)))
    }

    /// The position of these bytes in the buffer, if they are all in it.
    fn range(&self, at: u64, length: usize) -> Option<Range<usize>> {
        let from = usize::try_from(at.checked_sub(self.begin)?).ok()?;
        let to = from.checked_add(length)?;
        (to <= self.bytes.len()).then_some(from..to)
    }
}

fn nameless() -> Result<File, ReadError> {
    tempfile::tempfile().map_err(spill)
}

fn spill(source: io::Error) -> ReadError {
    ReadError::Io {
        path: std::env::temp_dir(),
        source,
    }
}

//! Converts the bytes of a text file to UTF-8.

use std::io::{self, BufReader, Read, Seek};

use encoding_rs::{CoderResult, Decoder, Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

/// The encoding of a text file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Charset {
    pub(super) encoding: &'static Encoding,
    /// Length of the byte order mark in bytes.
    pub(super) mark: u8,
    /// The encoding was guessed from the bytes.
    pub(super) guessed: bool,
}

const CHUNK: usize = 64 << 10;

/// Detects UTF-8, UTF-16, or, when the bytes are not UTF-8, Windows-1252. `None` when the file is not text.
pub(super) fn charset(file: &mut (impl Read + Seek)) -> io::Result<Option<Charset>> {
    let mut head = Vec::with_capacity(4);
    file.by_ref().take(4).read_to_end(&mut head)?;
    file.rewind()?;
    if let Some((encoding, length)) = Encoding::for_bom(&head) {
        return Ok(Some(Charset {
            encoding,
            mark: length as u8,
            guessed: false,
        }));
    }
    if let Some(encoding) = utf_16(file)? {
        return Ok(Some(Charset {
            encoding,
            mark: 0,
            guessed: true,
        }));
    }
    let mut encoding = UTF_8;
    let mut pending = Vec::new();
    let mut reader = BufReader::new(file.by_ref());
    loop {
        let start = pending.len();
        pending.resize(start + CHUNK, 0);
        let read = reader.read(&mut pending[start..])?;
        pending.truncate(start + read);
        if pending[start..].contains(&0) {
            return Ok(None);
        }
        if encoding == UTF_8 {
            let valid = Encoding::utf8_valid_up_to(&pending);
            // A character of up to four bytes may continue in the next chunk.
            if pending.len() - valid > if read == 0 { 0 } else { 3 } {
                encoding = WINDOWS_1252;
            }
            pending.drain(..valid);
        }
        if encoding != UTF_8 {
            pending.clear();
        }
        if read == 0 {
            break;
        }
    }
    file.rewind()?;
    Ok(Some(Charset {
        encoding,
        mark: 0,
        guessed: false,
    }))
}

/// Detects UTF-16 without a byte order mark: in Latin text every second byte is zero.
fn utf_16(file: &mut (impl Read + Seek)) -> io::Result<Option<&'static Encoding>> {
    let mut head = Vec::with_capacity(512);
    file.by_ref().take(512).read_to_end(&mut head)?;
    file.rewind()?;
    let zeros = |from: usize| {
        head.iter()
            .skip(from)
            .step_by(2)
            .filter(|b| **b == 0)
            .count()
    };
    let (even, odd) = (zeros(0), zeros(1));
    let half = head.len() / 2;
    Ok(match (even, odd) {
        _ if half < 4 || head.len() % 2 != 0 => None,
        (0, odd) if odd * 10 >= half * 7 => Some(UTF_16LE),
        (even, 0) if even * 10 >= half * 7 => Some(UTF_16BE),
        _ => None,
    })
}

/// Reads text in another encoding as UTF-8.
pub(super) struct Utf8<R> {
    inner: R,
    decoder: Decoder,
    raw: Vec<u8>,
    raw_from: usize,
    ended: bool,
    flushed: bool,
}

impl<R: Read> Utf8<R> {
    pub(super) fn new(mut inner: R, charset: Charset) -> io::Result<Self> {
        let mut mark = [0; 3];
        inner.read_exact(&mut mark[..usize::from(charset.mark)])?;
        Ok(Self {
            inner,
            decoder: charset.encoding.new_decoder_without_bom_handling(),
            raw: Vec::new(),
            raw_from: 0,
            ended: false,
            flushed: false,
        })
    }
}

impl<R: Read> Read for Utf8<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        // The decoder must not be called again after it has returned its last character.
        while !self.flushed {
            if self.raw_from == self.raw.len() && !self.ended {
                self.raw.resize(CHUNK, 0);
                let read = self.inner.read(&mut self.raw)?;
                self.raw.truncate(read);
                self.raw_from = 0;
                self.ended = read == 0;
            }
            let (state, read, written, _) =
                self.decoder
                    .decode_to_utf8(&self.raw[self.raw_from..], out, self.ended);
            self.raw_from += read;
            self.flushed = self.ended && state == CoderResult::InputEmpty;
            if written > 0 {
                return Ok(written);
            }
        }
        Ok(0)
    }
}

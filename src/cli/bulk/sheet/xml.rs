//! Reads the XML parts of a workbook event by event, with a limit on the size of an event.

use std::borrow::Cow;
use std::io::{self, BufRead, Read};

use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use super::ReadError;

/// The most bytes in the text of a cell, and in all texts of a row.
pub(super) const LONGEST_ROW: usize = 1 << 20;

/// The most bytes in a tag or a text, including markup.
const LARGEST_EVENT: usize = 2 * LONGEST_ROW;

pub(super) struct Xml<R: BufRead> {
    reader: Reader<Bounded<R>>,
    buffer: Vec<u8>,
}

impl<R: BufRead> Xml<R> {
    pub(super) fn new(part: R) -> Self {
        let part = Bounded {
            inner: part,
            left: LARGEST_EVENT,
        };
        Self {
            reader: Reader::from_reader(part),
            buffer: Vec::new(),
        }
    }

    /// The next event. It borrows the buffer, so it must be dropped before the next call.
    pub(super) fn event(&mut self) -> Result<Event<'_>, ReadError> {
        self.buffer.clear();
        self.reader.get_mut().left = LARGEST_EVENT;
        let event = self.reader.read_event_into(&mut self.buffer);
        event.map_err(broken)
    }

    pub(super) fn owned_event(&mut self) -> Result<Event<'static>, ReadError> {
        Ok(self.event()?.into_owned())
    }

    /// Calls `each` with all events up to and including the end of the current element, and with their depth in it.
    pub(super) fn rest_of_element(
        &mut self,
        mut each: impl FnMut(Event<'_>, u32) -> Result<(), ReadError>,
    ) -> Result<(), ReadError> {
        let mut depth = 1;
        while depth > 0 {
            let event = self.event()?;
            match &event {
                Event::Start(_) => depth += 1,
                Event::End(_) => depth -= 1,
                Event::Eof => return Err(ends_early()),
                _ => {}
            }
            each(event, depth)?;
        }
        Ok(())
    }

    /// The text up to the end of the current element.
    pub(super) fn text(&mut self) -> Result<String, ReadError> {
        let mut text = String::new();
        self.rest_of_element(|event, depth| {
            if depth == 1 {
                push_text(&event, &mut text)?;
            }
            if text.len() > LONGEST_ROW {
                return Err(ReadError::Damaged("a text is longer than 1 MiB".into()));
            }
            Ok(())
        })?;
        Ok(text)
    }
}

/// Appends the text of an event.
pub(super) fn push_text(event: &Event<'_>, text: &mut String) -> Result<(), ReadError> {
    match event {
        Event::Text(part) => text.push_str(&part.xml10_content()),
        Event::CData(part) => text.push_str(&part.xml10_content()),
        Event::GeneralRef(entity) => text.push(character(entity)?),
        _ => {}
    }
    Ok(())
}

pub(super) fn is(start: &BytesStart<'_>, name: &str) -> bool {
    start.local_name().as_ref() == name
}

pub(super) fn attribute(start: &BytesStart<'_>, name: &str) -> Result<Option<String>, ReadError> {
    start
        .try_get_attribute(name)
        .map_err(|e| ReadError::Damaged(e.to_string()))?
        .map(|attribute| {
            attribute
                .normalized_value(XmlVersion::Explicit1_0)
                .map(|value| value.into_owned())
        })
        .transpose()
        .map_err(broken)
}

/// Calls `each` with the name and the value of every attribute.
pub(super) fn each_attribute(
    start: &BytesStart<'_>,
    mut each: impl FnMut(&str, Cow<'_, str>) -> Result<(), ReadError>,
) -> Result<(), ReadError> {
    for attribute in start.attributes().with_checks(false) {
        let attribute = attribute.map_err(|e| ReadError::Damaged(e.to_string()))?;
        let value = attribute.normalized_value(XmlVersion::Explicit1_0);
        each(attribute.key.as_ref(), value.map_err(broken)?)?;
    }
    Ok(())
}

pub(super) fn ends_early() -> ReadError {
    ReadError::Damaged("a part of the workbook ends in the middle".into())
}

pub(super) fn broken(error: quick_xml::Error) -> ReadError {
    ReadError::Damaged(error.to_string())
}

fn character(entity: &BytesRef<'_>) -> Result<char, ReadError> {
    if let Some(character) = entity.resolve_char_ref().map_err(broken)? {
        return Ok(character);
    }
    match entity.xml10_content().as_ref() {
        "amp" => Ok('&'),
        "lt" => Ok('<'),
        "gt" => Ok('>'),
        "quot" => Ok('"'),
        "apos" => Ok('\''),
        other => Err(ReadError::Damaged(format!("unknown entity {other:?}"))),
    }
}

/// Fails after a number of bytes, because an event is kept in memory as a whole.
struct Bounded<R> {
    inner: R,
    left: usize,
}

impl<R: BufRead> Read for Bounded<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let mut available = self.fill_buf()?;
        let read = available.read(out)?;
        self.consume(read);
        Ok(read)
    }
}

impl<R: BufRead> BufRead for Bounded<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        let left = self.left;
        let available = self.inner.fill_buf()?;
        if left == 0 && !available.is_empty() {
            return Err(io::Error::other("a tag or a text is longer than 2 MiB"));
        }
        Ok(&available[..available.len().min(left)])
    }

    fn consume(&mut self, amount: usize) {
        self.left = self.left.saturating_sub(amount);
        self.inner.consume(amount);
    }
}

//! The one use of PKCS#7 here: a `SignedData` that signs nothing and carries certificates.
//!
//! Read by hand and not with a DER library, because CAs send BER (lengths left open, sets unsorted) and everybody
//! reads that.

const SIGNED_DATA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02];
const DATA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x01];

const INTEGER: u8 = 0x02;
const OID: u8 = 0x06;
const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;
const CONTEXT_0: u8 = 0xa0;

/// Deeper than any PKCS#7 nests.
const DEEPEST: usize = 32;

/// The bytes say of themselves that they are PKCS#7 signed data, whatever follows.
pub(super) fn is_signed_data(der: &[u8]) -> bool {
    Element::read(der, 0)
        .filter(|(outer, _)| outer.tag == SEQUENCE)
        .and_then(|(outer, _)| Element::read(outer.content, 0))
        .is_some_and(|(kind, _)| kind.tag == OID && kind.content == SIGNED_DATA)
}

/// The certificates inside, each as its own DER; `None` when the structure is damaged.
pub(super) fn certificates(der: &[u8]) -> Option<Vec<&[u8]>> {
    let (outer, _) = Element::read(der, 0).filter(|(outer, _)| outer.tag == SEQUENCE)?;
    let mut outer = outer.children();
    let kind = outer.next()??;
    if kind.tag != OID || kind.content != SIGNED_DATA {
        return None;
    }
    let wrapper = outer.next()??;
    let (signed, _) = Element::read(wrapper.content, 0)
        .filter(|(signed, _)| wrapper.tag == CONTEXT_0 && signed.tag == SEQUENCE)?;
    for part in signed.children() {
        let part = part?;
        if part.tag == CONTEXT_0 {
            return part
                .children()
                .map(|choice| choice.map(|certificate| (certificate.tag, certificate.whole)))
                .collect::<Option<Vec<_>>>()
                .map(|all| {
                    // The other choices are attribute certificates and PKCS#6, long gone.
                    all.into_iter()
                        .filter(|(tag, _)| *tag == SEQUENCE)
                        .map(|(_, whole)| whole)
                        .collect()
                });
        }
    }
    Some(Vec::new())
}

/// Signed data without signers around these certificates, in this order, as DER (RFC 5652, section 5.1).
pub(super) fn encode<'a>(certificates: impl IntoIterator<Item = &'a [u8]>) -> Vec<u8> {
    let certificates: Vec<u8> = certificates.into_iter().flatten().copied().collect();
    let signed = [
        element(INTEGER, &[1]),
        element(SET, &[]),
        element(SEQUENCE, &element(OID, DATA)),
        element(CONTEXT_0, &certificates),
        element(SET, &[]),
    ]
    .concat();
    let content = [
        element(OID, SIGNED_DATA),
        element(CONTEXT_0, &element(SEQUENCE, &signed)),
    ]
    .concat();
    element(SEQUENCE, &content)
}

/// One tag, its length, its content.
pub(super) fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut bytes = vec![tag];
    let length = content.len();
    if length < 0x80 {
        bytes.push(length as u8);
    } else {
        let digits: Vec<u8> = length
            .to_be_bytes()
            .into_iter()
            .skip_while(|byte| *byte == 0)
            .collect();
        bytes.push(0x80 | digits.len() as u8);
        bytes.extend(digits);
    }
    bytes.extend(content);
    bytes
}

struct Element<'a> {
    tag: u8,
    content: &'a [u8],
    whole: &'a [u8],
}

impl<'a> Element<'a> {
    /// The first element of `bytes`, and what follows it.
    fn read(bytes: &'a [u8], depth: usize) -> Option<(Self, &'a [u8])> {
        let (&tag, after_tag) = bytes.split_first()?;
        // Tags of more than one byte do not occur on our way.
        if tag & 0x1f == 0x1f || depth > DEEPEST {
            return None;
        }
        let (&first, after) = after_tag.split_first()?;
        let (content, rest) = match first {
            0x80 => Self::open_ended(after, depth)?,
            0..0x80 => after.split_at_checked(first.into())?,
            _ => {
                let (digits, after) = after.split_at_checked((first & 0x7f).into())?;
                if digits.len() > 4 {
                    return None;
                }
                let length = digits
                    .iter()
                    .fold(0_usize, |length, digit| length << 8 | usize::from(*digit));
                after.split_at_checked(length)?
            }
        };
        let whole = &bytes[..bytes.len() - rest.len()];
        Some((
            Self {
                tag,
                content,
                whole,
            },
            rest,
        ))
    }

    /// Content of unstated length: elements until the end-of-contents mark, two zero bytes.
    fn open_ended(bytes: &'a [u8], depth: usize) -> Option<(&'a [u8], &'a [u8])> {
        let mut rest = bytes;
        loop {
            if let Some(after) = rest.strip_prefix(&[0, 0]) {
                return Some((&bytes[..bytes.len() - rest.len()], after));
            }
            (_, rest) = Self::read(rest, depth + 1)?;
        }
    }

    /// The elements inside; `None` for the damaged one, after which there are no more.
    fn children(&self) -> impl Iterator<Item = Option<Element<'a>>> + use<'a> {
        let mut rest = Some(self.content);
        std::iter::from_fn(move || {
            let bytes = rest.filter(|bytes| !bytes.is_empty())?;
            match Element::read(bytes, 0) {
                Some((element, after)) => {
                    rest = Some(after);
                    Some(Some(element))
                }
                None => {
                    rest = None;
                    Some(None)
                }
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn reads_what_it_writes() {
        let (a, b) = (element(SEQUENCE, &[7; 300]), element(SEQUENCE, &[9; 3]));
        let der = encode([b.as_slice(), a.as_slice()]);
        assert!(is_signed_data(&der));
        assert_eq!(certificates(&der).unwrap(), [b.as_slice(), a.as_slice()]);
    }

    #[test]
    fn reads_open_lengths() {
        let certificate = element(SEQUENCE, &[1, 1, 1]);
        let open = |tag: u8, content: &[u8]| [&[tag, 0x80], content, &[0, 0]].concat();
        let signed = [
            element(INTEGER, &[1]),
            element(SET, &[]),
            open(SEQUENCE, &element(OID, DATA)),
            open(CONTEXT_0, &certificate),
            element(SET, &[]),
        ]
        .concat();
        let content = [
            element(OID, SIGNED_DATA),
            open(CONTEXT_0, &open(SEQUENCE, &signed)),
        ]
        .concat();
        assert_eq!(
            certificates(&open(SEQUENCE, &content)).unwrap(),
            [certificate.as_slice()]
        );
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
            let _ = certificates(&bytes);
            let _ = is_signed_data(&bytes);
        }

        #[test]
        fn a_damaged_one_is_read_or_refused(at in 0_usize..60, byte: u8) {
            let certificate = element(SEQUENCE, &[1; 20]);
            let mut der = encode([certificate.as_slice(), certificate.as_slice()]);
            let at = at % der.len();
            der[at] = byte;
            let _ = certificates(&der);
        }
    }
}

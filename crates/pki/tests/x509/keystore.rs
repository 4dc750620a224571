//! A reader of JKS files, written from the layout alone: the counterpart of what `format=jks` writes.

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};

pub struct Keystore {
    pub alias: String,
    /// PKCS#8.
    pub key: Vec<u8>,
    pub chain: Vec<Vec<u8>>,
}

/// Reads a store of one key entry; panics at the first thing that is not as it must be.
pub fn read(bytes: &[u8], password: &str) -> Keystore {
    let password: Vec<u8> = password.encode_utf16().flat_map(u16::to_be_bytes).collect();
    let (content, seal) = bytes.split_at(bytes.len() - 20);
    assert_eq!(
        seal,
        sha1(&[&password, b"Mighty Aphrodite", content]),
        "the seal"
    );
    let mut rest = Reader(content);
    assert_eq!(rest.number(), 0xfeed_feed, "magic");
    assert_eq!(rest.number(), 2, "version");
    assert_eq!(rest.number(), 1, "entries");
    assert_eq!(rest.number(), 1, "a key entry");
    let alias = rest.short_text();
    let millis = i64::from_be_bytes(rest.take(8).try_into().unwrap());
    let age = jiff::Timestamp::now().as_millisecond() - millis;
    assert!((0..600_000).contains(&age), "created {age} ms ago");
    let protected = rest.long();
    let chain = (0..rest.number())
        .map(|_| {
            assert_eq!(rest.short_text(), "X.509");
            rest.long().to_vec()
        })
        .collect();
    assert!(rest.0.is_empty(), "nothing after the chain");
    Keystore {
        alias,
        key: unprotect(protected, &password),
        chain,
    }
}

/// SEQUENCE { SEQUENCE { 1.3.6.1.4.1.42.2.17.1.1, NULL }, OCTET STRING { salt, masked key, check } }
fn unprotect(der: &[u8], password: &[u8]) -> Vec<u8> {
    let outer = Reader(der).element(0x30);
    let mut outer = Reader(outer);
    let algorithm = outer.element(0x30);
    assert_eq!(
        algorithm,
        [0x06, 10, 0x2b, 6, 1, 4, 1, 42, 2, 17, 1, 1, 0x05, 0]
    );
    let protected = outer.element(0x04);
    let (salt, rest) = protected.split_at(20);
    let (masked, check) = rest.split_at(rest.len() - 20);
    let mut mask = salt.to_vec();
    let mut key = Vec::new();
    for part in masked.chunks(20) {
        mask = sha1(&[password, &mask]);
        key.extend(part.iter().zip(&mask).map(|(byte, mask)| byte ^ mask));
    }
    assert_eq!(check, sha1(&[password, &key]), "the check of the key");
    key
}

fn sha1(parts: &[&[u8]]) -> Vec<u8> {
    digest(&SHA1_FOR_LEGACY_USE_ONLY, &parts.concat())
        .as_ref()
        .to_vec()
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, length: usize) -> &'a [u8] {
        let (taken, rest) = self.0.split_at(length);
        self.0 = rest;
        taken
    }

    fn number(&mut self) -> u32 {
        u32::from_be_bytes(self.take(4).try_into().unwrap())
    }

    fn long(&mut self) -> &'a [u8] {
        let length = self.number() as usize;
        self.take(length)
    }

    fn short_text(&mut self) -> String {
        let length = u16::from_be_bytes(self.take(2).try_into().unwrap());
        String::from_utf8(self.take(length.into()).to_vec()).unwrap()
    }

    fn element(&mut self, tag: u8) -> &'a [u8] {
        assert_eq!(self.take(1), [tag]);
        let first = self.take(1)[0];
        let length = match first {
            0..0x80 => usize::from(first),
            _ => self
                .take(usize::from(first & 0x7f))
                .iter()
                .fold(0, |length, byte| length << 8 | usize::from(*byte)),
        };
        self.take(length)
    }
}

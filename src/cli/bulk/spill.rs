//! Collections that are kept in temporary files, so that a sheet of 100,000 rows needs no more memory than one of
//! 1,000.
//!
//! The files have no name and vanish with the process. They contain the same kind of data as journal and result: no
//! secrets.

use std::fs::File;
use std::io::{self, ErrorKind};
use std::marker::PhantomData;
use std::os::unix::fs::FileExt;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::request::Digest;

/// A vector in a file.
pub struct DiskVec<T> {
    values: File,
    end: u64,
    /// For each number, the offset and the length of its value; both are zero when there is no value.
    places: File,
    count: u64,
    of: PhantomData<fn() -> T>,
}

const PLACE: u64 = 16;

impl<T: Serialize + DeserializeOwned> DiskVec<T> {
    pub fn new() -> io::Result<Self> {
        Ok(Self {
            values: tempfile::tempfile()?,
            end: 0,
            places: tempfile::tempfile()?,
            count: 0,
            of: PhantomData,
        })
    }

    /// One more than the highest number in use.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Adds a value at the end and returns its number.
    pub fn push(&mut self, value: &T) -> io::Result<u64> {
        let number = self.count;
        self.set(number, value)?;
        Ok(number)
    }

    /// Sets the value of a number, which may have had a value or not.
    pub fn set(&mut self, number: u64, value: &T) -> io::Result<()> {
        let bytes = serde_json::to_vec(value)?;
        self.values.write_all_at(&bytes, self.end)?;
        let mut place = [0; PLACE as usize];
        place[..8].copy_from_slice(&self.end.to_le_bytes());
        place[8..].copy_from_slice(&(bytes.len() as u64).to_le_bytes());
        self.places.write_all_at(&place, number * PLACE)?;
        self.end += bytes.len() as u64;
        self.count = self.count.max(number + 1);
        Ok(())
    }

    pub fn get(&self, number: u64) -> io::Result<Option<T>> {
        let mut place = [0; PLACE as usize];
        match self.places.read_exact_at(&mut place, number * PLACE) {
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Ok(None),
            read => read?,
        }
        let (at, length) = (number_in(&place[..8]), number_in(&place[8..]));
        if length == 0 {
            return Ok(None);
        }
        let mut bytes = vec![0; usize::try_from(length).map_err(io::Error::other)?];
        self.values.read_exact_at(&mut bytes, at)?;
        Ok(Some(serde_json::from_slice(&bytes)?))
    }
}

/// A map from digests to numbers: a hash table in a file, at most half full.
pub struct DiskMap {
    slots: File,
    /// The number of slots, a power of two.
    capacity: u64,
    used: u64,
}

/// The size of a slot in bytes: the digest (16), and the number plus one (8). An empty slot is all zeros.
const SLOT: u64 = 24;
const FIRST_CAPACITY: u64 = 1024;

impl DiskMap {
    pub fn new() -> io::Result<Self> {
        Self::with_capacity(FIRST_CAPACITY)
    }

    fn with_capacity(capacity: u64) -> io::Result<Self> {
        let slots = tempfile::tempfile()?;
        slots.set_len(capacity * SLOT)?;
        Ok(Self {
            slots,
            capacity,
            used: 0,
        })
    }

    pub fn get(&self, key: &Digest) -> io::Result<Option<u64>> {
        if self.used == 0 {
            return Ok(None);
        }
        Ok(self.find(key)?.1)
    }

    /// Sets the number of a digest.
    pub fn set(&mut self, key: &Digest, number: u64) -> io::Result<()> {
        self.update(key, |_| number).map(drop)
    }

    /// Computes the new number of a digest from its present one, and returns it. Looks the digest up only once, because
    /// each look-up is a system call.
    pub fn update(
        &mut self,
        key: &Digest,
        change: impl FnOnce(Option<u64>) -> u64,
    ) -> io::Result<u64> {
        let (slot, before) = self.find(key)?;
        let number = change(before);
        if before == Some(number) {
            return Ok(number);
        }
        self.write(slot, key, number)?;
        if before.is_none() {
            self.used += 1;
            if self.used > self.capacity / 2 {
                self.grow()?;
            }
        }
        Ok(number)
    }

    /// Counts an occurrence of a digest, and returns the count.
    pub fn count(&mut self, key: &Digest) -> io::Result<u64> {
        self.update(key, |before| before.unwrap_or_default() + 1)
    }

    /// The slot of a digest and its number, or the free slot where the digest would go.
    fn find(&self, key: &Digest) -> io::Result<(u64, Option<u64>)> {
        let mut slot = number_in(&key[..8]) & (self.capacity - 1);
        loop {
            let mut bytes = [0; SLOT as usize];
            self.slots.read_exact_at(&mut bytes, slot * SLOT)?;
            match number_in(&bytes[16..]) {
                0 => return Ok((slot, None)),
                found if bytes[..16] == *key => return Ok((slot, Some(found - 1))),
                _ => slot = (slot + 1) & (self.capacity - 1),
            }
        }
    }

    fn write(&self, slot: u64, key: &Digest, number: u64) -> io::Result<()> {
        let mut bytes = [0; SLOT as usize];
        bytes[..16].copy_from_slice(key);
        bytes[16..].copy_from_slice(&(number + 1).to_le_bytes());
        self.slots.write_all_at(&bytes, slot * SLOT)
    }

    fn grow(&mut self) -> io::Result<()> {
        let mut larger = Self::with_capacity(self.capacity * 2)?;
        let mut chunk = [0; 1024 * SLOT as usize];
        for first in (0..self.capacity).step_by(1024) {
            self.slots.read_exact_at(&mut chunk, first * SLOT)?;
            for bytes in chunk.chunks_exact(SLOT as usize) {
                let number = number_in(&bytes[16..]);
                if number > 0 {
                    let mut key = Digest::default();
                    key.copy_from_slice(&bytes[..16]);
                    let (slot, _) = larger.find(&key)?;
                    larger.write(slot, &key, number - 1)?;
                }
            }
        }
        larger.used = self.used;
        *self = larger;
        Ok(())
    }
}

fn number_in(bytes: &[u8]) -> u64 {
    let mut number = [0; 8];
    number.copy_from_slice(bytes);
    u64::from_le_bytes(number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::bulk::request::digest;

    #[test]
    fn values_are_found_by_their_number() {
        let mut shelf = DiskVec::new().unwrap();
        assert_eq!(shelf.push(&"a".to_owned()).unwrap(), 0);
        shelf.set(3, &"longer than a".to_owned()).unwrap();
        shelf.set(0, &"b".to_owned()).unwrap();
        assert_eq!(shelf.count(), 4);
        let all: Vec<Option<String>> = (0..5).map(|n| shelf.get(n).unwrap()).collect();
        let text = |text: &str| Some(text.to_owned());
        assert_eq!(all, [text("b"), None, None, text("longer than a"), None]);
    }

    #[test]
    fn numbers_are_found_by_their_digest_however_many_there_are() {
        let mut index = DiskMap::new().unwrap();
        let key = |n: u64| digest([n.to_string().as_str()]);
        for n in 0..5000 {
            index.set(&key(n), n).unwrap();
        }
        index.set(&key(7), 70).unwrap();
        for n in 0..5000 {
            let expected = if n == 7 { 70 } else { n };
            assert_eq!(index.get(&key(n)).unwrap(), Some(expected));
        }
        assert_eq!(index.get(&key(5000)).unwrap(), None);
        assert_eq!(index.used, 5000);
        // `update` keeps the first number; `count` counts.
        assert_eq!(
            index.update(&key(7), |first| first.unwrap_or(1)).unwrap(),
            70
        );
        let other = key(5000);
        assert_eq!([(); 3].map(|()| index.count(&other).unwrap()), [1, 2, 3]);
        assert_eq!((index.get(&other).unwrap(), index.used), (Some(3), 5001));
        assert_eq!(DiskMap::new().unwrap().get(&other).unwrap(), None);
    }
}

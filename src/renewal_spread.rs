//! The moment of a renewal. Certificates that were ordered together are not all renewed in the same minute: each is renewed
//! at a moment of its own in the first third of its window. Engine and forecast use the same function.

use aws_lc_rs::digest;

/// A delay between 0 and `most`, always the same for this id.
pub fn renewal_spread(id: &str, most: i64) -> i64 {
    let digest = digest::digest(&digest::SHA256, id.as_bytes());
    let bytes = digest.as_ref();
    i64::from(u16::from_be_bytes([bytes[0], bytes[1]])) * most / i64::from(u16::MAX)
}

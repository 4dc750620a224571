//! Random ids and jitter, from the system's source.

use aws_lc_rs::rand;

/// `n` random bytes in hexadecimal. Without randomness nothing here may go on, so a failing source is an error.
pub fn hex(n: usize) -> Result<String, vault_plugin::logical::Error> {
    let mut bytes = vec![0; n];
    rand::fill(&mut bytes).map_err(|_| {
        vault_plugin::logical::Error::internal("the system gives no random numbers")
    })?;
    Ok(hex::encode(bytes))
}

/// Between 0 and 1; 0.5 should the source fail, for it only spreads load.
pub fn fraction() -> f64 {
    let mut bytes = [0; 4];
    if rand::fill(&mut bytes).is_err() {
        return 0.5;
    }
    f64::from(u32::from_le_bytes(bytes)) / f64::from(u32::MAX)
}

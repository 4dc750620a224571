//! Random ids and jitter from the system's random source.

use aws_lc_rs::rand;

/// `n` random bytes in hexadecimal. Ids must be random, so a failing source is an error.
pub fn hex(n: usize) -> Result<String, vault_plugin::logical::Error> {
    let mut bytes = vec![0; n];
    rand::fill(&mut bytes).map_err(|_| {
        vault_plugin::logical::Error::internal("the system gives no random numbers")
    })?;
    Ok(hex::encode(bytes))
}

/// A number between 0 and 1; 0.5 if the source fails, because the number only spreads load.
pub fn fraction() -> f64 {
    let mut bytes = [0; 4];
    if rand::fill(&mut bytes).is_err() {
        return 0.5;
    }
    f64::from(u32::from_le_bytes(bytes)) / f64::from(u32::MAX)
}

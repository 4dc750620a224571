//! (being built)

pub mod bulk;
pub mod demo;

//! This secrets engine.

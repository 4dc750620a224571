//! The filter line of the dashboard, as it is typed.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sectigo_vault_pki::filter::{Filter, suggest};

fuzz_target!(|line: &str| {
    let (filter, _) = Filter::lenient(line);
    let _ = filter.pushdown(0, &[]);
    let _ = suggest(line, &|_| Vec::new());
});

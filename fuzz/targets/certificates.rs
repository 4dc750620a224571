//! What SCM delivers for a certificate, and what a caller gives as a CSR.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pki::{Chain, Csr, Format, PathPreference, bundle, export};

fuzz_target!(|bytes: &[u8]| {
    if let Ok(found) = bundle::parse(bytes)
        && let Ok(chain) = Chain::assemble_any_leaf(found, PathPreference::Compatible)
    {
        for format in [Format::Pem, Format::PemBundle, Format::Der] {
            let _ = export(&chain, None, format, None);
        }
    }
    if let Ok(text) = std::str::from_utf8(bytes)
        && let Ok(csr) = Csr::parse(text)
    {
        // What was taken once is taken again from its own text.
        assert_eq!(
            Csr::parse(&csr.to_pem()).ok().as_ref().map(Csr::spki_der),
            Some(csr.spki_der())
        );
    }
});

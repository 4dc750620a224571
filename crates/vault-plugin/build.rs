//! Compiles the `proto/` of the workspace without needing a `protoc` on the machine.

use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    // Found from this crate, wherever it lies when it is built: the folder of an earlier build may be gone.
    let folder = format!("{}/../../proto", std::env::var("CARGO_MANIFEST_DIR")?);
    println!("cargo::rerun-if-changed={folder}");
    let files = [
        "goplugin.proto",
        "multiplexing.proto",
        "logical.proto",
        "backend.proto",
    ];
    let descriptors = protox::compile(files, [&folder])?;
    tonic_prost_build::configure()
        // A message may carry a private key: none can be printed.
        .skip_debug(["."])
        .compile_fds(descriptors)?;
    Ok(())
}

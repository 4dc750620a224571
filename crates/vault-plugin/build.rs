//! Compiles `proto/` without needing a `protoc` on the machine.

use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=proto");
    let files = [
        "goplugin.proto",
        "multiplexing.proto",
        "logical.proto",
        "backend.proto",
    ];
    let descriptors = protox::compile(files, ["proto"])?;
    tonic_prost_build::configure()
        // A message may carry a private key: none can be printed.
        .skip_debug(["."])
        .compile_fds(descriptors)?;
    Ok(())
}

//! Generated from `proto/`: a module for each package, as the generated code expects.
#![allow(
    clippy::all,
    unused_qualifications,
    reason = "generated code keeps its own style"
)]

pub mod logical {
    tonic::include_proto!("logical");
}

pub mod multiplexing {
    tonic::include_proto!("pluginutil.multiplexing");
}

pub mod pb {
    tonic::include_proto!("pb");
}

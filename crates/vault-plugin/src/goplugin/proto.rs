//! Generated from `proto/goplugin.proto`.
#![allow(
    clippy::all,
    unused_qualifications,
    reason = "generated code keeps its own style"
)]

tonic::include_proto!("plugin");

//! The dashboard: pictures of every screen, scripts of keys, random keys, and the real program in a real terminal.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod accidents;
mod by_hand;
mod fake_server;
mod forecast;
mod forms;
mod fuzz;
mod harness;
mod help;
mod keys;
mod live;
mod morning;
mod orders;
mod orders_once;
mod paging;
mod panics;
mod pictures;
mod pty;
mod reach;
mod screens;
mod trial;
mod typed_commands;
mod undo;
mod whose;

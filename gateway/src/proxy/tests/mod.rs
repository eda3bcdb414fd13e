//! The tenant port over real sockets.

mod carry;
mod drain;
mod identity;
mod limits;
mod pages;
mod refresh;
mod rig;
mod traffic;
mod trouble;
mod websocket;

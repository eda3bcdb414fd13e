//! The tenant port: finds the tenant behind a request's host and carries the request to that tenant's upstream.
//!
//! The layer owns no state of record. It reads one immutable [`view::View`] per request: a [`RouteTable`], which
//! [`refresh::keep_fresh`] replaces from whatever source it is given, and above it the tenants that changed since. When the
//! source fails, the last good one stays.

pub mod forward;
pub mod headers;
pub mod host;
pub mod negotiate;
pub mod pages;
pub mod peers;
pub mod refresh;
pub mod server;
pub mod service;
pub mod table;
pub mod traffic;
pub mod tunnel;
pub mod upload;
pub mod upstream;
pub mod view;

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "upstreams and clients of a test end with the test's runtime")]
mod tests;

pub use forward::{Forwarder, Timeouts};
pub use peers::TrustedPeers;
pub use refresh::{Cadence, LoadError, Look, Making, Routes, Source, keep_fresh};
pub use server::{Connection, Drained, Limits, serve};
pub use service::serve_tenants;
pub use table::{Entry, EntryState, RouteTable};
pub use traffic::Traffic;
pub use view::Change;

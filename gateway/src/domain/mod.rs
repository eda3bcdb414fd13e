//! What a tenant is and what may happen to it: pure types and decisions, no I/O.
//!
//! Everything here can be read and tested without a database, a runtime or a network.

pub mod batch;
pub mod drift;
pub mod email;
pub mod event;
pub mod failure;
pub mod host;
pub mod ids;
pub mod inspection;
pub mod job;
pub mod key;
pub mod labels;
pub mod lease;
pub mod likeness;
pub mod names;
pub mod operation;
pub mod orphan;
pub mod person;
pub mod plan;
pub mod pool;
pub mod ports;
pub mod reach;
pub mod retry;
pub mod route;
pub mod rule;
pub mod seal;
pub mod series;
pub mod server;
pub mod signup;
pub mod status;
pub mod stock;
pub mod subnet;
pub mod suggestion;
pub mod tenant;
pub mod version;

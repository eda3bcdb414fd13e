//! What a process does: one file per verb of the `gateway` binary.

pub mod tenant_port;
pub mod worker;

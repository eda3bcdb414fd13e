//! Gateway: the control plane that gives every tenant of a SaaS its own database, network and route.
//!
//! A layer uses only those above it in this list; the order is also the way a row takes from insert to active:
//! domain, config, telemetry, store, api, run, cli.

pub mod api;
pub mod cli;
pub mod config;
pub mod domain;
pub mod run;
pub mod store;
pub mod telemetry;

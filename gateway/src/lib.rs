//! Gateway: the control plane that gives every tenant of a SaaS its own database, network and route.
//!
//! A layer uses only those above it in this list; the order is also the way a row takes from insert to active.

pub mod domain;
pub mod config;
pub mod telemetry;
pub mod store;
pub mod infra;
pub mod provision;
pub mod inventory;
pub mod worker;
pub mod reconcile;
pub mod verify;
pub mod doctor;
pub mod jobs;
pub mod proxy;
pub mod api;
pub mod dev;
pub mod run;
pub mod cli;

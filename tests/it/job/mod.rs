//! The job: a pending row becomes a tenant that answers through Traefik, whatever happens on the way.

mod bad_input;
mod batches;
mod containers;
mod crowd;
mod isolation;
mod managed_pools;
mod outages;
mod plans;
mod pools;
mod processes;
mod replicas;
mod service_manager;
mod signup;
mod traffic;
mod ways_in;

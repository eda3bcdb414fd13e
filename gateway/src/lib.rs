//! Gateway: the control plane that gives every tenant of a SaaS its own database, network and route.

pub mod proxy;

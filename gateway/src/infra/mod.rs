//! Adapters to the outside: tenants' PostgreSQL server, Docker Engine, Traefik's Redis, and HTTP probes.
//!
//! Each classifies its own errors into a [`crate::domain::failure::Failure`], from SQLSTATE, HTTP status or error kind
//! and never from message text. None retries inside.

pub mod admin;
pub mod aside;
pub mod catalog;
pub mod certificate;
pub mod containers;
pub mod credentials;
pub mod databases;
pub mod ddl;
pub mod dial;
pub mod edge_test;
pub mod engine;
pub mod inspect;
pub mod limits;
pub mod listing;
pub mod mail;
pub mod measure;
pub mod networks;
pub mod notice;
pub mod pool_objects;
pub mod powers;
pub mod probe;
pub mod redis_state;
pub mod render;
pub mod roles;
pub mod routes;
pub mod ruleset;
pub mod schema;
pub mod spares;
pub mod stock;
pub mod templates;
pub mod tenant_server;
pub mod traefik;
pub mod tree;
pub mod walls;
pub mod withdraw;

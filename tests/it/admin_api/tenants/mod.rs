//! `/api/gateway/tenants`

mod create;
mod delete;
mod get;
mod list;
mod pause;
mod pin;
mod relocate;
mod reveal;
mod rotate;
mod wishes;

const PATH: &str = "/api/gateway/tenants";

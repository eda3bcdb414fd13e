//! `/api/gateway/tenants`

mod create;
mod delete;
mod get;
mod list;
mod reveal;
mod wishes;

const PATH: &str = "/api/gateway/tenants";

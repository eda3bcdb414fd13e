//! One integration binary: link time is paid once. `make test` starts the stack it talks to.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on says so")]

mod admin_api;
mod architecture;
mod dev;
mod doctor;
mod engine;
mod job;
mod readme;
mod runbooks;
mod schema;
mod support;

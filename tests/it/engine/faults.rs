//! Parts that break: the tenant waits or says why, everything converges once the part is back, and nobody else notices.

mod engine;
mod network;
mod parts;
mod server;

use sqlx::Row;

use crate::support::stack::Stack;
use crate::support::{PATIENCE, wait_for};

/// Waits until the row names a failure of one of these codes, and gives step and code.
async fn named(stack: &Stack, key: &str, codes: &[&str]) -> (String, String) {
    wait_for(&format!("{key} to name one of {codes:?}"), PATIENCE, || async {
        let row = sqlx::query("SELECT status, error_step, error_code FROM gateway.tenant WHERE key = $1");
        let row = row.bind(key).fetch_one(&stack.control).await.unwrap();
        let text = |column| row.get::<Option<String>, _>(column).unwrap_or_default();
        let seen = (text("error_step"), text("error_code"));
        if codes.contains(&seen.1.as_str()) { Ok(seen) } else { Err(format!("{} {seen:?}", text("status"))) }
    })
    .await
}

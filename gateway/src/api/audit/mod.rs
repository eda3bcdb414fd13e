//! `/api/gateway/audit`: one file per verb.

pub(super) mod check;
pub(super) mod list;

/// Bytes in hexadecimal.
fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

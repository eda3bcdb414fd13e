//! Logins that cost little. A build without optimisation takes some 30 ms for the 4096 rounds by which PostgreSQL makes passwords
//! slow to guess, at each connection; a test's servers are for its own length and its loopback.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use sqlx::postgres::PgConnection;

/// Stores the same password for a role anew, with one round.
pub(crate) async fn ease_login(connection: &mut PgConnection, role: &str, password: &str) {
    let statement = format!("ALTER ROLE {role} PASSWORD '{}'", verifier(password));
    sqlx::raw_sql(sqlx::AssertSqlSafe(statement)).execute(connection).await.unwrap();
}

/// RFC 5802, section 3, in PostgreSQL's form of it; the password is ASCII, so it is prepared as it is.
fn verifier(password: &str) -> String {
    let salt: [u8; 16] = rand::random();
    // The first block of PBKDF2 with one round.
    let salted = sign(password.as_bytes(), &[&salt[..], &1_u32.to_be_bytes()].concat());
    let stored = Sha256::digest(sign(&salted, b"Client Key"));
    let server = sign(&salted, b"Server Key");
    let [salt, stored, server] = [&salt[..], &stored[..], &server[..]].map(|bytes| STANDARD.encode(bytes));
    format!("SCRAM-SHA-256$1:{salt}${stored}:{server}")
}

fn sign(key: &[u8], text: &[u8]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    mac.update(text);
    mac.finalize().into_bytes().to_vec()
}

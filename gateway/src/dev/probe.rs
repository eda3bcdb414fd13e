//! Readiness: a part is ready when it does its work, not when it was started.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::time::{Duration, Instant};

use secrecy::{ExposeSecret, SecretString};
use sqlx::Connection;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::dev::error::DevError;

/// Time between two probes.
const PAUSE: Duration = Duration::from_millis(25);
/// Longest time for one probe.
const ONE: Duration = Duration::from_secs(3);

/// Probes until the part answers.
///
/// # Errors
/// [`DevError::NotReady`] when the limit is over.
pub(super) async fn until_ready<F: Future<Output = bool>>(
    name: &'static str,
    limit: Duration,
    log: &Path,
    probe: impl Fn() -> F,
) -> Result<(), DevError> {
    let deadline = Instant::now() + limit;
    loop {
        if tokio::time::timeout(ONE, probe()).await.unwrap_or(false) {
            return Ok(());
        }
        if Instant::now() >= deadline {
            return Err(DevError::NotReady { name, seconds: limit.as_secs(), log: log.to_owned() });
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// Whether PostgreSQL answers a query.
pub(super) async fn postgres(options: &PgConnectOptions) -> bool {
    let Ok(mut connection) = PgConnection::connect_with(options).await else { return false };
    let answer = sqlx::query_scalar::<_, i32>("SELECT 1").fetch_one(&mut connection).await;
    drop(connection.close().await);
    answer.is_ok_and(|one| one == 1)
}

/// Whether Redis lets this user in and answers.
pub(super) async fn redis(port: u16, user: &str, password: &SecretString) -> bool {
    let exchange = async {
        let mut stream = TcpStream::connect(SocketAddr::from((Ipv4Addr::LOCALHOST, port))).await?;
        let request = format!("AUTH {user} {}\r\nPING\r\nQUIT\r\n", password.expose_secret());
        stream.write_all(request.as_bytes()).await?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await?;
        std::io::Result::Ok(answer)
    };
    exchange.await.is_ok_and(|answer| answer.starts_with(b"+OK\r\n+PONG\r\n"))
}

/// An HTTP client for local addresses: no proxy from the environment.
///
/// # Errors
/// When none can be made.
pub(super) fn client() -> Result<reqwest::Client, DevError> {
    reqwest::Client::builder().no_proxy().timeout(ONE).build().map_err(DevError::Client)
}

/// Whether this URL answers with a status of success.
pub(super) async fn http(client: &reqwest::Client, url: &str) -> bool {
    client.get(url).send().await.is_ok_and(|answer| answer.status().is_success())
}

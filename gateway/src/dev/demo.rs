//! The demo app as a child on this machine: the shared pool of the stack.

use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use nix::sys::signal::Signal;

use crate::dev::account::{self, Account};
use crate::dev::child::StopManner;
use crate::dev::error::DevError;
use crate::dev::layout::{Layout, write_private};
use crate::dev::secrets::Secrets;
use crate::dev::spawn::Program;
use secrecy::ExposeSecret;

/// How the app is stopped.
pub(super) const STOP: StopManner = StopManner { signal: Signal::SIGTERM, limit: Duration::from_secs(3) };

/// Returns the app's program; its API key is in a file.
///
/// # Errors
/// When the file cannot be written.
pub(super) fn configure(
    layout: &Layout,
    executable: PathBuf,
    account: Option<&Account>,
    port: u16,
    admin_url: &str,
    secrets: &Secrets,
) -> Result<Program, DevError> {
    let directory = layout.root().join("demo-app");
    // Another child's account has no business with the key in it.
    DirBuilder::new().recursive(true).mode(0o700).create(&directory).map_err(DevError::file("make", &directory))?;
    let key = directory.join("api_key");
    write_private(&key, secrets.demo_key.expose_secret().as_bytes())?;
    let account = account::if_reachable(account, &[layout.root(), &executable]);
    account::give_directory(account, &directory)?;
    Ok(Program {
        name: "demo-app",
        executable,
        arguments: Vec::new(),
        environment: environment(port, admin_url, &key),
        account: account.cloned(),
        death_signal: Signal::SIGKILL,
        log: layout.log("demo-app"),
    })
}

fn environment(port: u16, admin_url: &str, key: &Path) -> Vec<(String, String)> {
    [
        ("PORT", port.to_string()),
        ("LISTEN_ADDRESS", "127.0.0.1".to_owned()),
        ("GATEWAY_URL", admin_url.to_owned()),
        ("GATEWAY_API_KEY_FILE", key.display().to_string()),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .to_vec()
}

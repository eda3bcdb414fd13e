//! `gatewayctl mail`

use crate::api::types::TestMail;
use crate::cli::arguments::MailVerb;
use crate::cli::client::Client;
use crate::cli::error::CliError;
use crate::cli::terminal::Terminal;

/// Does it.
///
/// # Errors
/// See [`CliError`].
pub(super) async fn run(client: &Client, terminal: &Terminal, verb: MailVerb) -> Result<(), CliError> {
    let MailVerb::Test { to } = verb;
    let queued = client.send_test_mail(&TestMail { to }).await?;
    terminal.tell(&format!("A mail from {} to {} is in line.", queued.from, queued.to));
    Ok(())
}

//! Arguments of `gatewayctl secret`.

use clap::Subcommand;

/// What to do about secrets that are in no gateway yet.
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum SecretVerb {
    /// Print 32 random bytes as text that needs no quoting: a password, or a secret for GATEWAY_API_KEYS. Asks no server
    Generate {
        /// Print them as an entry of GATEWAY_SECRET_KEYS with this id instead: 1 to 16 letters and digits, such as k1
        #[arg(long, value_name = "ID", value_parser = key_id)]
        key_id: Option<String>,
    },
}

/// The same bounds as those of the setting.
fn key_id(text: &str) -> Result<String, String> {
    let is_fine = (1..=16).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if is_fine { Ok(text.to_owned()) } else { Err("must be 1 to 16 letters and digits".to_owned()) }
}

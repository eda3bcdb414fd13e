//! Asks before what cannot be undone.

use std::io::{BufRead, IsTerminal};

use crate::cli::error::CliError;
use crate::cli::terminal::Terminal;

/// Goes on only when the key is typed.
///
/// # Errors
/// [`CliError::Usage`] where nobody can type, or something else was typed.
pub(super) fn confirm(terminal: &Terminal, key: &str, purge: bool) -> Result<(), CliError> {
    let input = std::io::stdin();
    if !input.is_terminal() {
        return Err(CliError::Usage("there is no terminal to ask at; add --yes to delete without asking".into()));
    }
    let fate = if purge {
        "with its database. There is no way back."
    } else {
        "and keeps its data for the server's grace; until then it can be taken back."
    };
    terminal.tell(&format!("This deletes the tenant {key} {fate} Type its key:"));
    let mut line = String::new();
    input.lock().read_line(&mut line).map_err(|error| CliError::Local("cannot read the answer".into(), error))?;
    if line.trim() == key { Ok(()) } else { Err(CliError::Usage("that is not the key; nothing was deleted".into())) }
}

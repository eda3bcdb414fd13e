//! The one place of this layer that writes to the terminal: results on standard output, progress on standard error.

use std::fmt::Display;
use std::time::Instant;

/// Writes a line of a result.
#[expect(clippy::print_stdout, reason = "the banner and the status are what the command is asked for")]
pub(super) fn print(line: impl Display) {
    println!("{line}");
}

/// Writes a line about what is going on.
#[expect(clippy::print_stderr, reason = "progress goes beside the result, where scripts do not read it")]
pub(super) fn note(line: impl Display) {
    eprintln!("{line}");
}

/// Tells that a part is ready and how long it took.
pub(super) fn ready(part: &str, since: Instant, detail: impl Display) {
    note(format_args!("  {part:<12} {detail} ({} ms)", since.elapsed().as_millis()));
}

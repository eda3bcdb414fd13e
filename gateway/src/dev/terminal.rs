//! The one place of this layer that writes to the terminal: results on standard output, progress on standard error.

use std::fmt::Display;
use std::io::Write as _;
use std::time::Instant;

/// Writes a line of a result.
pub(super) fn print(line: impl Display) {
    // A reader that went away, as in `gateway dev status | head`, wants no more.
    let _ = writeln!(std::io::stdout(), "{line}");
}

/// Writes a line about what is going on.
pub(super) fn note(line: impl Display) {
    // A terminal that went away must not end the stack in the middle of stopping.
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// Tells that a part is ready and how long it took.
pub(super) fn ready(part: &str, since: Instant, detail: impl Display) {
    note(format_args!("  {part:<12} {detail} ({} ms)", since.elapsed().as_millis()));
}

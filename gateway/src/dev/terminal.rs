//! The one place of this layer that writes to the terminal: results on standard output, progress on standard error.
//!
//! Whoever reads it may be gone before us, as `tee` is after Ctrl-C. A stack that then stopped telling would be
//! unpleasant; one that then stopped stopping would leave its children to be killed. So failures to write are ignored.

use std::fmt::Display;
use std::io::{Write, stderr, stdout};
use std::time::Instant;

/// Writes a line of a result.
pub(super) fn print(line: impl Display) {
    write_line(&mut stdout().lock(), line);
}

/// Writes a line about what is going on, beside the result, where scripts do not read it.
pub(super) fn note(line: impl Display) {
    write_line(&mut stderr().lock(), line);
}

fn write_line(to: &mut impl Write, line: impl Display) {
    drop(writeln!(to, "{line}").and_then(|()| to.flush()));
}

/// Tells that a part is ready and how long it took.
pub(super) fn ready(part: &str, since: Instant, detail: impl Display) {
    note(format_args!("  {part:<12} {detail} ({} ms)", since.elapsed().as_millis()));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reader_that_is_gone_is_no_failure() {
        let (reader, mut writer) = std::io::pipe().unwrap();
        drop(reader);
        assert!(writer.write_all(b"x").is_err());
        write_line(&mut writer, "Stopping");
    }
}

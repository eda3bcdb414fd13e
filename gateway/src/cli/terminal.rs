//! Where text goes, and what the terminal can show.

use std::io::{IsTerminal, Write};

/// What standard output and standard error can show.
#[derive(Clone, Copy, Debug)]
pub(super) struct Terminal {
    /// Standard error is a terminal, so a line may be replaced.
    pub(super) is_live: bool,
    has_colors: bool,
    has_unicode: bool,
}

/// How a line of progress begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    /// Done.
    Done,
    /// Nothing to do.
    Skipped,
    /// Failed.
    Failed,
    /// Under way.
    Running,
}

/// A variable of the environment that is set, not empty, and text.
pub(super) fn variable(name: &str) -> Option<String> {
    std::env::var_os(name).and_then(|value| value.into_string().ok()).filter(|value| !value.is_empty())
}

/// Whether the locale says UTF-8: the first of these variables that is set decides.
fn says_utf8() -> bool {
    let names = ["LC_ALL", "LC_CTYPE", "LANG"];
    names.into_iter().find_map(variable).is_some_and(|value| {
        let value = value.to_ascii_lowercase();
        value.contains("utf-8") || value.contains("utf8")
    })
}

impl Terminal {
    /// Looks at the terminal and the locale.
    pub(super) fn new(no_color: bool) -> Self {
        let is_dumb = variable("TERM").is_none_or(|term| term == "dumb");
        let is_live = std::io::stderr().is_terminal() && !is_dumb;
        Self { is_live, has_colors: is_live && !no_color, has_unicode: says_utf8() }
    }

    /// A mark as this terminal shows it.
    pub(super) fn mark(self, mark: Mark) -> String {
        let (fancy, plain, color) = match mark {
            Mark::Done => ("✓", "ok", "32"),
            Mark::Skipped => ("–", "--", "2"),
            Mark::Failed => ("✗", "failed", "31"),
            Mark::Running => ("…", "..", "36"),
        };
        let text = if self.has_unicode { fancy } else { plain };
        if self.has_colors { format!("\x1b[{color}m{text}\x1b[0m") } else { text.to_owned() }
    }

    /// Prints data.
    #[expect(clippy::unused_self, reason = "whoever prints holds the terminal")]
    pub(super) fn print(self, text: &str) {
        let mut out = std::io::stdout().lock();
        // A reader that went away, as in `gatewayctl … | head`, wants no more.
        let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    }

    /// Tells people something, on a line of its own.
    pub(super) fn tell(self, text: &str) {
        let clear = if self.is_live { "\r\x1b[2K" } else { "" };
        let mut out = std::io::stderr().lock();
        let _ = writeln!(out, "{clear}{text}");
    }

    /// Tells people something that the next line replaces; nothing where lines cannot be replaced.
    pub(super) fn tell_for_now(self, text: &str) {
        if self.is_live {
            let mut out = std::io::stderr().lock();
            let _ = write!(out, "\r\x1b[2K{text}").and_then(|()| out.flush());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_plain_where_the_terminal_is() {
        let plain = Terminal { is_live: false, has_colors: false, has_unicode: false };
        assert_eq!(plain.mark(Mark::Done), "ok");
        let fancy = Terminal { is_live: true, has_colors: true, has_unicode: true };
        assert_eq!(fancy.mark(Mark::Failed), "\x1b[31m✗\x1b[0m");
    }
}

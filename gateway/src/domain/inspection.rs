//! A look into the container of a dedicated tenant, which only a worker can take: its kinds, what may be asked, what is found.

use std::collections::VecDeque;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::domain::operation::words;

words!(
    /// What is looked at.
    InspectionKind {
        /// What the app wrote.
        Logs => "logs",
        /// What it uses.
        Stats => "stats",
    }
);

words!(
    /// Where an app wrote a line to.
    LogStream {
        /// Standard output.
        Stdout => "stdout",
        /// Standard error.
        Stderr => "stderr",
    }
);

/// Lines of one look at most.
pub const MAX_LINES: i64 = 2_000;
/// Lines of one look when nothing is asked for.
pub const DEFAULT_LINES: i64 = 200;
/// Text of all lines of one look together, in bytes.
pub const MAX_BYTES: usize = 256 * 1024;
/// Text of one line, in bytes; the rest of a longer one is left out.
const MAX_LINE: usize = 16 * 1024;

/// What is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InspectionRequest {
    /// See [`InspectionKind::Logs`].
    Logs {
        /// The last so many lines.
        lines: i64,
        /// Only those written at this time or later.
        since: Option<Timestamp>,
    },
    /// See [`InspectionKind::Stats`].
    Stats,
}

impl InspectionRequest {
    /// What is looked at.
    #[must_use]
    pub const fn kind(&self) -> InspectionKind {
        match self {
            Self::Logs { .. } => InspectionKind::Logs,
            Self::Stats => InspectionKind::Stats,
        }
    }

    /// The value of `gateway.inspection.parameters`; [`InspectionRequest::read`] gives it back.
    #[must_use]
    pub fn parameters(&self) -> Value {
        match self {
            Self::Logs { lines, since } => json!({ "lines": lines, "since": since }),
            Self::Stats => json!({}),
        }
    }

    /// Reads a row of `gateway.inspection`. `None` where it makes no sense.
    #[must_use]
    pub fn read(kind: InspectionKind, parameters: &Value) -> Option<Self> {
        match kind {
            InspectionKind::Stats => Some(Self::Stats),
            InspectionKind::Logs => {
                let lines = parameters.get("lines")?.as_i64().filter(|lines| (1..=MAX_LINES).contains(lines))?;
                let since = match parameters.get("since") {
                    None | Some(Value::Null) => None,
                    Some(text) => Some(text.as_str()?.parse().ok()?),
                };
                Some(Self::Logs { lines, since })
            }
        }
    }
}

/// A line that an app wrote.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogLine {
    /// When, as Docker Engine noted it.
    pub at: Option<Timestamp>,
    /// Where to: a word of [`LogStream`].
    pub stream: String,
    /// What; see [`plain`].
    pub text: String,
}

/// The last lines that an app wrote, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContainerLogs {
    /// The lines.
    pub lines: Vec<LogLine>,
    /// Whether earlier lines, or ends of long ones, were left out to keep to [`MAX_BYTES`].
    pub is_cut: bool,
}

/// What a container uses. What its engine does not tell is `None`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the type of the API with the same fields says what they are")]
pub struct ContainerStats {
    pub state: String,
    pub image: Option<String>,
    pub started_at: Option<Timestamp>,
    pub restarts: i64,
    pub exit_code: Option<i64>,
    pub is_out_of_memory: bool,
    pub cpus_used: Option<f64>,
    pub cpus_limit: Option<f64>,
    pub memory_bytes: Option<i64>,
    pub memory_limit_bytes: Option<i64>,
    pub pids: Option<i64>,
    pub pids_limit: Option<i64>,
    pub received_bytes: Option<i64>,
    pub sent_bytes: Option<i64>,
}

/// Gathers the last lines within bounds.
#[derive(Debug, Default)]
pub struct Gatherer {
    lines: VecDeque<LogLine>,
    bytes: usize,
    is_cut: bool,
}

impl Gatherer {
    /// Adds what Docker Engine tells as one line: a time, a blank, the bytes. Of long lines it tells pieces.
    pub fn add(&mut self, stream: LogStream, bytes: &[u8]) {
        let bytes = bytes.strip_suffix(b"\n").unwrap_or(bytes);
        let (at, rest) = match bytes.iter().position(|byte| *byte == b' ') {
            Some(end) => {
                let at =
                    bytes.get(..end).and_then(|time| std::str::from_utf8(time).ok()).and_then(|time| time.parse().ok());
                (at, if at.is_some() { bytes.get(end + 1..).unwrap_or_default() } else { bytes })
            }
            None => (None, bytes),
        };
        let kept = rest.get(..MAX_LINE).unwrap_or(rest);
        self.is_cut |= kept.len() < rest.len();
        let text = plain(kept);
        self.bytes += text.len();
        self.lines.push_back(LogLine { at, stream: stream.as_str().to_owned(), text });
        while self.bytes > MAX_BYTES || self.lines.len() > usize::try_from(MAX_LINES).unwrap_or_default() {
            let Some(first) = self.lines.pop_front() else { break };
            self.bytes -= first.text.len();
            self.is_cut = true;
        }
    }

    /// What was gathered.
    #[must_use]
    pub fn finish(self) -> ContainerLogs {
        ContainerLogs { lines: self.lines.into(), is_cut: self.is_cut }
    }
}

/// How far the reading of an escape sequence is (ECMA-48, section 5).
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// In plain text.
    Text,
    /// After ESC.
    Escape,
    /// In a control sequence, which ends with a byte from `@` to `~`.
    Sequence,
    /// In a string for the terminal, such as a title, which ends with BEL or ESC `\`.
    Command,
    /// After ESC in such a string.
    CommandEscape,
}

/// Text that does nothing to a terminal that shows it: without escape sequences and control characters but the tabulator.
/// Bytes that are no UTF-8 become U+FFFD.
#[must_use]
pub fn plain(bytes: &[u8]) -> String {
    let mut place = Place::Text;
    let mut text = String::with_capacity(bytes.len());
    for c in String::from_utf8_lossy(bytes).chars() {
        place = match (place, c) {
            (Place::Command, '\u{7}' | '\u{9c}') => Place::Text,
            (Place::Command, '\u{1b}') => Place::CommandEscape,
            (Place::CommandEscape, '\\') => Place::Text,
            (Place::Command | Place::CommandEscape, _) => Place::Command,
            (_, '\u{1b}') => Place::Escape,
            (_, '\u{9b}') | (Place::Escape, '[') => Place::Sequence,
            (_, '\u{90}' | '\u{98}' | '\u{9d}' | '\u{9e}' | '\u{9f}')
            | (Place::Escape, ']' | 'P' | 'X' | '^' | '_') => Place::Command,
            // Bytes between the first and the last.
            (Place::Escape, ' '..='/') => Place::Escape,
            (Place::Escape, _) | (Place::Sequence, '@'..='~') => Place::Text,
            (Place::Sequence, ' '..='?') => Place::Sequence,
            (Place::Text | Place::Sequence, c) => {
                if c == '\t' || !c.is_control() {
                    text.push(c);
                }
                Place::Text
            }
        };
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        let since = Timestamp::from_second(1_700_000_000).unwrap();
        for request in [
            InspectionRequest::Stats,
            InspectionRequest::Logs { lines: 1, since: None },
            InspectionRequest::Logs { lines: MAX_LINES, since: Some(since) },
        ] {
            assert_eq!(InspectionRequest::read(request.kind(), &request.parameters()), Some(request));
        }
        for parameters in
            [json!({}), json!({ "lines": 0 }), json!({ "lines": 2_001 }), json!({ "lines": 5, "since": "x" })]
        {
            assert_eq!(InspectionRequest::read(InspectionKind::Logs, &parameters), None, "{parameters}");
        }
    }

    #[test]
    fn a_terminal_is_told_nothing() {
        for (bytes, shown) in [
            (&b"plain \xc3\xa9\ttext"[..], "plain \u{e9}\ttext"),
            (b"\x1b[1;31mred\x1b[0m", "red"),
            (b"\x1b]0;title\x07after", "after"),
            (b"\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "link"),
            (b"\x1b(Bset\x1b=\x1b7", "set"),
            (b"a\rb\x08c\x00d\x7f", "abcd"),
            (b"\xc2\x9b31mc1\xc2\x9d0;t\xc2\x9cz", "c1z"),
            (b"\x1bPq#0\x1b\\dcs", "dcs"),
            (b"\xff\xfe", "\u{fffd}\u{fffd}"),
            (b"\x1b[", ""),
            (b"<script>&", "<script>&"),
        ] {
            assert_eq!(plain(bytes), shown, "{bytes:?}");
        }
    }

    #[test]
    fn the_last_lines_are_kept_within_bounds() {
        let mut gatherer = Gatherer::default();
        gatherer.add(LogStream::Stdout, b"2030-01-31T12:00:00.123456789Z one two\n");
        gatherer.add(LogStream::Stderr, b"no time");
        let found = gatherer.finish();
        assert_eq!(found.lines[0].at, Some("2030-01-31T12:00:00.123456789Z".parse().unwrap()));
        assert_eq!(
            (&*found.lines[0].text, &*found.lines[1].text, &*found.lines[1].stream),
            ("one two", "no time", "stderr")
        );
        assert!(!found.is_cut && found.lines[1].at.is_none());

        let mut gatherer = Gatherer::default();
        for number in 0..MAX_LINES + 5 {
            gatherer.add(LogStream::Stdout, format!("{number}").as_bytes());
        }
        let found = gatherer.finish();
        assert_eq!((found.lines.len(), &*found.lines[0].text, found.is_cut), (2_000, "5", true));

        let mut gatherer = Gatherer::default();
        for _ in 0..100 {
            gatherer.add(LogStream::Stdout, &[b'x'; 20_000]);
        }
        let found = gatherer.finish();
        assert_eq!((found.lines.len(), found.lines[0].text.len(), found.is_cut), (16, MAX_LINE, true));
    }
}

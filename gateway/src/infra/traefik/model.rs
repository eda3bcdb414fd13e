//! Which keys and values Traefik takes. Over one that it does not it refuses its whole tree, and then no change of any tenant
//! goes through until that one is gone.
//!
//! `model.txt` has every key below a root that Traefik 3.7 knows, a place and the kind of its value in each line: `*` is any
//! name, `#` the place in a list, `**` whatever follows. What Traefik makes of a key that ends earlier or goes on further was
//! found by trying; a test compares both.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::LazyLock;

const MODEL: &str = include_str!("model.txt");
/// What Traefik reads below its root; it passes over everything else there.
const PARTS: [&str; 4] = ["http", "tcp", "tls", "udp"];

static ROOT: LazyLock<Node> = LazyLock::new(|| {
    let mut root = Node::default();
    for (place, kind) in MODEL.lines().filter_map(|line| line.split_once(' ')) {
        root.grow(place.split('/'), Kind::parse(kind));
    }
    root
});

/// What a value is read as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Text,
    Integer,
    Boolean,
    /// Seconds, or numbers with units.
    Duration,
    /// Switches on what stands below; whatever is no `true` switches it off.
    Flag,
}

/// A place in the tree.
#[derive(Debug, Default)]
struct Node {
    named: BTreeMap<&'static str, Self>,
    any: Option<Box<Self>>,
    element: Option<Box<Self>>,
    /// Whatever follows is taken.
    is_free: bool,
    kind: Option<Kind>,
}

/// How a place was come to from the one above it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Step {
    Named,
    Any,
    Element,
}

/// Why Traefik refuses a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// It has no such setting.
    Unknown,
    /// Settings belong below it, and it is given a value itself.
    Standalone,
    /// The value is not what this says.
    Not(&'static str),
    /// Name or value is no text. Traefik may take it, but nobody here can name it.
    NoText,
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown => f.write_str("Traefik has no such setting"),
            Self::Standalone => f.write_str("the setting takes no value, only settings below it"),
            Self::Not(what) => write!(f, "its value is not {what}"),
            Self::NoText => f.write_str("it is no text"),
        }
    }
}

/// Whether Traefik takes a key, named without its root, with this value.
///
/// # Errors
/// Why it refuses the whole tree over it.
pub fn check(key: &str, value: &str) -> Result<(), Flaw> {
    // Nothing between two slashes counts as nothing, and so does a key without a value.
    let mut parts = key.split('/').filter(|part| !part.is_empty()).map(str::to_ascii_lowercase).peekable();
    let Some(first) = parts.peek().filter(|_| !value.is_empty()) else { return Ok(()) };
    if !PARTS.contains(&first.as_str()) {
        // It looks for what begins so, without a slash behind it.
        let is_taken_for_one = PARTS.iter().any(|part| first.starts_with(part));
        return if is_taken_for_one { Err(Flaw::Unknown) } else { Ok(()) };
    }
    let (mut node, mut step) = (&*ROOT, Step::Named);
    while let Some(part) = parts.next() {
        // A number at the end counts as a place in a list, also where there is a name to be.
        let is_place = parts.peek().is_none() && part.bytes().all(|byte| byte.is_ascii_digit());
        match node.below(&part) {
            Some((_, Step::Any)) if is_place => return Err(Flaw::Standalone),
            Some((next, by)) => (node, step) = (next, by),
            // Of texts under names that people choose Traefik looks at the first part only.
            None if step == Step::Any && node.kind == Some(Kind::Text) => return Ok(()),
            None => return Err(Flaw::Unknown),
        }
        if node.is_free {
            return Ok(());
        }
    }
    match node.kind {
        Some(kind) => kind.check(value),
        None if step != Step::Named || node.element.is_some() => Ok(()),
        None => Err(Flaw::Standalone),
    }
}

impl Node {
    fn grow(&mut self, mut place: std::str::Split<'static, char>, kind: Option<Kind>) {
        match place.next() {
            None => self.kind = kind,
            Some("**") => self.any.get_or_insert_default().is_free = true,
            Some("*") => self.any.get_or_insert_default().grow(place, kind),
            Some("#") => self.element.get_or_insert_default().grow(place, kind),
            Some(name) => self.named.entry(name).or_default().grow(place, kind),
        }
    }

    fn below(&self, part: &str) -> Option<(&Self, Step)> {
        let named = self.named.get(part).map(|node| (node, Step::Named));
        let element = || self.element.as_deref().map(|node| (node, Step::Element));
        named.or_else(element).or_else(|| self.any.as_deref().map(|node| (node, Step::Any)))
    }
}

impl Kind {
    fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "text" => Self::Text,
            "integer" => Self::Integer,
            "boolean" => Self::Boolean,
            "duration" => Self::Duration,
            "flag" => Self::Flag,
            _ => return None,
        })
    }

    fn check(self, value: &str) -> Result<(), Flaw> {
        let (is_right, what) = match self {
            Self::Text | Self::Flag => return Ok(()),
            Self::Integer => (value.parse::<i64>().is_ok(), "an integer"),
            Self::Boolean => (is_boolean(value), "true or false"),
            Self::Duration => (value.parse::<i64>().is_ok() || is_duration(value), "a duration"),
        };
        if is_right { Ok(()) } else { Err(Flaw::Not(what)) }
    }
}

/// As Go's `strconv.ParseBool` reads it.
fn is_boolean(value: &str) -> bool {
    matches!(value, "1" | "t" | "T" | "true" | "TRUE" | "True" | "0" | "f" | "F" | "false" | "FALSE" | "False")
}

/// As Go's `time.ParseDuration` reads it: numbers with units, in all not longer than 2^63 nanoseconds.
fn is_duration(value: &str) -> bool {
    let mut rest = value.strip_prefix(['+', '-']).unwrap_or(value);
    let mut nanoseconds = 0.0;
    if rest.is_empty() {
        return false;
    }
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let (number, after) = rest.split_at(end);
        let end = after.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(after.len());
        let (unit, after) = after.split_at(end);
        let length = match unit {
            "ns" => 1.0,
            "us" | "µs" | "μs" => 1e3,
            "ms" => 1e6,
            "s" => 1e9,
            "m" => 6e10,
            "h" => 3.6e12,
            _ => return false,
        };
        let Ok(number) = number.parse::<f64>() else { return false };
        nanoseconds += number * length;
        rest = after;
    }
    nanoseconds < 9.223_372_036e18
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_model_is_read() {
        assert!(MODEL.lines().count() > 300);
        for line in MODEL.lines() {
            let (place, kind) = line.split_once(' ').unwrap();
            assert!(Kind::parse(kind).is_some(), "{line}");
            assert!(PARTS.contains(&place.split('/').next().unwrap()), "{line}");
            assert_eq!(place, place.to_ascii_lowercase(), "{line}");
        }
    }

    #[test]
    fn durations_are_read_as_go_does() {
        for good in ["1h2m3.5s", "-3s", ".5s", "+1.ms", "1µs", "0s", "2562047h"] {
            assert!(is_duration(good), "{good}");
        }
        for bad in ["", "+", "5 s", "s", "1d", "1", "1..5s", "99999999999h", ".s"] {
            assert!(!is_duration(bad), "{bad}");
        }
    }
}

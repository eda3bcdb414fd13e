//! The entries of the corpus.

use std::path::Path;

use serde::Deserialize;
use serde::de::DeserializeOwned;

/// A text; long ones are given in parts.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum Text {
    Whole(String),
    Parts(Vec<Part>),
}

#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum Part {
    Once(String),
    Times(String, usize),
}

impl Text {
    pub(super) fn whole(&self) -> String {
        match self {
            Self::Whole(text) => text.clone(),
            Self::Parts(parts) => parts
                .iter()
                .map(|part| match part {
                    Part::Once(text) => text.clone(),
                    Part::Times(text, times) => text.repeat(*times),
                })
                .collect(),
        }
    }
}

/// What is to become of an input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Verdict {
    /// It is taken as it is.
    Accept,
    /// It is refused.
    Reject,
    /// It is taken as a value that does no harm.
    Neutralise,
}

/// A value for a field.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    pub(super) input: Text,
    pub(super) verdict: Verdict,
    /// Of the refusal.
    pub(super) code: Option<String>,
    /// What is kept instead.
    #[serde(rename = "as")]
    pub(super) kept: Option<Text>,
    /// What the database says to a plain INSERT, where that differs.
    pub(super) sql: Option<Verdict>,
    pub(super) why: String,
}

/// A request.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Exchange {
    /// Method and target, or the whole head where it is `raw`.
    pub(super) call: Text,
    #[serde(default)]
    pub(super) headers: Vec<Text>,
    pub(super) body: Option<Text>,
    /// Nothing is added to what `call` holds.
    #[serde(default)]
    pub(super) raw: bool,
    /// No credentials are added.
    #[serde(default)]
    pub(super) bare: bool,
    /// Each character of the body stands for one byte.
    #[serde(default)]
    pub(super) latin1: bool,
    pub(super) verdict: Verdict,
    pub(super) status: u16,
    pub(super) code: Option<String>,
    /// Pointers and codes of all that is wrong.
    pub(super) errors: Option<Vec<(String, String)>>,
    pub(super) why: String,
}

/// The entries of a file, each with how it stands there.
pub(super) fn entries<T: DeserializeOwned>(file: &str) -> Vec<(String, T)> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/corpus").join(file);
    let text = std::fs::read_to_string(&path).unwrap();
    let read = |(number, line): (usize, &str)| {
        let entry = serde_json::from_str(line).unwrap_or_else(|error| panic!("{file}:{}: {error}", number + 1));
        (format!("{file}:{}: {}", number + 1, line.chars().take(300).collect::<String>()), entry)
    };
    text.lines().enumerate().map(read).collect()
}

/// Fewer entries than were there once is a file that was cut.
#[test]
fn the_corpus_is_whole() {
    let inputs = ["keys.jsonl", "names.jsonl", "sql.jsonl"].map(entries::<Input>);
    let calls =
        ["bodies.jsonl", "tokens.jsonl", "headers.jsonl", "paths.jsonl", "lists.jsonl", "logins.jsonl", "series.jsonl"];
    let calls = calls.map(entries::<Exchange>);
    let wanted = [400, 200, 150].into_iter().zip(inputs.iter().map(Vec::len));
    let wanted = wanted.chain([300, 200, 120, 120, 150, 80, 140].into_iter().zip(calls.iter().map(Vec::len)));
    for (wanted, found) in wanted {
        assert!(found >= wanted, "{found} of {wanted}");
    }
    assert!(inputs.iter().flatten().all(|(_, entry)| !entry.why.is_empty()));
    for (at, entry) in calls.iter().flatten() {
        assert!(!entry.why.is_empty() && (entry.status < 400) == (entry.verdict == Verdict::Accept), "{at}");
    }
}

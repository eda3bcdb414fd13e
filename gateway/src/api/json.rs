//! Reads JSON so that it means one thing to everybody who reads it.
//!
//! Names that stand twice in an object and deep nesting are valid JSON, but programs differ in what they make of them
//! (RFC 8259, sections 4 and 9), so both are refused.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// Objects and lists inside each other at most.
const MAX_DEPTH: usize = 32;

/// What a text holds.
#[derive(Debug)]
pub(super) struct Document {
    /// The value; of a name that stands twice, the last one.
    pub(super) value: Value,
    /// JSON pointers of the names that stand twice.
    pub(super) repeated: Vec<String>,
}

/// Names told of at most: a body of the greatest size can repeat thousands, each with a long way to it.
const MAX_TOLD: usize = 10;
/// Longest pointer that is told, in characters.
const MAX_POINTER: usize = 300;

/// Reads a whole text as one JSON value.
///
/// # Errors
/// Where it is none, goes on after its end, or is nested too deep.
pub(super) fn read(bytes: &[u8]) -> Result<Document, serde_json::Error> {
    let mut way = Way::default();
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let value = Reading(&mut way).deserialize(&mut reader)?;
    reader.end()?;
    Ok(Document { value, repeated: way.repeated })
}

/// One step of a JSON pointer to a name.
pub(super) fn step(name: &str) -> String {
    format!("/{}", name.replace('~', "~0").replace('/', "~1"))
}

/// One step inside.
enum Step {
    Name(String),
    Item(usize),
}

/// The way to the value that is read, and the names that stood twice until there.
#[derive(Default)]
struct Way {
    steps: Vec<Step>,
    repeated: Vec<String>,
}

impl Way {
    fn enter<E: Error>(&mut self, step: Step) -> Result<(), E> {
        if self.steps.len() == MAX_DEPTH {
            return Err(E::custom(format!("nested deeper than {MAX_DEPTH}")));
        }
        self.steps.push(step);
        Ok(())
    }

    fn note_repeated(&mut self) {
        if self.repeated.len() == MAX_TOLD {
            return;
        }
        let mut pointer = String::new();
        for part in &self.steps {
            match part {
                Step::Name(name) => pointer.push_str(&step(name)),
                Step::Item(place) => pointer.push_str(&format!("/{place}")),
            }
        }
        self.repeated.push(pointer.chars().take(MAX_POINTER).collect());
    }
}

/// Reading of the value at the end of the way.
struct Reading<'a>(&'a mut Way);

impl<'de> DeserializeSeed<'de> for Reading<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Reading<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Number::from_f64(value).map(Value::Number).ok_or_else(|| E::custom("not a finite number"))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut found = Vec::new();
        loop {
            self.0.enter(Step::Item(found.len()))?;
            let item = items.next_element_seed(Reading(&mut *self.0))?;
            self.0.steps.pop();
            let Some(item) = item else { return Ok(Value::Array(found)) };
            found.push(item);
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut found = Map::new();
        while let Some(name) = entries.next_key::<String>()? {
            self.0.enter(Step::Name(name.clone()))?;
            if found.contains_key(&name) {
                self.0.note_repeated();
            }
            let value = entries.next_value_seed(Reading(&mut *self.0))?;
            self.0.steps.pop();
            found.insert(name, value);
        }
        Ok(Value::Object(found))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_serde_reads() {
        for text in [
            "null",
            "true",
            "-0",
            "1.5e3",
            "18446744073709551615",
            r#""\u00e4""#,
            r#"[1,[],{"a":{"b":[null]}}]"#,
            " {} ",
        ] {
            let read = read(text.as_bytes()).unwrap();
            assert_eq!(read.value, serde_json::from_str::<Value>(text).unwrap(), "{text}");
            assert!(read.repeated.is_empty(), "{text}");
        }
    }

    #[test]
    fn names_that_stand_twice_are_told_with_their_place() {
        let read = read(br#"{"a":1,"a/b":{"c":1,"c":2},"l":[{"d":1,"\u0064":2}],"a":3}"#).unwrap();
        assert_eq!(read.repeated, ["/a~1b/c", "/l/0/d", "/a"]);
        assert_eq!(read.value["a"], 3);
    }

    #[test]
    fn what_is_told_of_repeated_names_is_bounded() {
        let body = format!("{{\"{}\":{{{}\"\":1}}}}", "~".repeat(32_000), "\"\":1,".repeat(5_000));
        let read = read(body.as_bytes()).unwrap();
        assert_eq!(read.repeated.len(), MAX_TOLD);
        assert!(read.repeated.iter().all(|pointer| pointer.len() == MAX_POINTER));
    }

    #[test]
    fn depth_ends_at_thirty_two() {
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(read(nested(MAX_DEPTH).as_bytes()).is_ok());
        assert!(read(nested(MAX_DEPTH + 1).as_bytes()).unwrap_err().to_string().contains("nested deeper"));
        assert!(read(nested(100_000).as_bytes()).is_err());
    }

    #[test]
    fn what_is_no_json_is_refused() {
        for text in ["", "{", "{} {}", "1e400", "NaN", r#""\ud800""#, "\u{feff}{}", "[1,]", "'a'", "01"] {
            assert!(read(text.as_bytes()).is_err(), "{text}");
        }
    }
}

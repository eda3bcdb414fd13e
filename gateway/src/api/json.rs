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

/// Reads a whole text as one JSON value.
///
/// # Errors
/// Where it is none, goes on after its end, or is nested too deep.
pub(super) fn read(bytes: &[u8]) -> Result<Document, serde_json::Error> {
    let mut repeated = Vec::new();
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let value = Reading { place: String::new(), depth: 0, repeated: &mut repeated }.deserialize(&mut reader)?;
    reader.end()?;
    Ok(Document { value, repeated })
}

/// One step of a JSON pointer to a name.
pub(super) fn step(name: &str) -> String {
    format!("/{}", name.replace('~', "~0").replace('/', "~1"))
}

/// Reading of the value at one place.
struct Reading<'a> {
    place: String,
    depth: usize,
    repeated: &'a mut Vec<String>,
}

impl Reading<'_> {
    fn inside<E: Error>(&mut self, step: &str) -> Result<Reading<'_>, E> {
        if self.depth == MAX_DEPTH {
            return Err(E::custom(format!("nested deeper than {MAX_DEPTH}")));
        }
        Ok(Reading { place: format!("{}{step}", self.place), depth: self.depth + 1, repeated: self.repeated })
    }
}

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

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut items: A) -> Result<Value, A::Error> {
        let mut found = Vec::new();
        loop {
            let inside = self.inside(&format!("/{}", found.len()))?;
            let Some(item) = items.next_element_seed(inside)? else { return Ok(Value::Array(found)) };
            found.push(item);
        }
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut entries: A) -> Result<Value, A::Error> {
        let mut found = Map::new();
        while let Some(name) = entries.next_key::<String>()? {
            let step = step(&name);
            if found.contains_key(&name) {
                self.repeated.push(format!("{}{step}", self.place));
            }
            let value = entries.next_value_seed(self.inside(&step)?)?;
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

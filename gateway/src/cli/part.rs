//! Parts of tenants: only the fields that are asked for, as the API answers them.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::cli::table::{NONE, aligned};

/// Some fields of an object.
pub(super) type Part = Map<String, Value>;

/// A list of parts.
#[derive(Debug, Deserialize, Serialize)]
pub(super) struct PartList {
    pub(super) items: Vec<Part>,
    pub(super) next_cursor: Option<String>,
}

/// A value as people read it: text as it is, and what has parts of its own as JSON in one line.
fn word(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => NONE.to_owned(),
        Some(Value::String(text)) if text.is_empty() => NONE.to_owned(),
        Some(Value::String(text)) => text.clone(),
        Some(value) => value.to_string(),
    }
}

/// One line for each object, one column for each field, in the order in which they were asked for.
pub(super) fn columns(fields: &[String], items: &[Part]) -> String {
    let header: Vec<&str> = fields.iter().map(String::as_str).collect();
    let row = |part: &Part| fields.iter().map(|field| word(part.get(field))).collect();
    aligned(Some(&header), items.iter().map(row).collect())
}

/// One line for each field of an object.
pub(super) fn lines(fields: &[String], part: &Part) -> String {
    aligned(None, fields.iter().map(|field| vec![field.clone(), word(part.get(field))]).collect())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn columns_are_those_asked_for_in_their_order() {
        let fields = ["status", "key", "labels", "reason"].map(str::to_owned);
        let part = json!({ "key": "acme", "labels": { "a": "b" }, "reason": null, "status": "active" });
        let part = part.as_object().unwrap().clone();
        let table = columns(&fields, std::slice::from_ref(&part));
        let mut rows = table.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
        assert_eq!(rows.next().unwrap(), ["STATUS", "KEY", "LABELS", "REASON"]);
        assert_eq!(rows.next().unwrap(), ["active", "acme", r#"{"a":"b"}"#, "-"]);
        assert_eq!(lines(&fields[..2], &part), "status  active\nkey     acme\n");
    }
}

//! Reads bodies and queries field by field, so that everything that is wrong is told at once.

use std::fmt::Display;
use std::ops::RangeInclusive;

use axum::extract::{FromRequestParts, Path};
use axum::http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use serde_json::{Map, Value};

use crate::api::json;
use crate::api::problem::Refusal;
use crate::api::types::FieldError;
use crate::domain::email::Email;
use crate::domain::key::TenantKey;
use crate::domain::plan::PlanNetwork;
use crate::domain::tenant::Tier;
use crate::store::tenants::TenantRef;

/// The fields of a body or a query. Each is taken once; those left over are unknown.
#[derive(Debug, Default)]
pub struct Fields {
    /// Pointer of the object they are in; empty for the body itself.
    place: String,
    values: Map<String, Value>,
    errors: Vec<FieldError>,
}

impl Fields {
    /// The fields of a JSON object; anything else has none.
    #[must_use]
    pub fn of_json(value: Value) -> Self {
        let values = if let Value::Object(values) = value { values } else { Map::new() };
        Self { place: String::new(), values, errors: Vec::new() }
    }

    /// Notes that a field is wrong; `message` ends a sentence that begins with its name.
    pub fn refuse(&mut self, name: &str, code: &str, message: impl Display) {
        self.refuse_at(name, None, code, message);
    }

    /// Notes that a field, or one item of the list in it, is wrong.
    pub fn refuse_at(&mut self, name: &str, item: Option<usize>, code: &str, message: impl Display) {
        let mut pointer = format!("{}{}", self.place, json::step(name));
        if let Some(item) = item {
            pointer.push_str(&format!("/{item}"));
        }
        self.errors.push(FieldError { pointer, code: code.into(), message: message.to_string() });
    }

    /// A text; `None` where it is missing, null, or wrong and noted.
    pub fn text(&mut self, name: &str) -> Option<String> {
        self.take(name, "must be a text", |value| value.as_str().map(str::to_owned))
    }

    /// A text that must be there; `None` only together with an error.
    pub fn required_text(&mut self, name: &str) -> Option<String> {
        if matches!(self.values.get(name), None | Some(Value::Null)) {
            self.values.remove(name);
            self.refuse(name, "required", "is required");
        }
        self.text(name)
    }

    /// Yes or no; `None` where it is missing, null, or wrong and noted.
    pub fn flag(&mut self, name: &str) -> Option<bool> {
        self.take(name, "must be true or false", Value::as_bool)
    }

    /// true or false as a parameter of a query; false where it is missing, or wrong and noted.
    pub fn choice(&mut self, name: &str) -> bool {
        match self.text(name).as_deref() {
            None | Some("false") => false,
            Some("true") => true,
            Some(_) => {
                self.refuse(name, "unknown_value", "must be true or false");
                false
            }
        }
    }

    /// Whether a field is there, be it with null.
    #[must_use]
    pub fn is_given(&self, name: &str) -> bool {
        self.values.contains_key(name)
    }

    /// Whether a field is there with null.
    #[must_use]
    pub fn is_null(&self, name: &str) -> bool {
        self.values.get(name).is_some_and(Value::is_null)
    }

    /// Takes a field that was judged already.
    pub fn pass_over(&mut self, name: &str) {
        self.values.remove(name);
    }

    /// The names of the fields that were not taken yet.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        self.values.keys().cloned().collect()
    }

    /// A number; `None` where it is missing, null, or wrong and noted.
    pub fn number(&mut self, name: &str) -> Option<f64> {
        self.take(name, "must be a number", Value::as_f64)
    }

    /// The fields of an object as they are; `None` where it is missing, null, or wrong and noted.
    pub fn object(&mut self, name: &str) -> Option<Map<String, Value>> {
        self.take(name, "must be a JSON object", |value| value.as_object().cloned())
    }

    /// A number in a range; `None` where it is missing, null, or wrong and noted.
    pub fn fraction(&mut self, name: &str, (least, most): (f64, f64)) -> Option<f64> {
        let found = self.number(name)?;
        if (least..=most).contains(&found) {
            return Some(found);
        }
        self.refuse(name, "range", format!("must be from {least} to {most}"));
        None
    }

    /// A whole number in a range, which `T` must hold; `None` where it is missing, null, or wrong and noted. `2.0` is one, as
    /// JSON Schema has it.
    pub fn whole<T: TryFrom<i64>>(&mut self, name: &str, range: RangeInclusive<i64>) -> Option<T> {
        #[expect(clippy::cast_possible_truncation, reason = "whole, and far inside of both types")]
        let read = |value: &Value| {
            let whole = |number: &f64| number.fract() == 0.0 && number.abs() < 9e15;
            value.as_i64().or_else(|| value.as_f64().filter(whole).map(|number| number as i64))
        };
        let found = self.take(name, "must be a whole number", read)?;
        if !range.contains(&found) {
            self.refuse(name, "range", format!("must be from {} to {}", range.start(), range.end()));
            return None;
        }
        T::try_from(found).ok()
    }

    /// A field of a merge patch: `None` where it is left out, `Some(None)` where it is null, or wrong and noted.
    pub fn patch<T>(&mut self, name: &str, read: impl FnOnce(&mut Self) -> Option<T>) -> Option<Option<T>> {
        self.is_given(name).then(|| read(self))
    }

    /// A list of texts with at least one and at most `most`; `None` where it is missing, null, or wrong and noted.
    pub fn texts(&mut self, name: &str, most: usize) -> Option<Vec<String>> {
        let texts = |value: &Value| value.as_array()?.iter().map(|one| one.as_str().map(str::to_owned)).collect();
        let found: Vec<String> = self.take(name, "must be a list of texts", texts)?;
        if found.is_empty() || found.len() > most {
            self.refuse(name, "length", format!("must hold 1 to {most}, or be left out"));
            return None;
        }
        Some(found)
    }

    /// The fields of an object, to be read and then given back to [`Fields::absorb`]; none where it is missing or null.
    pub fn inside(&mut self, name: &str) -> Self {
        let values = self.take(name, "must be a JSON object", |value| value.as_object().cloned());
        let place = format!("{}/{name}", self.place);
        Self { place, values: values.unwrap_or_default(), errors: Vec::new() }
    }

    /// Takes over what is wrong in an object inside; what was not read there is unknown.
    pub fn absorb(&mut self, mut inside: Self) {
        inside.note_unknown();
        self.errors.append(&mut inside.errors);
    }

    fn take<T>(&mut self, name: &str, message: &str, read: impl FnOnce(&Value) -> Option<T>) -> Option<T> {
        let value = self.values.remove(name).filter(|value| !value.is_null())?;
        let found = read(&value);
        if found.is_none() {
            self.refuse(name, "type", message);
        }
        found
    }

    fn note_unknown(&mut self) {
        let unknown: Vec<String> = self.values.keys().cloned().collect();
        for name in unknown {
            self.refuse(&name, "unknown", "is not a field here");
        }
    }

    /// Ends the reading.
    ///
    /// # Errors
    /// A 422 that names every wrong and every unknown field.
    pub fn finish(mut self) -> Result<(), Refusal> {
        self.note_unknown();
        if self.errors.is_empty() { Ok(()) } else { Err(Refusal::validation(self.errors)) }
    }
}

/// A field that must hold an address of mail.
pub(super) fn read_email(fields: &mut Fields, name: &str) -> Option<Email> {
    let text = fields.required_text(name)?;
    check_email(fields, name, &text)
}

/// An address that may be left out; `None` where it is missing, null, or wrong and noted.
pub(super) fn optional_email(fields: &mut Fields, name: &str) -> Option<Email> {
    let text = fields.text(name)?;
    check_email(fields, name, &text)
}

fn check_email(fields: &mut Fields, name: &str, text: &str) -> Option<Email> {
    Email::parse(text.trim()).inspect_err(|error| fields.refuse(name, error.code(), error)).ok()
}

/// How a tenant is served; `None` where it is missing, or wrong and noted.
pub(super) fn read_tier(fields: &mut Fields) -> Option<Tier> {
    let tier = Tier::parse(&fields.text("tier")?);
    if tier.is_none() {
        fields.refuse("tier", "unknown_value", "must be shared or dedicated");
    }
    tier
}

/// What network a plan gives; `None` where it is missing, null, or wrong and noted.
pub(super) fn read_network(fields: &mut Fields) -> Option<PlanNetwork> {
    let network = PlanNetwork::parse(&fields.text("network")?);
    if network.is_none() {
        fields.refuse("network", "unknown_value", "must be per-tenant, per-pool or none");
    }
    network
}

/// The name of something operators make, such as a plan, as `parse` knows it; `None` only together with an error.
pub(super) fn read_own_name<T>(fields: &mut Fields, parse: impl FnOnce(&str) -> Option<T>) -> Option<T> {
    let name = parse(&fields.required_text("name")?);
    if name.is_none() {
        fields.refuse("name", "name", "must be 1 to 40 of a-z, 0-9 and hyphen, with none at the ends");
    }
    name
}

fn is_json(headers: &HeaderMap) -> bool {
    let value = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let media = value.split(';').next().unwrap_or_default().trim();
    media.eq_ignore_ascii_case("application/json") || media.eq_ignore_ascii_case("application/merge-patch+json")
}

/// The fields of a JSON object in a body; names that stand twice are noted as wrong.
///
/// # Errors
/// 415 where the headers do not say JSON or say that it is compressed, 400 where it is none or nested too deep, 422 where it is no object.
pub fn read_json(headers: &HeaderMap, bytes: &[u8]) -> Result<Fields, Refusal> {
    let is_packed = headers.get_all(CONTENT_ENCODING).iter().any(|encoding| encoding != "identity");
    if is_packed || !is_json(headers) {
        let detail = "the body must be JSON with content-type: application/json, and not be compressed";
        return Err(Refusal::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "unsupported_media_type",
            "Unsupported media type",
            detail,
        ));
    }
    let document = json::read(bytes).map_err(|error| {
        // The text of other errors repeats the body.
        let what = if error.is_data() { "nested too deep" } else { "not JSON" };
        let detail = format!("the body is {what}: line {}, column {}", error.line(), error.column());
        Refusal::new(StatusCode::BAD_REQUEST, "malformed_json", "Malformed JSON", detail)
    })?;
    let wrong =
        |pointer: String, code: &str, message: &str| FieldError { pointer, code: code.into(), message: message.into() };
    let Value::Object(values) = document.value else {
        return Err(Refusal::validation(vec![wrong(String::new(), "type", "must be a JSON object")]));
    };
    let errors = document.repeated.into_iter().map(|pointer| wrong(pointer, "twice", "is given twice")).collect();
    Ok(Fields { values, errors, ..Fields::default() })
}

/// The parameters of a query.
#[derive(Debug)]
pub struct QueryFields(pub Fields);

impl QueryFields {
    /// The parameters of a query's text.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let mut fields = Fields::default();
        for (name, value) in url::form_urlencoded::parse(text.as_bytes()) {
            if fields.values.contains_key(&*name) {
                fields.refuse(&name, "twice", "is given twice");
            }
            fields.values.insert(name.into_owned(), Value::String(value.into_owned()));
        }
        Self(fields)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for QueryFields {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Refusal> {
        Ok(Self::of(parts.uri.query().unwrap_or_default()))
    }
}

/// A query that has no parameters; any is refused.
#[derive(Debug)]
pub struct NoQuery;

impl<S: Send + Sync> FromRequestParts<S> for NoQuery {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        let QueryFields(fields) = QueryFields::from_request_parts(parts, state).await?;
        fields.finish().map(|()| Self)
    }
}

/// The tenant a path names by id or key.
#[derive(Debug)]
pub struct TenantPath(pub TenantRef);

/// Reads an id or a key. What is neither names no tenant.
#[must_use]
pub fn tenant_ref(text: &str) -> Option<TenantRef> {
    match TenantRef::parse(text) {
        TenantRef::Key(key) => TenantKey::parse(&key).ok().map(|_| TenantRef::Key(key)),
        id @ TenantRef::Id(_) => Some(id),
    }
}

impl<S: Send + Sync> FromRequestParts<S> for TenantPath {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        let Path(text) =
            Path::<String>::from_request_parts(parts, state).await.map_err(|_| Refusal::no_such_tenant())?;
        tenant_ref(&text).map(Self).ok_or_else(Refusal::no_such_tenant)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_wrong_is_told_at_once() {
        let mut read = Fields::of_json(serde_json::json!({"a": 1, "b": null, "x/y": true}));
        assert_eq!(read.text("a"), None);
        assert_eq!(read.required_text("b"), None);
        assert_eq!(read.required_text("c"), None);
        let refused = read.finish().unwrap_err();
        assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY);
        let pointers: Vec<&str> = refused.errors().iter().map(|error| &*error.pointer).collect();
        assert_eq!(pointers, ["/a", "/b", "/c", "/x~1y"]);
    }

    #[test]
    fn what_is_wrong_inside_an_object_is_told_with_its_place() {
        let body =
            serde_json::json!({"in": {"flag": 1, "number": 2, "list": ["a", 3], "none": [], "x": 1}, "out": true});
        let mut read = Fields::of_json(body);
        assert_eq!(read.flag("out"), Some(true));
        let mut inside = read.inside("in");
        assert_eq!((inside.flag("flag"), inside.number("number")), (None, Some(2.0)));
        assert_eq!((inside.texts("list", 2), inside.texts("none", 2), inside.texts("left", 2)), (None, None, None));
        inside.refuse_at("list", Some(1), "wrong", "is wrong");
        read.absorb(inside);
        let refused = read.finish().unwrap_err();
        let pointers: Vec<&str> = refused.errors().iter().map(|error| &*error.pointer).collect();
        assert_eq!(pointers, ["/in/flag", "/in/list", "/in/none", "/in/list/1", "/in/x"]);
    }

    #[test]
    fn left_out_and_null_are_the_same() {
        let mut read = Fields::of_json(serde_json::json!({"a": null, "c": "text"}));
        assert_eq!((read.text("a"), read.text("b"), read.text("c")), (None, None, Some("text".into())));
        assert!(read.finish().is_ok());
    }

    #[test]
    fn a_path_that_cannot_be_a_key_names_nobody() {
        assert!(tenant_ref("a\0b").is_none());
        assert!(tenant_ref("Acme").is_none());
        assert_eq!(tenant_ref("acme"), Some(TenantRef::Key("acme".into())));
    }
}

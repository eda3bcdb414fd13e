//! Which fields of an object a caller asks for: `?fields=id,status`.

use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::PartialSchema;
use utoipa::openapi::{RefOr, Schema};

use crate::api::extract::Fields;
use crate::api::problem::Refusal;

/// The parameter.
pub(super) const FIELDS: &str = "fields";

/// The fields asked for; all of them where the caller does not say.
#[derive(Debug)]
pub(super) struct Selection(Option<Vec<String>>);

/// The names of the fields of a type, as the document has them.
pub(super) fn names_of<T: PartialSchema>() -> Vec<String> {
    match T::schema() {
        RefOr::T(Schema::Object(object)) => object.properties.keys().cloned().collect(),
        _ => Vec::new(),
    }
}

impl Selection {
    /// Takes the parameter; a name that is no field of `T` is noted.
    pub(super) fn read<T: PartialSchema>(fields: &mut Fields) -> Self {
        let Some(text) = fields.text(FIELDS) else { return Self(None) };
        let known = names_of::<T>();
        let asked: Vec<String> = text.split(',').map(str::to_owned).collect();
        if !asked.iter().all(|name| known.contains(name)) {
            let message = format!("must be names with commas between, of {}", known.join(", "));
            fields.refuse(FIELDS, "unknown_value", message);
        }
        Self(Some(asked))
    }

    /// Whether a field is asked for.
    pub(super) fn holds(&self, name: &str) -> bool {
        self.0.as_ref().is_none_or(|asked| asked.iter().any(|one| one == name))
    }

    /// What is answered of an object. Written out as it is where all of it is asked for: this is what every page of a list
    /// costs.
    ///
    /// # Errors
    /// When it cannot be written as JSON; a bug.
    pub(super) fn of<T: Serialize>(&self, whole: T) -> Result<Selected<T>, Refusal> {
        if self.0.is_none() {
            return Ok(Selected::Whole(whole));
        }
        let whole = serde_json::to_value(whole).map_err(|error| Refusal::internal().because(&error))?;
        Ok(Selected::Part(match whole {
            Value::Object(values) => values.into_iter().filter(|(name, _)| self.holds(name)).collect(),
            _ => Map::new(),
        }))
    }

    /// What is answered of a page of objects.
    ///
    /// # Errors
    /// As [`Self::of`].
    pub(super) fn of_page<T: Serialize>(
        &self,
        items: impl Iterator<Item = T>,
        next_cursor: Option<String>,
    ) -> Result<SelectedPage<T>, Refusal> {
        let items: Result<Vec<Selected<T>>, Refusal> = items.map(|item| self.of(item)).collect();
        Ok(SelectedPage { items: items?, next_cursor })
    }
}

/// An object, or the fields of it that were asked for.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(super) enum Selected<T> {
    /// All of it.
    Whole(T),
    /// Some fields.
    Part(Map<String, Value>),
}

/// A page of objects.
#[derive(Debug, Serialize)]
pub(super) struct SelectedPage<T> {
    items: Vec<Selected<T>>,
    next_cursor: Option<String>,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::api::types::{Operation, Tenant, TenantError};

    fn read(text: &Value) -> Result<Selection, Refusal> {
        let mut fields = Fields::of_json(json!({ "fields": text }));
        let selection = Selection::read::<TenantError>(&mut fields);
        fields.finish().map(|()| selection)
    }

    #[test]
    fn only_what_is_asked_for_is_answered() {
        let answered = |asked: Value| {
            let error = TenantError { step: "role".into(), code: "c".into(), message: "m".into() };
            let page = read(&asked).unwrap().of_page([error.clone()].into_iter(), None).unwrap();
            let one = serde_json::to_value(read(&asked).unwrap().of(error).unwrap()).unwrap();
            assert_eq!(serde_json::to_value(page).unwrap(), json!({ "items": [one.clone()], "next_cursor": null }));
            one
        };
        assert_eq!(answered(json!("code,step")), json!({"code": "c", "step": "role"}));
        assert_eq!(answered(json!("code")), json!({"code": "c"}));
        assert_eq!(answered(Value::Null), json!({"code": "c", "step": "role", "message": "m"}));
    }

    #[test]
    fn names_that_are_no_fields_are_refused() {
        for text in ["", ",", "code,", "code,,step", "Code", " code", "code step", "code.x", "items"] {
            let refused = read(&json!(text)).unwrap_err();
            assert_eq!(refused.errors()[0].pointer, "/fields", "{text}");
        }
    }

    #[test]
    fn the_names_are_those_of_the_document() {
        assert!(names_of::<Tenant>().contains(&"company_name".to_owned()));
        assert!(names_of::<Operation>().contains(&"steps".to_owned()));
    }
}

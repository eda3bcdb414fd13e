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

    /// What is answered of an object.
    ///
    /// # Errors
    /// When it cannot be written as JSON; a bug.
    pub(super) fn of(&self, whole: &impl Serialize) -> Result<Value, Refusal> {
        let whole = serde_json::to_value(whole).map_err(|error| Refusal::internal().because(&error))?;
        Ok(match (whole, &self.0) {
            (Value::Object(values), Some(_)) => {
                Value::Object(values.into_iter().filter(|(name, _)| self.holds(name)).collect())
            }
            (whole, _) => whole,
        })
    }

    /// What is answered of a page of objects.
    ///
    /// # Errors
    /// As [`Self::of`].
    pub(super) fn of_page<T: Serialize>(
        &self,
        items: impl Iterator<Item = T>,
        next_cursor: Option<String>,
    ) -> Result<Value, Refusal> {
        let items: Result<Vec<Value>, Refusal> = items.map(|item| self.of(&item)).collect();
        let page = [("items".to_owned(), Value::Array(items?)), ("next_cursor".to_owned(), next_cursor.into())];
        Ok(Value::Object(Map::from_iter(page)))
    }
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
        let error = TenantError { step: "role".into(), code: "c".into(), message: "m".into() };
        assert_eq!(read(&json!("code,step")).unwrap().of(&error).unwrap(), json!({"code": "c", "step": "role"}));
        assert_eq!(
            read(&Value::Null).unwrap().of(&error).unwrap(),
            json!({"code": "c", "step": "role", "message": "m"})
        );
        let page = read(&json!("code")).unwrap().of_page([error].into_iter(), None).unwrap();
        assert_eq!(page, json!({"items": [{"code": "c"}], "next_cursor": null}));
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

//! `/api/gateway/me/views`: one file per verb.

pub(super) mod create;
pub(super) mod delete;
pub(super) mod edit;
pub(super) mod list;

use axum::http::StatusCode;
use uuid::Uuid;

use crate::api::extract::Fields;
use crate::api::problem::Refusal;
use crate::api::tenants;
use crate::api::types::SavedView;
use crate::domain::ids::{UserId, ViewId};
use crate::store::views::ViewRecord;

/// Longest name, in characters.
const MAX_NAME: usize = 60;
/// Longest query, in characters.
const MAX_QUERY: usize = 2_000;
/// Columns at most.
const MAX_COLUMNS: usize = 40;
/// Longest word for a column, in bytes.
const MAX_COLUMN: usize = 80;
/// Parameters that belong to a page and not to the list.
const OF_A_PAGE: [&str; 3] = ["cursor", "limit", "fields"];

fn no_such_view() -> Refusal {
    let detail = "you have no view with this id";
    Refusal::new(StatusCode::NOT_FOUND, "view_not_found", "No such view", detail)
}

/// The view a path names. What is no id names none.
fn view_id(text: &str) -> Result<ViewId, Refusal> {
    Uuid::try_parse(text).map(ViewId::from_uuid).map_err(|_| no_such_view())
}

fn check_name(fields: &mut Fields, name: Option<String>) -> Option<String> {
    let name = name?.trim().to_owned();
    if name.is_empty() || name.chars().count() > MAX_NAME {
        fields.refuse("name", "length", format!("must have 1 to {MAX_NAME} characters"));
    } else if name.chars().any(char::is_control) {
        fields.refuse("name", "character", "must not hold control characters");
    }
    Some(name)
}

fn check_query(fields: &mut Fields, query: Option<String>) -> Option<String> {
    let query = query?;
    if query.chars().count() > MAX_QUERY || query.contains('\0') {
        fields.refuse("query", "length", format!("may have {MAX_QUERY} characters at most, and not NUL"));
        return None;
    }
    let names: Vec<String> = url::form_urlencoded::parse(query.as_bytes()).map(|(name, _)| name.into_owned()).collect();
    if let Some(name) = names.iter().find(|name| OF_A_PAGE.contains(&name.as_str())) {
        fields.refuse("query", "query", format!("must not hold {name}, which belongs to a page"));
    } else if let Err(refusal) = tenants::list::check(&query) {
        let first = refusal.errors().first();
        let what = first.map(|error| format!("{} {}", error.pointer.trim_start_matches('/'), error.message));
        fields.refuse("query", "query", format!("is none of list_tenants: {}", what.unwrap_or_default()));
    }
    Some(query)
}

fn read_columns(fields: &mut Fields) -> Option<Vec<String>> {
    let columns = fields.texts("columns", MAX_COLUMNS)?;
    for (place, column) in columns.iter().enumerate() {
        if column.is_empty() || column.len() > MAX_COLUMN || column.chars().any(char::is_control) {
            let message = format!("must have 1 to {MAX_COLUMN} bytes, and no control characters");
            fields.refuse_at("columns", Some(place), "column", message);
        }
    }
    Some(columns)
}

/// What is shown of a view to somebody.
fn shown(record: ViewRecord, to: UserId) -> SavedView {
    SavedView {
        id: record.id.as_uuid(),
        name: record.name,
        shared: record.shared,
        query: record.query,
        columns: record.columns,
        owner: record.email,
        own: record.user_id == to,
        created_at: record.created_at,
        updated_at: record.updated_at,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_one_that_the_list_takes() {
        for (query, fits) in [
            ("", true),
            ("status=error,suspended&sort=-updated_at&q=a%20b&label.plan=gold", true),
            ("status=gone", false),
            ("x=1", false),
            ("q=1&q=2", false),
            ("limit=5", false),
            ("status=active&cursor=x", false),
        ] {
            let mut fields = Fields::default();
            check_query(&mut fields, Some(query.to_owned()));
            assert_eq!(fields.finish().is_ok(), fits, "{query}");
        }
    }
}

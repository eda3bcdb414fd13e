//! Holds each success that a test is answered with against the document of the API: a status that it does not list is one
//! that no client expects.

use std::sync::OnceLock;

use serde_json::Value;

/// Asserts that the document lists this success for the operation at the path. What failed is held by
/// `Answer::assert_problem`, and a path that the document does not know is none of the API's.
pub(super) fn assert_promised(method: &str, path: &str, status: u16) {
    if !(200..300).contains(&status) {
        return;
    }
    let Some((template, operation)) = operation(&method.to_lowercase(), path) else { return };
    let listed = operation["responses"].get(status.to_string());
    assert!(listed.is_some(), "{method} {template} answered {status}, which the document does not list");
}

/// The operation whose path fits best: of two that fit, that with fewer names for what may vary.
fn operation<'a>(method: &str, path: &str) -> Option<(&'a str, &'a Value)> {
    static DOCUMENT: OnceLock<Value> = OnceLock::new();
    let read = || serde_json::from_str(include_str!("../../../gateway/docs/admin-api.json")).unwrap();
    let paths = DOCUMENT.get_or_init(read)["paths"].as_object().unwrap();
    let fitting = paths.iter().filter(|(template, operations)| fits(template, path) && operations[method].is_object());
    fitting.min_by_key(|(template, _)| template.matches('{').count()).map(|(path, all)| (path.as_str(), &all[method]))
}

fn fits(template: &str, path: &str) -> bool {
    let (mut expected, mut given) = (template.split('/'), path.split('/'));
    loop {
        match (expected.next(), given.next()) {
            (None, None) => return true,
            (Some(name), Some(part)) if name == part || name.starts_with('{') => {}
            _ => return false,
        }
    }
}

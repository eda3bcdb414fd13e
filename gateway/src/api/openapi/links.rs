//! Which calls can follow an answer, with what of it: a client or a test can walk from one to the next.

use utoipa::openapi::link::Link;
use utoipa::openapi::path::Operation;
use utoipa::openapi::{OpenApi, RefOr};

/// A call that can follow: the answer it follows, the call, its parameter, and where in the answer that is.
type Following = (&'static str, &'static str, &'static str, &'static str);

const TENANT: &str = "$response.body#/id";
const OPERATION_OF_TENANT: &str = "$response.body#/operation/id";

const LINKS: [Following; 29] = [
    ("create_tenant", "get_tenant", "id_or_key", TENANT),
    ("create_tenant", "edit_tenant", "id_or_key", TENANT),
    ("create_tenant", "pause_tenant", "id_or_key", TENANT),
    ("create_tenant", "suspend_tenant", "id_or_key", TENANT),
    ("create_tenant", "delete_tenant", "id_or_key", TENANT),
    ("create_tenant", "get_operation", "id", OPERATION_OF_TENANT),
    ("create_tenant", "cancel_operation", "id", OPERATION_OF_TENANT),
    ("suspend_tenant", "reactivate_tenant", "id_or_key", TENANT),
    ("suspend_tenant", "delete_tenant", "id_or_key", TENANT),
    ("suspend_tenant", "get_operation", "id", OPERATION_OF_TENANT),
    ("reactivate_tenant", "suspend_tenant", "id_or_key", TENANT),
    ("pause_tenant", "resume_tenant", "id_or_key", TENANT),
    ("resume_tenant", "get_tenant", "id_or_key", TENANT),
    ("edit_tenant", "get_tenant", "id_or_key", TENANT),
    ("delete_tenant", "get_tenant", "id_or_key", TENANT),
    ("delete_tenant", "undelete_tenant", "id_or_key", TENANT),
    ("delete_tenant", "get_operation", "id", OPERATION_OF_TENANT),
    ("undelete_tenant", "get_tenant", "id_or_key", TENANT),
    ("list_tenants", "get_tenant", "id_or_key", "$response.body#/items/0/id"),
    ("list_operations", "get_operation", "id", "$response.body#/items/0/id"),
    ("get_operation", "get_tenant", "id_or_key", "$response.body#/tenant_id"),
    ("cancel_operation", "retry_operation", "id", TENANT),
    ("cancel_operation", "get_operation", "id", TENANT),
    ("retry_operation", "cancel_operation", "id", TENANT),
    ("create_job", "get_job", "id", TENANT),
    ("create_pool", "edit_pool", "id_or_name", TENANT),
    ("create_pool", "delete_pool", "id_or_name", TENANT),
    ("create_pool", "list_pool_members", "id_or_name", TENANT),
    ("create_pool", "restart_pool", "id_or_name", TENANT),
];

/// Adds the links to the answers that say that it was done.
pub(super) fn add(document: &mut OpenApi) {
    for item in document.paths.paths.values_mut() {
        let operations = [&mut item.get, &mut item.post, &mut item.patch, &mut item.delete];
        for operation in operations.into_iter().flatten() {
            follow(operation);
        }
    }
}

fn follow(operation: &mut Operation) {
    let Some(from) = operation.operation_id.clone() else { return };
    for (_, to, parameter, place) in LINKS.into_iter().filter(|(first, ..)| *first == from) {
        let responses = &mut operation.responses.responses;
        // The answer of a dry run holds ids of what was never made.
        let done = ["202", "201"].into_iter().filter(|status| responses.contains_key(*status)).collect::<Vec<_>>();
        for status in if done.is_empty() { vec!["200"] } else { done } {
            let Some(RefOr::T(answer)) = responses.get_mut(status) else { continue };
            let link = Link::builder().operation_id(to).parameter(parameter, place).build();
            answer.links.insert(to.to_owned(), link.into());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_link_leads_from_a_call_to_a_call_with_its_parameter() {
        let document = serde_json::to_value(crate::api::openapi::document()).unwrap();
        let mut known = std::collections::HashMap::new();
        for item in document["paths"].as_object().unwrap().values() {
            for operation in item.as_object().unwrap().values() {
                known.insert(operation["operationId"].as_str().unwrap(), operation);
            }
        }
        for (from, to, parameter, _) in LINKS {
            let parameters = known[to]["parameters"].as_array().unwrap();
            assert!(parameters.iter().any(|one| one["name"] == parameter), "{to} has no {parameter}");
            let answers = known[from]["responses"].as_object().unwrap().values();
            assert!(answers.into_iter().any(|answer| answer["links"][to].is_object()), "{from} does not lead to {to}");
        }
    }
}

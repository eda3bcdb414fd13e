//! The parameter `fields` in the document, and what is answered where it is given.

use utoipa::openapi::path::{Operation, ParameterBuilder, ParameterIn, ParameterStyle};
use utoipa::openapi::schema::{AnyOfBuilder, ArrayBuilder, Object, ObjectBuilder, Schema, SchemaType, Type};
use utoipa::openapi::{Content, OpenApi, Ref, RefOr};

use crate::api::selection::{FIELDS, names_of};
use crate::api::types;

/// What can be asked for in parts: the type, its list, the names of its fields, and the calls that answer each.
struct Divided {
    whole: &'static str,
    list: &'static str,
    names: Vec<String>,
    get: &'static str,
    get_list: &'static str,
}

/// Adds the parameter, and beside each whole type one of which every field may be missing.
pub(super) fn add(document: &mut OpenApi) {
    let divided = [
        Divided {
            whole: "Tenant",
            list: "TenantList",
            names: names_of::<types::Tenant>(),
            get: "get_tenant",
            get_list: "list_tenants",
        },
        Divided {
            whole: "Operation",
            list: "OperationList",
            names: names_of::<types::Operation>(),
            get: "get_operation",
            get_list: "list_operations",
        },
    ];
    for one in divided {
        let components = document.components.get_or_insert_default();
        let (part, part_list) = (format!("{}Part", one.whole), format!("{}PartList", one.whole));
        let Some(RefOr::T(Schema::Object(whole))) = components.schemas.get(one.whole).cloned() else { continue };
        let Some(RefOr::T(Schema::Object(list))) = components.schemas.get(one.list).cloned() else { continue };
        components.schemas.insert(part.clone(), Schema::Object(without_duties(whole)).into());
        components.schemas.insert(part_list.clone(), Schema::Object(list_of(list, &part)).into());
        for item in document.paths.paths.values_mut() {
            let Some(operation) = &mut item.get else { continue };
            match operation.operation_id.as_deref() {
                Some(id) if id == one.get => divide(operation, &one.names, one.whole, &part),
                Some(id) if id == one.get_list => divide(operation, &one.names, one.list, &part_list),
                _ => {}
            }
        }
    }
}

fn without_duties(mut whole: Object) -> Object {
    whole.required.clear();
    whole.description = Some("The fields of it that were asked for".into());
    whole
}

fn list_of(mut list: Object, part: &str) -> Object {
    list.description = Some("A page of those fields that were asked for".into());
    if let Some(items) = list.properties.get_mut("items") {
        *items = Schema::Array(ArrayBuilder::new().items(Ref::from_schema_name(part)).build()).into();
    }
    list
}

fn divide(operation: &mut Operation, names: &[String], whole: &str, part: &str) {
    let word = ObjectBuilder::new()
        .schema_type(SchemaType::Type(Type::String))
        .enum_values(Some(names.iter().map(String::as_str)));
    let words = ArrayBuilder::new().items(word).min_items(Some(1)).build();
    let parameter = ParameterBuilder::new()
        .name(FIELDS)
        .parameter_in(ParameterIn::Query)
        .description(Some("Only these fields, with commas between; all of them when left out"))
        .style(Some(ParameterStyle::Form))
        .explode(Some(false))
        .schema(Some(words))
        .build();
    operation.parameters.get_or_insert_default().push(parameter.into());
    if let Some(RefOr::T(answer)) = operation.responses.responses.get_mut("200") {
        let either = AnyOfBuilder::new().item(Ref::from_schema_name(whole)).item(Ref::from_schema_name(part)).build();
        answer.content.insert("application/json".into(), Content::new(Some(RefOr::T(Schema::AnyOf(either)))).into());
    }
}

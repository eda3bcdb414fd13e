//! What a body says of the containers of a managed pool.

use std::collections::BTreeMap;

use secrecy::SecretString;

use crate::api::AppState;
use crate::api::extract::Fields;
use crate::api::plans;
use crate::api::problem::Refusal;
use crate::domain::ids::PoolId;
use crate::domain::plan::{CPUS, MEMORY_MIB, PIDS};
use crate::domain::pool::{Image, MAX_IMAGE, MAX_REPLICAS, MAX_VARIABLE_NAME, MAX_VARIABLE_VALUE, VariableName};
use crate::domain::seal::Sealed;

/// The fields that only a managed pool has.
pub(super) const FIELDS: [&str; 7] = ["image", "replicas", "port", "environment", "memory_mib", "cpus", "pids"];

/// Variables with their values and, without one, those to remove.
pub(super) type Variables = BTreeMap<VariableName, Option<SecretString>>;

pub(super) fn read_image(fields: &mut Fields) -> Option<Image> {
    let image = Image::parse(&fields.text("image")?);
    if image.is_none() {
        let what = format!("must be the name of an image, with {MAX_IMAGE} characters at most");
        fields.refuse("image", "image", what);
    }
    image
}

pub(super) fn read_replicas(fields: &mut Fields) -> Option<u8> {
    fields.whole("replicas", 1..=i64::from(MAX_REPLICAS))
}

pub(super) fn read_port(fields: &mut Fields) -> Option<u16> {
    fields.whole("port", 1..=i64::from(u16::MAX))
}

pub(super) fn read_memory(fields: &mut Fields) -> Option<i32> {
    plans::whole(fields, "memory_mib", MEMORY_MIB)
}

pub(super) fn read_pids(fields: &mut Fields) -> Option<i32> {
    plans::whole(fields, "pids", PIDS)
}

pub(super) fn read_cpus(fields: &mut Fields) -> Option<f64> {
    fields.fraction("cpus", CPUS)
}

/// Variables of the environment. `may_remove` says whether null stands for one that is to go.
pub(super) fn read_environment(fields: &mut Fields, may_remove: bool) -> Variables {
    let mut inside = fields.inside("environment");
    let mut found = Variables::new();
    for text in inside.names() {
        let name = VariableName::parse(&text);
        if name.is_none() {
            let what = format!("is no name of a variable: letters, digits and _, {MAX_VARIABLE_NAME} at most");
            inside.refuse(&text, "name", what);
        }
        let is_removed = inside.is_null(&text);
        if is_removed && !may_remove {
            inside.refuse(&text, "required", "needs a value");
        }
        let value = inside.text(&text);
        if is_removed && !may_remove || value.is_none() && !is_removed {
            continue;
        }
        let is_long = value.as_ref().is_some_and(|value| value.chars().count() > MAX_VARIABLE_VALUE);
        if is_long || value.as_ref().is_some_and(|value| value.contains('\0')) {
            let what = format!("must have {MAX_VARIABLE_VALUE} characters at most, and no zero byte");
            inside.refuse(&text, "value", what);
        }
        found.extend(name.map(|name| (name, value.map(SecretString::from))));
    }
    fields.absorb(inside);
    found
}

/// Seals what is to be kept.
pub(super) fn seal(
    state: &AppState,
    pool: PoolId,
    variables: Variables,
) -> Result<BTreeMap<VariableName, Option<Sealed>>, Refusal> {
    let ring = &state.settings.key_ring;
    let sealed = variables.into_iter().map(|(name, value)| {
        let sealed = value.map(|value| ring.seal(&name.place(pool), &value)).transpose();
        Ok((name, sealed.map_err(|error| Refusal::internal().because(&error))?))
    });
    sealed.collect()
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;
    use serde_json::{Value, json};

    use super::*;

    fn read(environment: &Value, may_remove: bool) -> Result<Vec<(String, Option<String>)>, Vec<String>> {
        let mut fields = Fields::of_json(json!({ "environment": environment }));
        let found = read_environment(&mut fields, may_remove);
        match fields.finish() {
            Ok(()) => {
                let text = |value: Option<SecretString>| value.map(|value| value.expose_secret().to_owned());
                Ok(found.into_iter().map(|(name, value)| (name.as_str().to_owned(), text(value))).collect())
            }
            Err(refusal) => Err(refusal.errors().iter().map(|one| format!("{} {}", one.pointer, one.code)).collect()),
        }
    }

    #[test]
    fn variables_are_set_and_only_a_patch_removes_them() {
        assert_eq!(read(&json!({ "A": "1" }), false), Ok(vec![("A".into(), Some("1".into()))]));
        assert_eq!(read(&json!({ "A": null }), true), Ok(vec![("A".into(), None)]));
        assert_eq!(read(&json!({ "A": null }), false), Err(vec!["/environment/A required".into()]));
        assert_eq!(read(&json!({ "A": 1 }), true), Err(vec!["/environment/A type".into()]));
        assert_eq!(read(&json!({ "A-B": "1" }), true), Err(vec!["/environment/A-B name".into()]));
        assert_eq!(read(&json!({ "A": "x\0" }), true), Err(vec!["/environment/A value".into()]));
        assert_eq!(read(&json!({ "A": "x".repeat(8_001) }), true), Err(vec!["/environment/A value".into()]));
        assert_eq!(read(&json!([]), true), Err(vec!["/environment type".into()]));
    }
}

//! Labels: words of the operator's own on a tenant, such as `plan=gold`.

use std::collections::BTreeMap;

/// Most labels of a tenant.
pub const MAX_LABELS: usize = 32;
const MAX_NAME: usize = 63;
/// Longest value, in characters.
pub const MAX_VALUE: usize = 200;

/// What is wrong with a label.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LabelError {
    /// The name's form.
    #[error(
        "must be named with 1 to 63 of a-z, 0-9, dot, hyphen, underscore and slash, beginning and ending with a letter or digit"
    )]
    Name,
    /// The value's form.
    #[error("must have a value of at most 200 characters without control characters")]
    Value,
    /// There are too many.
    #[error("may be 32 at most")]
    Count,
}

impl LabelError {
    /// Stable code of the error.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Name => "label_name",
            Self::Value => "label_value",
            Self::Count => "label_count",
        }
    }
}

/// Whether a text can name a label.
///
/// # Errors
/// [`LabelError::Name`].
pub fn check_name(name: &str) -> Result<(), LabelError> {
    let is_edge = |byte: Option<u8>| byte.is_some_and(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    let is_inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"._/-".contains(&byte);
    let fits = name.len() <= MAX_NAME && is_edge(name.bytes().next()) && is_edge(name.bytes().last());
    if fits && name.bytes().all(is_inner) { Ok(()) } else { Err(LabelError::Name) }
}

/// A merge patch of labels: a value sets, `None` removes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LabelsPatch(BTreeMap<String, Option<String>>);

impl LabelsPatch {
    /// Adds one change.
    ///
    /// # Errors
    /// [`LabelError`]; nothing was added then.
    pub fn set(&mut self, name: &str, value: Option<String>) -> Result<(), LabelError> {
        check_name(name)?;
        if value.as_ref().is_some_and(|value| value.chars().count() > MAX_VALUE || value.chars().any(char::is_control))
        {
            return Err(LabelError::Value);
        }
        self.0.insert(name.to_owned(), value);
        Ok(())
    }

    /// Whether it changes nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Changes labels.
    ///
    /// # Errors
    /// [`LabelError::Count`]; `labels` are then of no use.
    pub fn apply(&self, labels: &mut BTreeMap<String, String>) -> Result<(), LabelError> {
        for (name, value) in &self.0 {
            match value {
                Some(value) => labels.insert(name.clone(), value.clone()),
                None => labels.remove(name),
            };
        }
        if labels.len() > MAX_LABELS { Err(LabelError::Count) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_the_form_that_the_row_demands() {
        for good in ["a", "0", "plan", "team/owner", "a.b_c-d", &"a".repeat(63)] {
            assert_eq!(check_name(good), Ok(()), "{good}");
        }
        for bad in ["", "-a", "a-", "A", "a b", "ä", "a\n", &"a".repeat(64)] {
            assert_eq!(check_name(bad), Err(LabelError::Name), "{bad}");
        }
    }

    #[test]
    fn a_patch_sets_and_removes() {
        let mut labels = BTreeMap::from([("a".to_owned(), "1".to_owned()), ("b".to_owned(), "2".to_owned())]);
        let mut patch = LabelsPatch::default();
        patch.set("a", None).unwrap();
        patch.set("c", Some("3".into())).unwrap();
        assert_eq!(patch.set("c", Some("\u{7}".into())), Err(LabelError::Value));
        patch.apply(&mut labels).unwrap();
        assert_eq!(labels.into_iter().collect::<Vec<_>>(), [("b".into(), "2".into()), ("c".into(), "3".into())]);
        let mut many = (0..=MAX_LABELS).map(|n| (n.to_string(), String::new())).collect();
        assert_eq!(patch.apply(&mut many), Err(LabelError::Count));
    }
}

//! What is made of tenants' databases beforehand: a sealed template with every migration, and spares, which are whole
//! copies of it with roles of their own that wait for a tenant.
//!
//! All names have a fixed length, are told apart by their beginning, and none is like a tenant's.

use uuid::Uuid;

use crate::domain::ids::InstallationId;
use crate::domain::operation::words;

words!(
    /// Whether tenants' databases are copies of a template.
    Copies {
        /// Where two runs of the migrations leave the same rows, so that a copy is what the migrations would have made.
        Auto => "auto",
        /// Wherever a copy is possible at all.
        Always => "always",
        /// Never: each tenant's database goes through the migrations by itself.
        Never => "never",
    }
);

/// The template of one set of migrations. A changed set has another name, so a template never changes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TemplateName(String);

/// What the names of templates begin with.
const TEMPLATE: &str = "tmpl_";
/// What the name of a template's second run ends with.
const TWIN: &str = "_twin";

impl TemplateName {
    /// The name for a digest of installation and migrations.
    #[must_use]
    pub fn of(digest: [u8; 16]) -> Self {
        Self(format!("{TEMPLATE}{}", Uuid::from_bytes(digest).simple()))
    }

    /// Reads a name found on a server; `None` when it is none of a template.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        hex(name.strip_prefix(TEMPLATE)?).map(|id| Self(format!("{TEMPLATE}{}", id.simple())))
    }

    /// The name, both of the database and of the role that owns what is in it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// A database and role in which the same migrations are run once more, for comparison.
    #[must_use]
    pub fn twin(&self) -> String {
        format!("{}{TWIN}", self.0)
    }
}

/// A spare: database and roles that no tenant has yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SpareName(Uuid);

/// What the names of spares begin with.
const SPARE: &str = "spare_";

impl SpareName {
    /// The name that a UUID of version 4 gives.
    #[must_use]
    pub const fn of(drawn: Uuid) -> Self {
        Self(drawn)
    }

    /// Reads the name of a database or role found on a server; `None` when it is none of a spare.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        let rest = name.strip_prefix(SPARE)?;
        let id = rest.strip_suffix("_owner").or_else(|| rest.strip_suffix("_app")).unwrap_or(rest);
        hex(id).map(Self)
    }

    /// Its database.
    #[must_use]
    pub fn database(self) -> String {
        format!("{SPARE}{}", self.0.simple())
    }

    /// The role that owns database and tables.
    #[must_use]
    pub fn owner(self) -> String {
        format!("{}_owner", self.database())
    }

    /// The role that becomes the login of a tenant's app.
    #[must_use]
    pub fn login(self) -> String {
        format!("{}_app", self.database())
    }
}

/// A UUID of 32 lower-case digits.
fn hex(text: &str) -> Option<Uuid> {
    let is_hex = text.len() == 32 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    if is_hex { Uuid::try_parse(text).ok() } else { None }
}

/// What the comments of databases and roles kept in stock say, and so what tells them from foreign ones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StockMark(String);

impl StockMark {
    /// Of a template. On a database it says that the template is sealed.
    #[must_use]
    pub fn of_template(installation: InstallationId) -> Self {
        Self(format!("gateway {installation} template"))
    }

    /// Of a template's role: with the second, since 1970, at which a worker last said that it wants it.
    #[must_use]
    pub fn of_template_wanted(installation: InstallationId, second: u64) -> Self {
        Self(format!("{} wanted {second}", Self::of_template(installation).0))
    }

    /// That second, in the comment of a template's role.
    #[must_use]
    pub fn wanted(&self, comment: &str) -> Option<u64> {
        comment.strip_prefix(&self.0)?.strip_prefix(" wanted ")?.parse().ok()
    }

    /// Of a spare that came out of this template. On a database it says that the spare is whole.
    #[must_use]
    pub fn of_spare(installation: InstallationId, template: &TemplateName) -> Self {
        Self(format!("gateway {installation} spare of {}", template.as_str()))
    }

    /// The same, of its login's role, which has a password already: under which key, and what proves it.
    #[must_use]
    pub fn with_password(&self, key: &str, proof: &str) -> Self {
        Self(format!("{} key {key} {proof}", self.0))
    }

    /// That key and that proof, in the comment of a spare's login.
    #[must_use]
    pub fn password_of<'a>(&self, comment: &'a str) -> Option<(&'a str, &'a str)> {
        comment.strip_prefix(&self.0)?.strip_prefix(" key ")?.split_once(' ')
    }

    /// What the marks of all spares begin with.
    #[must_use]
    pub fn of_any_spare(installation: InstallationId) -> Self {
        Self(format!("gateway {installation} spare of "))
    }

    /// The comment.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::names;

    #[test]
    fn every_name_leads_back_to_what_it_is_of_and_to_nothing_else() {
        let spare = SpareName::of(Uuid::new_v4());
        for name in [spare.database(), spare.owner(), spare.login()] {
            assert_eq!(SpareName::parse(&name), Some(spare));
            assert_eq!((TemplateName::parse(&name), names::tenant_of(&name)), (None, None));
            assert!(name.len() <= names::MAX_IDENTIFIER);
        }
        let template = TemplateName::of([7; 16]);
        assert_eq!(TemplateName::parse(template.as_str()), Some(template.clone()));
        assert_eq!((SpareName::parse(template.as_str()), names::tenant_of(template.as_str())), (None, None));
        for other in
            ["spare_", "spare_1", "tmpl_", &template.twin(), "tmpl_ABCDEF00000000000000000000000000", "postgres"]
        {
            assert_eq!((SpareName::parse(other), TemplateName::parse(other)), (None, None), "{other}");
        }
    }

    #[test]
    fn a_mark_says_whether_there_is_a_password() {
        let mark = StockMark::of_spare(InstallationId::from_uuid(Uuid::new_v4()), &TemplateName::of([7; 16]));
        let with = mark.with_password("k1", "proof");
        assert_eq!(mark.password_of(with.as_str()), Some(("k1", "proof")));
        assert!(with.as_str().starts_with(mark.as_str()));
        assert_eq!(mark.password_of(mark.as_str()), None);
    }
}

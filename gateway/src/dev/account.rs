//! The account children run under when the stack is started by root.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use nix::unistd::{Gid, Uid, User, chown};

use crate::dev::error::DevError;

/// An unprivileged account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Account {
    /// Its name.
    pub name: String,
    /// Its user.
    pub uid: u32,
    /// Its group.
    pub gid: u32,
}

impl Account {
    /// The account for children: `postgres` if there is one, else `nobody`; `None` when we are not root and children
    /// run as ourselves.
    #[must_use]
    pub(super) fn for_children() -> Option<Self> {
        if !nix::unistd::geteuid().is_root() {
            return None;
        }
        let user = ["postgres", "nobody"].into_iter().find_map(|name| User::from_name(name).ok().flatten())?;
        Some(Self { name: user.name, uid: user.uid.as_raw(), gid: user.gid.as_raw() })
    }

    /// Whether the account may pass through every directory above `path` and use `path` itself if it exists.
    #[must_use]
    pub(super) fn reaches(&self, path: &Path) -> bool {
        let real = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        real.ancestors().filter_map(|part| std::fs::metadata(part).ok()).all(|found| {
            let bits = found.mode();
            let execute = if found.uid() == self.uid {
                0o100
            } else if found.gid() == self.gid {
                0o010
            } else {
                0o001
            };
            bits & execute != 0
        })
    }

    /// Gives the account something we made.
    ///
    /// # Errors
    /// When the owner cannot be changed.
    pub(super) fn give(&self, path: &Path) -> Result<(), DevError> {
        chown(path, Some(Uid::from_raw(self.uid)), Some(Gid::from_raw(self.gid)))
            .map_err(|errno| DevError::file("change the owner of", path)(errno.into()))
    }
}

/// The account, if it can use all these paths; else the child runs as ourselves.
#[must_use]
pub(super) fn if_reachable<'a>(account: Option<&'a Account>, paths: &[&Path]) -> Option<&'a Account> {
    account.filter(|account| paths.iter().all(|path| account.reaches(path)))
}

/// Gives a directory and the files in it to the account.
///
/// # Errors
/// When an owner cannot be changed.
pub(super) fn give_directory(account: Option<&Account>, directory: &Path) -> Result<(), DevError> {
    let Some(account) = account else { return Ok(()) };
    account.give(directory)?;
    let entries = std::fs::read_dir(directory).map_err(DevError::file("list", directory))?;
    for path in entries.flatten().map(|entry| entry.path()).collect::<Vec<PathBuf>>() {
        account.give(&path)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_closed_parent_hides_what_is_below() {
        let directory = tempfile::tempdir().unwrap();
        let below = directory.path().join("data");
        std::fs::create_dir(&below).unwrap();
        let nobody = Account { name: "nobody".into(), uid: 65_534, gid: 65_534 };
        std::fs::set_permissions(directory.path(), std::fs::Permissions::from_mode(0o700)).unwrap();
        assert!(!nobody.reaches(&below));
        std::fs::set_permissions(directory.path(), std::fs::Permissions::from_mode(0o711)).unwrap();
        assert!(nobody.reaches(&below));
        assert!(nobody.reaches(&below.join("not/there/yet")));
        assert_eq!(if_reachable(None, &[&below]), None);
        assert_eq!(if_reachable(Some(&nobody), &[&below]), Some(&nobody));
    }
}

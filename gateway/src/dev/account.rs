//! The accounts children run under when the stack is started by root.

use std::fs::OpenOptions;
use std::os::fd::AsRawFd;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, fchown, lchown};
use std::path::Path;

use nix::fcntl::OFlag;
use nix::unistd::User;

use crate::dev::error::DevError;

const NOBODY: &str = "nobody";
/// Linux's overflow user and group, which own nothing.
const NOBODY_ID: u32 = 65_534;

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
    /// The account for PostgreSQL and Redis: `postgres` if there is one, else `nobody`; `None` when we are not root and
    /// children run as ourselves.
    #[must_use]
    pub(super) fn for_data() -> Option<Self> {
        Self::first_of(&["postgres", NOBODY])
    }

    /// The account for children that answer requests from outside, Traefik and the demo app: `nobody`, who cannot read
    /// the files of tenants' databases. `None` when we are not root.
    #[must_use]
    pub(super) fn for_requests() -> Option<Self> {
        let unnamed = || Self { name: NOBODY.to_owned(), uid: NOBODY_ID, gid: NOBODY_ID };
        // A machine that does not know the name still runs no child of these as root.
        nix::unistd::geteuid().is_root().then(|| Self::first_of(&[NOBODY]).unwrap_or_else(unnamed))
    }

    fn first_of(names: &[&str]) -> Option<Self> {
        if !nix::unistd::geteuid().is_root() {
            return None;
        }
        let user = names.iter().find_map(|name| User::from_name(name).ok().flatten())?;
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

    /// Gives the account something we made. A link is given itself, not what it leads to: the account may have put
    /// links to others' files into its directory.
    ///
    /// # Errors
    /// When the owner cannot be changed.
    pub(super) fn give(&self, path: &Path) -> Result<(), DevError> {
        lchown(path, Some(self.uid), Some(self.gid)).map_err(DevError::file("change the owner of", path))
    }
}

/// The account, if it can use all these paths; else the child runs as ourselves.
#[must_use]
pub(super) fn if_reachable<'a>(account: Option<&'a Account>, paths: &[&Path]) -> Option<&'a Account> {
    account.filter(|account| paths.iter().all(|path| account.reaches(path)))
}

/// Gives a directory and the files in it to the account, following no link.
///
/// # Errors
/// When it is a link or an owner cannot be changed.
pub(super) fn give_directory(account: Option<&Account>, path: &Path) -> Result<(), DevError> {
    let Some(account) = account else { return Ok(()) };
    // Held open, so that another one put into its place meanwhile is not what we give.
    let directory = OpenOptions::new()
        .read(true)
        .custom_flags((OFlag::O_DIRECTORY | OFlag::O_NOFOLLOW).bits())
        .open(path)
        .map_err(DevError::file("open", path))?;
    fchown(&directory, Some(account.uid), Some(account.gid)).map_err(DevError::file("change the owner of", path))?;
    let held = Path::new("/proc/self/fd").join(directory.as_raw_fd().to_string());
    for entry in std::fs::read_dir(&held).map_err(DevError::file("list", path))?.flatten() {
        account.give(&entry.path())?;
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

    #[test]
    fn what_a_link_leads_to_is_not_given() {
        let directory = tempfile::tempdir().unwrap();
        let (given, other) = (directory.path().join("given"), directory.path().join("other"));
        std::fs::create_dir(&given).unwrap();
        std::fs::create_dir(&other).unwrap();
        std::fs::write(other.join("file"), "mine").unwrap();
        std::os::unix::fs::symlink(other.join("file"), given.join("link")).unwrap();
        let owner = std::fs::metadata(&other).unwrap().uid();
        // Only root can give to another account; others give to themselves, and no link is followed either.
        let root = nix::unistd::geteuid().is_root();
        let uid = if root { 65_534 } else { owner };
        let account = Account { name: "nobody".into(), uid, gid: nix::unistd::getegid().as_raw() };
        give_directory(Some(&account), &given).unwrap();
        assert_eq!(std::fs::metadata(&given).unwrap().uid(), uid);
        assert_eq!(std::fs::symlink_metadata(given.join("link")).unwrap().uid(), uid);
        assert_eq!(std::fs::metadata(other.join("file")).unwrap().uid(), owner);
        std::os::unix::fs::symlink(&other, directory.path().join("way")).unwrap();
        assert!(give_directory(Some(&account), &directory.path().join("way")).is_err());
        assert_eq!(std::fs::metadata(&other).unwrap().uid(), owner);
    }
}

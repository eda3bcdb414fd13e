//! What requests are resolved with: the table as it was loaded whole, and above it the tenants that changed since.
//!
//! A change of one tenant costs as much as the tenants that changed since the last whole load are many, whatever the size of
//! the fleet.

use std::collections::HashMap;
use std::sync::Arc;

use uuid::Uuid;

use super::host::canonical_host;
use super::table::{Entry, Route, RouteTable};

/// When something began to be read, as a number that only rises. What began later is at least as new.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mark(pub(super) u64);

/// A tenant as it was read by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The tenant.
    pub tenant_id: Uuid,
    /// Its entries; none where it is gone.
    pub entries: Vec<Entry>,
}

/// What became of changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// They are in force.
    All,
    /// Whether they are newer than the table cannot be told: read them again.
    Again,
    /// What they are in force of, only a whole load can tell.
    NotAll,
}

/// One tenant above the table.
#[derive(Clone, Debug)]
struct Above {
    mark: Mark,
    hosts: Vec<Arc<str>>,
    route: Option<Arc<Route>>,
}

/// An immutable view of all routes. Cheap to read.
#[derive(Clone, Debug, Default)]
pub struct View {
    table: Arc<RouteTable>,
    loaded: Mark,
    above: HashMap<Uuid, Above>,
    hosts: HashMap<Arc<str>, Arc<Route>>,
}

impl View {
    /// A table that began to be read at `mark`, with those of the tenants above the view before that were read since.
    pub(super) fn of(table: RouteTable, mark: Mark, before: Option<&Self>) -> Self {
        let mut view = Self { table: Arc::new(table), loaded: mark, ..Self::default() };
        for (tenant, above) in before.iter().flat_map(|before| &before.above).filter(|(_, above)| above.mark > mark) {
            for host in &above.hosts {
                view.hosts.extend(above.route.as_ref().map(|route| (host.clone(), route.clone())));
            }
            view.above.insert(*tenant, above.clone());
        }
        view
    }

    /// This view with changes that began to be read at `mark`. A host that somebody else has is left to whom it was: a whole
    /// load sees both.
    pub(super) fn with(&self, changes: &[Change], mark: Mark) -> (Self, Taken) {
        if mark < self.loaded {
            return (self.clone(), Taken::Again);
        }
        let mut view = self.clone();
        let mut taken = Taken::All;
        for change in changes {
            let gone = view.above.insert(change.tenant_id, Above { mark, hosts: Vec::new(), route: None });
            for host in gone.into_iter().flat_map(|above| above.hosts) {
                view.hosts.remove(&host);
            }
        }
        for entry in changes.iter().flat_map(|change| &change.entries) {
            if !view.admit(entry.clone()) {
                taken = Taken::NotAll;
            }
        }
        (view, taken)
    }

    /// Says whether the entry is in force.
    fn admit(&mut self, entry: Entry) -> bool {
        let (tenant, Some(host)) = (entry.tenant_id, canonical_host(&entry.host)) else { return false };
        let is_taken = self.by_host(&host).is_some_and(|route| route.tenant_id != tenant);
        if is_taken || self.table.is_contested(&host) {
            return false;
        }
        let Ok((route, flaw)) = Route::prepare(entry) else { return false };
        let (route, host): (Arc<Route>, Arc<str>) = (Arc::new(route), host.into());
        if let Some(above) = self.above.get_mut(&tenant) {
            above.hosts.push(host.clone());
            above.route.get_or_insert_with(|| route.clone());
        }
        self.hosts.insert(host, route);
        flaw.is_none()
    }

    /// The route of a host that is already in its canonical spelling.
    pub fn by_host(&self, canonical: &str) -> Option<&Arc<Route>> {
        let below = || self.table.by_host(canonical).filter(|route| !self.above.contains_key(&route.tenant_id));
        self.hosts.get(canonical).or_else(below)
    }

    /// The route of a tenant, for a trusted peer that named the tenant itself.
    pub fn by_tenant(&self, tenant_id: Uuid) -> Option<&Arc<Route>> {
        match self.above.get(&tenant_id) {
            Some(above) => above.route.as_ref(),
            None => self.table.by_tenant(tenant_id),
        }
    }

    /// How many tenants are above the table.
    pub fn changed(&self) -> usize {
        self.above.len()
    }
}

#[cfg(test)]
mod tests {
    use super::super::table::EntryState;
    use super::*;

    fn entry(id: u128, host: &str, revision: &str) -> Entry {
        Entry {
            tenant_id: Uuid::from_u128(id),
            key: format!("k{id}"),
            company_name: "Acme".into(),
            host: host.into(),
            state: EntryState::Preparing,
            revision: Some(revision.into()),
        }
    }

    fn change(id: u128, entries: &[Entry]) -> Change {
        Change { tenant_id: Uuid::from_u128(id), entries: entries.to_vec() }
    }

    fn revision(view: &View, host: &str) -> Option<String> {
        view.by_host(host).map(|route| route.revision.as_ref().unwrap().to_str().unwrap().to_owned())
    }

    fn view() -> View {
        let entries = [entry(1, "a.test", "old"), entry(2, "b.test", "old")];
        View::of(RouteTable::new(entries), Mark(1), None)
    }

    #[test]
    fn what_changed_stands_before_what_was_loaded() {
        let (view, taken) = view().with(&[change(1, &[entry(1, "A.test", "new")])], Mark(2));
        assert_eq!((taken, revision(&view, "a.test"), view.changed()), (Taken::All, Some("new".into()), 1));
        assert_eq!(revision(&view, "b.test"), Some("old".into()));
        let (view, taken) = view.with(&[change(1, &[entry(1, "other.test", "newer")])], Mark(3));
        assert_eq!((taken, revision(&view, "a.test")), (Taken::All, None), "it left that host");
        assert_eq!(revision(&view, "other.test"), Some("newer".into()));
        let (view, _) = view.with(&[change(1, &[])], Mark(4));
        assert_eq!((revision(&view, "other.test"), revision(&view, "a.test")), (None, None));
        assert!(view.by_tenant(Uuid::from_u128(1)).is_none() && view.by_tenant(Uuid::from_u128(2)).is_some());
    }

    #[test]
    fn a_whole_load_keeps_what_was_read_since_it_began() {
        let (before, _) = view().with(&[change(1, &[entry(1, "a.test", "early")])], Mark(2));
        let (before, _) = before.with(&[change(2, &[entry(2, "b.test", "late")])], Mark(4));
        let loaded = [entry(1, "a.test", "whole"), entry(2, "b.test", "whole")];
        let after = View::of(RouteTable::new(loaded), Mark(3), Some(&before));
        assert_eq!(revision(&after, "a.test"), Some("whole".into()));
        assert_eq!((revision(&after, "b.test"), after.changed()), (Some("late".into()), 1));
        let (same, taken) = after.with(&[change(1, &[entry(1, "a.test", "older")])], Mark(2));
        assert_eq!((taken, revision(&same, "a.test")), (Taken::Again, Some("whole".into())));
    }

    #[test]
    fn a_host_that_somebody_has_is_left_to_whom_it_was() {
        let (view, taken) = view().with(&[change(1, &[entry(1, "b.test", "new")])], Mark(2));
        assert_eq!((taken, revision(&view, "b.test")), (Taken::NotAll, Some("old".into())));
        assert_eq!(view.by_host("b.test").unwrap().tenant_id, Uuid::from_u128(2));
        // Both changed: the host is free by then.
        let (view, taken) = self::view().with(&[change(1, &[entry(1, "b.test", "new")]), change(2, &[])], Mark(2));
        assert_eq!((taken, view.by_host("b.test").unwrap().tenant_id), (Taken::All, Uuid::from_u128(1)));
        let contested = RouteTable::new([entry(1, "c.test", "one"), entry(2, "c.test", "two")]);
        let (view, taken) = View::of(contested, Mark(1), None).with(&[change(1, &[entry(1, "c.test", "x")])], Mark(2));
        assert_eq!((taken, view.by_host("c.test").is_none()), (Taken::NotAll, true));
    }
}

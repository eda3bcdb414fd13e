//! The immutable snapshot of every host this port serves.

use std::collections::HashMap;
use std::collections::hash_map::Entry as Slot;
use std::sync::Arc;

use http::HeaderValue;
use http::uri::Authority;
use url::Url;
use uuid::Uuid;

use super::host::canonical_host;

/// What the source knows about one host of one tenant. A tenant with a host of its own and a name under the suffix has
/// two entries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The tenant's id, sent to the upstream as `X-Tenant-Id`.
    pub tenant_id: Uuid,
    /// The tenant's key, sent to the upstream as `X-Tenant-Key`.
    pub key: String,
    /// Shown on the pages for a tenant that is being prepared or suspended.
    pub company_name: String,
    /// The host in any spelling; it is stored in its canonical one.
    pub host: String,
    /// Whether, and where, the tenant is served.
    pub state: EntryState,
    /// What answers to the host carry, where requests are led here by no router of the tenant's own.
    pub revision: Option<String>,
}

/// Whether, and where, a tenant is served.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EntryState {
    /// Requests go to this base URL: `http`, optionally with a path that is put before the request's own.
    Serving(Url),
    /// The tenant is being made; a moment later it serves.
    Preparing,
    /// An operator suspended the tenant.
    Suspended,
    /// The tenant is deleted, or on the way there.
    Closed,
    /// The tenant exists and has no upstream now.
    Unavailable,
}

/// One entry made ready for requests.
#[derive(Debug)]
pub struct Route {
    /// The tenant's id.
    pub tenant_id: Uuid,
    /// The tenant's key, for the log.
    pub key: String,
    /// The tenant's company name, for pages.
    pub company_name: String,
    /// Whether, and where, the tenant is served.
    pub state: RouteState,
    /// The value of `X-Tenant-Id`.
    pub id_header: HeaderValue,
    /// The value of `X-Tenant-Key`.
    pub key_header: HeaderValue,
    /// The value of `X-Gateway-Route` in answers; none is given where another way leads here.
    pub revision: Option<HeaderValue>,
}

/// [`EntryState`] with its URL taken apart once instead of once per request.
#[derive(Debug)]
pub enum RouteState {
    /// Requests go here.
    Serving(Target),
    /// See [`EntryState::Preparing`].
    Preparing,
    /// See [`EntryState::Suspended`].
    Suspended,
    /// See [`EntryState::Closed`].
    Closed,
    /// See [`EntryState::Unavailable`].
    Unavailable,
}

/// Where an upstream listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// Host and port.
    pub authority: Authority,
    /// Put before the path of every request: empty, or `/…` without a trailing slash.
    pub base_path: String,
}

/// An entry the table left out, and why. The rest of the table serves on: one tenant's bad row never stops another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejected {
    /// The host as the source gave it.
    pub host: String,
    /// Why the entry is not served.
    pub reason: Reason,
}

/// Why an entry was left out of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The host is not a host.
    BadHost,
    /// The key cannot be carried in a header.
    BadKey,
    /// The upstream is not an `http` URL with a host.
    BadUpstream,
    /// Two tenants claim the host; neither gets it, since guessing would show one tenant's data to the other's people.
    Contested,
}

/// Immutable snapshot of all routes. Cheap to read, replaced as a whole; see [`View`](super::view::View) for what changes since.
#[derive(Debug, Default)]
pub struct RouteTable {
    by_host: HashMap<String, Arc<Route>>,
    by_tenant: HashMap<Uuid, Arc<Route>>,
    rejected: Vec<Rejected>,
}

impl RouteTable {
    /// Builds the snapshot. Entries that cannot be served are left out and listed by [`rejected`](Self::rejected).
    pub fn new(entries: impl IntoIterator<Item = Entry>) -> Self {
        let mut table = Self::default();
        let mut owners: HashMap<String, (Uuid, bool)> = HashMap::new();
        for entry in entries {
            let raw = entry.host.clone();
            if let Err(reason) = table.admit(entry, &mut owners) {
                table.rejected.push(Rejected { host: raw, reason });
            }
        }
        table
    }

    fn admit(&mut self, entry: Entry, owners: &mut HashMap<String, (Uuid, bool)>) -> Result<(), Reason> {
        let host = canonical_host(&entry.host).ok_or(Reason::BadHost)?;
        let tenant_id = entry.tenant_id;
        match owners.entry(host.clone()) {
            Slot::Occupied(mut held) => {
                let (owner, contested) = held.get_mut();
                if *contested || *owner != tenant_id {
                    *contested = true;
                    self.by_host.remove(&host);
                    return Err(Reason::Contested);
                }
            }
            Slot::Vacant(free) => {
                free.insert((tenant_id, false));
            }
        }
        let (route, flaw) = Route::prepare(entry)?;
        let route = Arc::new(route);
        self.by_tenant.entry(tenant_id).or_insert_with(|| Arc::clone(&route));
        self.by_host.insert(host, route);
        flaw.map_or(Ok(()), Err)
    }

    /// The route of a host that is already in its canonical spelling.
    pub fn by_host(&self, canonical: &str) -> Option<&Arc<Route>> {
        self.by_host.get(canonical)
    }

    /// The route of a tenant, for a trusted peer that named the tenant itself.
    pub fn by_tenant(&self, tenant_id: Uuid) -> Option<&Arc<Route>> {
        self.by_tenant.get(&tenant_id)
    }

    /// Whether two tenants claimed a host in its canonical spelling.
    pub fn is_contested(&self, canonical: &str) -> bool {
        let contested = self.rejected.iter().filter(|one| one.reason == Reason::Contested);
        contested.filter_map(|one| canonical_host(&one.host)).any(|host| host == canonical)
    }

    /// How many hosts are known.
    pub fn len(&self) -> usize {
        self.by_host.len()
    }

    /// Whether no host is known.
    pub fn is_empty(&self) -> bool {
        self.by_host.is_empty()
    }

    /// What was left out of the table, in the order of the source.
    pub fn rejected(&self) -> &[Rejected] {
        &self.rejected
    }
}

impl Route {
    /// A bad upstream still gives a route, one that answers "unavailable": the host is known, so 404 would be a lie.
    pub(super) fn prepare(entry: Entry) -> Result<(Self, Option<Reason>), Reason> {
        let id_header = HeaderValue::from_str(&entry.tenant_id.to_string()).map_err(|_| Reason::BadKey)?;
        let key_header = HeaderValue::from_str(&entry.key).map_err(|_| Reason::BadKey)?;
        let (state, flaw) = match entry.state {
            EntryState::Serving(url) => Target::from_url(&url)
                .map_or((RouteState::Unavailable, Some(Reason::BadUpstream)), |target| {
                    (RouteState::Serving(target), None)
                }),
            EntryState::Preparing => (RouteState::Preparing, None),
            EntryState::Suspended => (RouteState::Suspended, None),
            EntryState::Closed => (RouteState::Closed, None),
            EntryState::Unavailable => (RouteState::Unavailable, None),
        };
        let (tenant_id, company_name) = (entry.tenant_id, entry.company_name);
        let revision = entry.revision.and_then(|revision| HeaderValue::from_str(&revision).ok());
        Ok((Self { tenant_id, key: entry.key, company_name, state, id_header, key_header, revision }, flaw))
    }
}

impl Target {
    /// `None` for any scheme but `http`: upstreams are reached over the tenant's own network, and a TLS upstream would
    /// be sent to in the clear.
    fn from_url(url: &Url) -> Option<Self> {
        if url.scheme() != "http" || !url.username().is_empty() || url.password().is_some() {
            return None;
        }
        let host = url.host_str().filter(|host| !host.is_empty())?;
        let authority = match url.port() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_owned(),
        };
        Some(Self { authority: authority.parse().ok()?, base_path: url.path().trim_end_matches('/').to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(id: u128, host: &str, state: EntryState) -> Entry {
        Entry {
            tenant_id: Uuid::from_u128(id),
            key: format!("k{id}"),
            company_name: "Acme".into(),
            host: host.into(),
            state,
            revision: None,
        }
    }

    fn serving(url: &str) -> EntryState {
        EntryState::Serving(Url::parse(url).unwrap())
    }

    #[test]
    fn a_tenant_is_found_by_each_of_its_hosts_and_by_id() {
        let table = RouteTable::new([
            entry(1, "Notes.Acme.COM.", serving("http://10.0.0.2:8080/base/")),
            entry(1, "acme.localhost", serving("http://10.0.0.2:8080/base/")),
        ]);
        assert_eq!(table.len(), 2);
        assert!(table.rejected().is_empty());
        for host in ["notes.acme.com", "acme.localhost"] {
            let route = table.by_host(host).unwrap();
            let RouteState::Serving(target) = &route.state else { panic!("{host}: {:?}", route.state) };
            assert_eq!((target.authority.as_str(), target.base_path.as_str()), ("10.0.0.2:8080", "/base"));
        }
        assert!(table.by_tenant(Uuid::from_u128(1)).is_some());
        assert!(table.by_tenant(Uuid::from_u128(2)).is_none());
    }

    #[test]
    fn a_contested_host_is_served_to_nobody_and_stays_so() {
        let table = RouteTable::new([
            entry(1, "shop.example", EntryState::Suspended),
            entry(2, "SHOP.example", EntryState::Suspended),
            entry(1, "shop.example", EntryState::Suspended),
            entry(3, "other.example", EntryState::Preparing),
        ]);
        assert!(table.by_host("shop.example").is_none());
        assert!(table.by_host("other.example").is_some());
        assert!(table.rejected().iter().all(|rejected| rejected.reason == Reason::Contested));
        assert_eq!(table.rejected().len(), 2);
    }

    #[test]
    fn a_bad_row_leaves_the_others_serving() {
        let mut bad_key = entry(4, "d.example", EntryState::Preparing);
        bad_key.key = "line\nbreak".into();
        let table = RouteTable::new([
            entry(1, "a b", EntryState::Preparing),
            entry(2, "b.example", serving("https://10.0.0.2/")),
            entry(3, "c.example", serving("http://user:pw@10.0.0.2/")),
            bad_key,
            entry(5, "e.example", serving("http://[fd00::2]:8080")),
        ]);
        let reasons: Vec<_> = table.rejected().iter().map(|rejected| rejected.reason).collect();
        assert_eq!(reasons, [Reason::BadHost, Reason::BadUpstream, Reason::BadUpstream, Reason::BadKey]);
        assert!(matches!(table.by_host("b.example").unwrap().state, RouteState::Unavailable));
        assert!(table.by_host("d.example").is_none());
        let RouteState::Serving(target) = &table.by_host("e.example").unwrap().state else { panic!() };
        assert_eq!(target.authority.as_str(), "[fd00::2]:8080");
    }
}

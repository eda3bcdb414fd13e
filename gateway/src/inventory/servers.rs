//! Every database server with what stands on it, each a source of its own: one that cannot be read says nothing of the rest.

use std::collections::BTreeMap;

use futures::future::join_all;

use crate::domain::failure::Failure;
use crate::domain::ids::{ServerId, TenantId};
use crate::domain::server::ServerName;
use crate::inventory::catalog::Catalog;
use crate::inventory::rows::Rows;
use crate::inventory::{Source, in_time};
use crate::provision::run::World;
use crate::provision::servers::{KnownServer, not_held};
use crate::store::fleet::TenantRow;

/// A database server as it was looked at.
#[derive(Debug)]
pub struct SeenServer {
    /// Its name.
    pub name: ServerName,
    /// The databases and roles on it.
    pub catalog: Source<Catalog>,
}

/// All database servers that have a row.
#[derive(Debug, Default)]
pub struct Servers {
    /// By id.
    pub seen: BTreeMap<ServerId, SeenServer>,
}

impl Servers {
    /// What stands on the server that a row names; `None` where that is not known, or the row names none.
    #[must_use]
    pub fn catalog_of(&self, row: &TenantRow) -> Option<&Catalog> {
        self.seen.get(&row.server_id?)?.catalog.known()
    }

    /// Whether a row names a server that could not be read.
    #[must_use]
    pub fn is_unknown_to(&self, row: &TenantRow) -> bool {
        row.server_id.is_some() && self.catalog_of(row).is_none()
    }

    /// The servers that could be read.
    pub fn known(&self) -> impl Iterator<Item = (ServerId, &ServerName, &Catalog)> {
        self.seen.iter().filter_map(|(id, seen)| Some((*id, &seen.name, seen.catalog.known()?)))
    }

    /// The servers that could not, and why.
    pub fn unknown(&self) -> impl Iterator<Item = (&ServerName, &Failure)> {
        self.seen.values().filter_map(|seen| Some((&seen.name, seen.catalog.failure()?)))
    }

    /// The name of a server; `None` without a row.
    #[must_use]
    pub fn name_of(&self, id: ServerId) -> Option<&ServerName> {
        self.seen.get(&id).map(|seen| &seen.name)
    }
}

/// The row of a tenant that lives on another server than `here`, so that what stands here in its name is astray. A tenant
/// never moves from server to server, so this holds at every moment.
#[must_use]
pub fn lives_elsewhere(rows: &Rows, tenant: TenantId, here: ServerId) -> Option<&TenantRow> {
    let row = rows.tenants.get(&tenant).filter(|row| !rows.moved.contains(&row.id))?;
    row.server_id.is_some_and(|own| own != here).then_some(row)
}

/// One session with each server, three queries in each, all at the same time.
///
/// # Errors
/// A classified failure of the control database; trouble with a server is part of what is seen.
pub async fn load(world: &World) -> Result<Servers, Failure> {
    let known = in_time(world.servers.known(&world.store)).await?;
    let seen = join_all(known.into_iter().map(look)).await;
    Ok(Servers { seen: seen.into_iter().collect() })
}

async fn look(server: KnownServer) -> (ServerId, SeenServer) {
    let catalog = match &server.held {
        None => Err(not_held(server.name.as_str())),
        Some(held) => in_time(held.server.catalog()).await.map(|(databases, roles)| Catalog::new(databases, roles)),
    };
    (server.id, SeenServer { name: server.name, catalog: catalog.into() })
}

//! Databases and roles as the catalogue shows them: whole for an active tenant (I1), kept until their time (I5).

use serde_json::json;

use crate::domain::ids::ServerId;
use crate::domain::names;
use crate::domain::status::Status;
use crate::inventory::catalog::Catalog;
use crate::inventory::rows::Rows;
use crate::inventory::wanted::{Secrets, Wanted};
use crate::store::evidence::Purge;
use crate::store::fleet::TenantRow;
use crate::verify::violation::{Invariant, Violation};

/// I1, from the catalogue of the server that a row names: an active tenant's database can be entered by its app and nobody else, with the stored secret.
#[must_use]
pub fn served(
    rows: &Rows,
    (here, catalog): (ServerId, &Catalog),
    secrets: &Secrets,
    wanted: &Wanted,
) -> Vec<Violation> {
    let mut found = Vec::new();
    for row in settled(rows, here).filter(|row| row.status == Status::Active) {
        if let Some(why) = secrets.refused.get(&row.id) {
            let what = "the stored secret of the tenant's login cannot be opened";
            found.push(Violation::of(Invariant::I1, row, what, "a secret", why.as_str()));
        }
        let entry = catalog.of(row.id).cloned().unwrap_or_default();
        let (owner_name, login_name) = (names::owner_role(row.id), names::login_role(row.id));
        let database = entry.database.map(|database| {
            json!({ "owner": database.owner, "open": database.open && !database.invalid, "public": database.public_may,
                    "login_may_connect": database.connect.contains(&login_name) })
        });
        let whole = json!({ "owner": owner_name, "open": true, "public": false, "login_may_connect": true });
        let mark = wanted.mark(row.id);
        let owner =
            entry.owner.map(|role| json!({ "login": role.can_login, "elevated": role.elevated, "mark": role.mark }));
        let login = entry.login.map(|role| {
            json!({ "login": role.can_login, "elevated": role.elevated, "mark": role.mark, "connections": role.connection_limit,
                    "stored_password": !role.password.differs_from(secrets.verifiers.get(&row.id).copied()) })
        });
        let owner_whole = json!({ "login": false, "elevated": false, "mark": mark });
        let login_whole = json!({ "login": true, "elevated": false, "mark": mark, "connections": wanted.role_limits(row).connections,
                                  "stored_password": true });
        for (what, expected, is) in [
            (format!("the database {} is not as it should be", names::database(row.id)), whole, database),
            (format!("the role {owner_name} is not as it should be"), owner_whole, owner),
            (format!("the role {login_name} is not as it should be"), login_whole, login),
        ] {
            if is.as_ref() != Some(&expected) {
                found.push(Violation::of(Invariant::I1, row, &what, expected, is));
            }
        }
        if let Some(version) = wanted.migration_version.filter(|version| row.migration_version.unwrap_or(0) < *version)
        {
            let what = "the database is not at the wanted migration";
            found.push(Violation::of(Invariant::I1, row, what, version, row.migration_version));
        }
    }
    found
}

/// I5: data is there under one of its two names until its time, and under the tombstone name only when it is retired.
#[must_use]
pub fn kept(rows: &Rows, (here, catalog): (ServerId, &Catalog)) -> Vec<Violation> {
    let mut found = Vec::new();
    let at_rest = rows.tenants.values().filter(|row| !rows.moved.contains(&row.id));
    for row in at_rest.filter(|row| row.server_id == Some(here)) {
        let entry = catalog.of(row.id);
        let live = entry.is_some_and(|entry| entry.database.is_some());
        let retired = entry.is_some_and(|entry| entry.retired.is_some());
        let (live_name, retired_name) = (names::database(row.id), names::TombstoneName::of(row.id).as_str().to_owned());
        let is = json!([live.then_some(&live_name), retired.then_some(&retired_name)]);
        if live && retired {
            let what = "the tenant's database is there under both of its names";
            found.push(Violation::of(Invariant::I5, row, what, "one of them", is));
            continue;
        }
        if row.is_settling() || !row.is_allocated() {
            continue;
        }
        let is_gone = matches!(row.status, Status::Deleting) && row.purge_at.is_some();
        // Work that failed, such as taking a deletion back, may have ended on either side of the name's change.
        let may_be_retired = matches!(row.status, Status::Deleting | Status::Purging | Status::Error);
        if retired && !may_be_retired {
            let what = "the tenant's database is retired, and nobody deleted the tenant";
            found.push(Violation::of(Invariant::I5, row, what, live_name, is));
        } else if live && is_gone {
            let what = "the tenant is deleted, and its database is still in use";
            found.push(Violation::of(Invariant::I5, row, what, retired_name, is));
        } else if !live && !retired && row.migration_version.is_some() && row.status != Status::Purging {
            // Without a migration there were no data to lose: a tenant may be deleted before its database is made.
            let what = "the tenant's database is lost";
            found.push(Violation::of(Invariant::I5, row, what, if is_gone { retired_name } else { live_name }, is));
        }
    }
    found
}

/// I5: every deleted tenant was purged, and not before its time.
#[must_use]
pub fn purged(rows: &Rows, purges: &[Purge]) -> Vec<Violation> {
    let mut found = Vec::new();
    for purge in purges {
        let in_time = match (purge.purge_at, purge.started_at) {
            (Some(purge_at), Some(started_at)) => started_at >= purge_at,
            // Deleted by a release that knew no grace.
            (None, None) => purge.deprovisioned_at.is_some(),
            _ => false,
        };
        if !in_time {
            let what = "the tenant is deleted without a purge that began when its grace was over";
            let expected = json!({ "not_before": purge.purge_at.map(|at| at.to_string()) });
            let is = json!({ "purge_began": purge.started_at.map(|at| at.to_string()) });
            let about = Some(purge.tenant_id);
            let mut violation = Violation::about(Invariant::I5, rows, about, what, expected, is);
            violation.tenant_key = Some(purge.key.clone());
            found.push(violation);
        }
    }
    found
}

fn settled(rows: &Rows, here: ServerId) -> impl Iterator<Item = &TenantRow> {
    rows.tenants.values().filter(move |row| rows.is_settled(row) && row.server_id == Some(here))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::{OperationId, TenantId};
    use crate::domain::operation::OperationKind;
    use crate::infra::catalog::StoredPassword;
    use crate::verify::sample::{Flaw, Sample, only};

    fn check(sample: &Sample) -> Vec<Violation> {
        let mut found = served(&sample.rows, sample.here(), &sample.secrets, &sample.wanted);
        found.extend(kept(&sample.rows, sample.here()));
        found
    }

    #[test]
    fn a_whole_fleet_is_whole() {
        assert_eq!(check(&Sample::new()), []);
    }

    #[test]
    fn every_flaw_of_an_active_tenants_database_and_roles_is_found() {
        let flaws: [Flaw; 9] = [
            ("closed", |s| s.entry().database.as_mut().unwrap().open = false),
            ("half dropped", |s| s.entry().database.as_mut().unwrap().invalid = true),
            ("open to all", |s| s.entry().database.as_mut().unwrap().public_may = true),
            ("not for its app", |s| s.entry().database.as_mut().unwrap().connect.clear()),
            ("owner may log in", |s| s.entry().owner.as_mut().unwrap().can_login = true),
            ("login elevated", |s| s.entry().login.as_mut().unwrap().elevated = true),
            ("other password", |s| s.entry().login.as_mut().unwrap().password = StoredPassword::None),
            ("other mark", |s| s.entry().login.as_mut().unwrap().mark = None),
            ("old schema", |s| s.row().migration_version = Some(1)),
        ];
        for (what, flaw) in flaws {
            let mut sample = Sample::new();
            flaw(&mut sample);
            assert_eq!(only(&check(&sample)), (Invariant::I1, Some(sample.shared)), "{what}");
        }
    }

    #[test]
    fn a_tenant_deleted_before_its_database_was_made_lost_nothing() {
        let mut sample = Sample::new();
        drop(sample.entry().database.take());
        let row = sample.row();
        (row.status, row.purge_at, row.migration_version) = (Status::Deleting, Some(jiff::Timestamp::UNIX_EPOCH), None);
        assert_eq!(check(&sample), Vec::new());
    }

    #[test]
    fn a_secret_that_does_not_open_is_found() {
        let mut sample = Sample::new();
        sample.secrets.refused.insert(sample.shared, "damaged".into());
        assert_eq!(only(&check(&sample)), (Invariant::I1, Some(sample.shared)));
    }

    #[test]
    fn lost_doubled_and_wrongly_named_data_is_found() {
        let flaws: [fn(&mut Sample); 4] = [
            |s| drop(s.entry().database.take()),
            |s| s.retire(),
            |s| s.entry().retired = s.entry().database.clone(),
            |s| {
                s.row().status = Status::Deleting;
                s.row().purge_at = Some(jiff::Timestamp::UNIX_EPOCH);
            },
        ];
        for flaw in flaws {
            let mut sample = Sample::new();
            flaw(&mut sample);
            let found = kept(&sample.rows, sample.here());
            assert_eq!(only(&found), (Invariant::I5, Some(sample.shared)));
        }
    }

    #[test]
    fn a_deleted_tenant_waits_under_its_tombstone_name() {
        let mut sample = Sample::new();
        sample.retire();
        sample.row().status = Status::Deleting;
        sample.row().purge_at = Some(jiff::Timestamp::UNIX_EPOCH);
        assert_eq!(check(&sample), []);
    }

    #[test]
    fn nothing_is_said_about_work_that_is_open() {
        let mut sample = Sample::new();
        sample.entry().database = None;
        let operation = OperationId::from_uuid(uuid::Uuid::from_u128(9));
        sample.row().operation = Some((operation, OperationKind::Reconverge));
        assert_eq!(check(&sample), []);
    }

    #[test]
    fn a_purge_that_is_missing_or_came_too_early_is_found() {
        let at = |second| Some(jiff::Timestamp::from_second(second).unwrap());
        let purge = |purge_at, started_at, deprovisioned_at| Purge {
            tenant_id: TenantId::from_uuid(uuid::Uuid::from_u128(5)),
            key: "gone".into(),
            purge_at,
            started_at,
            deprovisioned_at,
        };
        let rows = Rows::default();
        for good in [purge(at(10), at(10), at(1)), purge(None, None, at(1))] {
            assert_eq!(purged(&rows, &[good]), []);
        }
        for bad in [
            purge(at(10), at(9), at(1)),
            purge(at(10), None, at(1)),
            purge(None, None, None),
            purge(None, at(1), at(1)),
        ] {
            assert_eq!(only(&purged(&rows, std::slice::from_ref(&bad))).0, Invariant::I5, "{bad:?}");
        }
    }
}

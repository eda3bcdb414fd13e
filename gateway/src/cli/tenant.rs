//! `gatewayctl tenant`

use std::collections::BTreeMap;
use std::time::Duration;

use crate::api::types::{CreateTenant, EditTenant, MoveTenant, ReadLogs, Tenant};
use crate::cli::arguments::{Output, TenantVerb, Waiting};
use crate::cli::client::Client;
use crate::cli::confirm::confirm;
use crate::cli::error::CliError;
use crate::cli::terminal::Terminal;
use crate::cli::{batch, inspection, part, progress, table};
use crate::domain::operation::OperationKind;
use crate::domain::status::Status;

/// Does it.
///
/// # Errors
/// See [`CliError`].
pub(super) async fn run(
    client: &Client,
    terminal: &Terminal,
    output: Output,
    verb: TenantVerb,
) -> Result<(), CliError> {
    match verb {
        TenantVerb::Create { key, company, tier, host, pool, plan, labels, notes, waiting } => {
            let labels = Some(labels.into_iter().collect()).filter(|labels: &BTreeMap<_, _>| !labels.is_empty());
            let new =
                CreateTenant { key, company_name: company, tier: Some(tier), host, pool_id: pool, plan, labels, notes };
            let tenant = client.create_tenant(&new).await?;
            finish(client, terminal, output, tenant, waiting).await
        }
        TenantVerb::Edit { tenant, company, plan, route_pinned, labels, removed, notes, waiting } => {
            let set = labels.into_iter().map(|(name, value)| (name, Some(value)));
            let labels: BTreeMap<_, _> = set.chain(removed.into_iter().map(|name| (name, None))).collect();
            let labels = Some(labels).filter(|labels| !labels.is_empty());
            let edit = EditTenant { company_name: company, plan, route_pinned, labels, notes };
            let tenant = client.edit_tenant(&tenant, &edit).await?;
            if tenant.operation.as_ref().is_some_and(|operation| operation.state.is_open()) {
                return finish(client, terminal, output, tenant, waiting).await;
            }
            table::print(terminal, output, &tenant, table::tenant);
            Ok(())
        }
        TenantVerb::List { status, labels, tier, pool, plan, server, sort, search, limit, fields } => {
            let labels: Vec<_> = labels.into_iter().map(|(name, value)| (format!("label.{name}"), value)).collect();
            let mut filter: Vec<_> = labels.iter().map(|(name, value)| (name.as_str(), value.clone())).collect();
            filter.extend(tier.map(|tier| ("tier", tier.to_string())));
            filter.extend(pool.map(|pool| ("pool_id", pool.to_string())));
            filter.extend(plan.map(|plan| ("plan", plan)));
            filter.extend(server.map(|server| ("server", server)));
            filter.push(("sort", sort));
            filter.extend(status.map(|status| ("status", status.to_string())));
            filter.extend(search.map(|text| ("q", text)));
            let is_more = if fields.is_empty() {
                let list = client.tenants(&filter, limit).await?;
                table::print(terminal, output, &list, |list| table::tenants(&list.items));
                list.next_cursor.is_some()
            } else {
                let list = client.parts_of_tenants(&filter, &fields, limit).await?;
                table::print(terminal, output, &list, |list| part::columns(&fields, &list.items));
                list.next_cursor.is_some()
            };
            if output == Output::Table && is_more {
                terminal.tell("There are more; raise --limit to see them.");
            }
            Ok(())
        }
        TenantVerb::Show { tenant, fields } => {
            if fields.is_empty() {
                table::print(terminal, output, &client.tenant(&tenant).await?, table::tenant);
            } else {
                let part = client.part_of_tenant(&tenant, &fields).await?;
                table::print(terminal, output, &part, |part| part::lines(&fields, part));
            }
            Ok(())
        }
        TenantVerb::Delete { tenant, force, purge, yes, waiting } => {
            if !yes {
                let tenant = client.tenant(&tenant).await?;
                if tenant.status == Status::Active && !force {
                    return Err(CliError::Usage(format!("{} is active; suspend it first, or add --force", tenant.key)));
                }
                confirm(terminal, &tenant.key, purge)?;
            }
            let tenant = client.delete_tenant(&tenant, force, purge).await?;
            finish(client, terminal, output, tenant, waiting).await
        }
        TenantVerb::Undelete { tenant, waiting } => wish(client, terminal, output, &tenant, "undelete", waiting).await,
        TenantVerb::Suspend { tenant, waiting } => wish(client, terminal, output, &tenant, "suspend", waiting).await,
        TenantVerb::Reactivate { tenant, waiting } => {
            wish(client, terminal, output, &tenant, "reactivate", waiting).await
        }
        TenantVerb::Retry { tenant, waiting } => wish(client, terminal, output, &tenant, "retry", waiting).await,
        TenantVerb::Rotate { tenant, waiting } => {
            wish(client, terminal, output, &tenant, "rotate-credentials", waiting).await
        }
        TenantVerb::Move { tenant, pool, waiting } => {
            let tenant = client.move_tenant(&tenant, &MoveTenant { pool_id: pool }).await?;
            finish(client, terminal, output, tenant, waiting).await
        }
        TenantVerb::Logs { tenant, lines, since } => {
            let asked = ReadLogs { lines: Some(lines.into()), since };
            inspection::logs(client, terminal, output, &tenant, &asked).await
        }
        TenantVerb::Stats { tenant } => inspection::stats(client, terminal, output, &tenant).await,
        TenantVerb::Batch(given) => batch::create(client, terminal, output, given).await,
        TenantVerb::Pause { tenant } => {
            table::print(terminal, output, &client.wish(&tenant, "pause").await?, table::tenant);
            Ok(())
        }
        TenantVerb::Resume { tenant } => {
            table::print(terminal, output, &client.wish(&tenant, "resume").await?, table::tenant);
            Ok(())
        }
        TenantVerb::Watch { tenant, timeout } => {
            let tenant = client.tenant(&tenant).await?;
            let longest = Duration::from_secs(timeout.into());
            let tenant = progress::settle(client, *terminal, &tenant, None, longest).await?;
            table::print(terminal, output, &tenant, table::tenant);
            Ok(())
        }
    }
}

/// A wish without a body.
async fn wish(
    client: &Client,
    terminal: &Terminal,
    output: Output,
    tenant: &str,
    verb: &str,
    waiting: Waiting,
) -> Result<(), CliError> {
    let tenant = client.wish(tenant, verb).await?;
    finish(client, terminal, output, tenant, waiting).await
}

/// The state in which an operation should leave a tenant that is in this one; a change of a suspended one leaves it so.
const fn goal(kind: OperationKind, now: Status) -> Status {
    match (kind, now) {
        (OperationKind::Suspend, _)
        | (OperationKind::Reconverge | OperationKind::Rotate | OperationKind::Move, Status::Suspended) => {
            Status::Suspended
        }
        (
            OperationKind::Provision
            | OperationKind::Reconverge
            | OperationKind::Reactivate
            | OperationKind::Rotate
            | OperationKind::Move
            | OperationKind::Undelete,
            _,
        ) => Status::Active,
        (OperationKind::Deprovision, _) => Status::Deleting,
        (OperationKind::Purge, _) => Status::Deleted,
    }
}

/// Waits where asked to, then prints the tenant.
async fn finish(
    client: &Client,
    terminal: &Terminal,
    output: Output,
    tenant: Tenant,
    waiting: Waiting,
) -> Result<(), CliError> {
    let wanted = tenant.operation.as_ref().map(|operation| goal(operation.kind, tenant.status));
    let tenant = match wanted {
        _ if !waiting.wait => {
            terminal.tell(&format!("Accepted; follow it with: gatewayctl tenant watch {}", tenant.key));
            tenant
        }
        Some(Status::Deleting | Status::Deleted) => {
            progress::remove(client, *terminal, &tenant, waiting.longest()).await?
        }
        wanted => progress::settle(client, *terminal, &tenant, wanted, waiting.longest()).await?,
    };
    table::print(terminal, output, &tenant, table::tenant);
    Ok(())
}

//! `gatewayctl tenant`

use std::time::Duration;

use crate::api::types::{CreateTenant, Tenant};
use crate::cli::arguments::{Output, TenantVerb, Waiting};
use crate::cli::client::Client;
use crate::cli::confirm::confirm;
use crate::cli::error::CliError;
use crate::cli::terminal::Terminal;
use crate::cli::{progress, table};
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
        TenantVerb::Create { key, company, tier, host, pool, waiting } => {
            let new = CreateTenant { key, company_name: company, tier: Some(tier), host, pool_id: pool };
            let tenant = client.create_tenant(&new).await?;
            finish(client, terminal, output, tenant, waiting).await
        }
        TenantVerb::List { status, search, limit } => {
            let mut filter = Vec::new();
            filter.extend(status.map(|status| ("status", status.to_string())));
            filter.extend(search.map(|text| ("q", text)));
            let list = client.tenants(&filter, limit).await?;
            table::print(terminal, output, &list, |list| table::tenants(&list.items));
            if output == Output::Table && list.next_cursor.is_some() {
                terminal.tell("There are more; raise --limit to see them.");
            }
            Ok(())
        }
        TenantVerb::Show { tenant } => {
            let tenant = client.tenant(&tenant).await?;
            table::print(terminal, output, &tenant, table::tenant);
            Ok(())
        }
        TenantVerb::Delete { tenant, force, yes, waiting } => {
            if !yes {
                confirm(terminal, &client.tenant(&tenant).await?.key)?;
            }
            let tenant = client.delete_tenant(&tenant, force).await?;
            finish(client, terminal, output, tenant, waiting).await
        }
        TenantVerb::Suspend { tenant, waiting } => {
            let tenant = client.wish(&tenant, "suspend").await?;
            finish(client, terminal, output, tenant, waiting).await
        }
        TenantVerb::Reactivate { tenant, waiting } => {
            let tenant = client.wish(&tenant, "reactivate").await?;
            finish(client, terminal, output, tenant, waiting).await
        }
        TenantVerb::Retry { tenant, waiting } => {
            let tenant = client.wish(&tenant, "retry").await?;
            finish(client, terminal, output, tenant, waiting).await
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

/// The state in which an operation should leave its tenant.
const fn goal(kind: OperationKind) -> Status {
    match kind {
        OperationKind::Provision
        | OperationKind::Reconverge
        | OperationKind::Reactivate
        | OperationKind::Rotate
        | OperationKind::Move
        | OperationKind::Undelete => Status::Active,
        OperationKind::Suspend => Status::Suspended,
        OperationKind::Deprovision => Status::Deleting,
        OperationKind::Purge => Status::Deleted,
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
    let tenant = if waiting.wait {
        let wanted = tenant.operation.as_ref().map(|operation| goal(operation.kind));
        progress::settle(client, *terminal, &tenant, wanted, waiting.longest()).await?
    } else {
        terminal.tell(&format!("Accepted; follow it with: gatewayctl tenant watch {}", tenant.key));
        tenant
    };
    table::print(terminal, output, &tenant, table::tenant);
    Ok(())
}

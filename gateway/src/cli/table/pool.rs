//! Shared pools as people read them.

use crate::api::types::{Pool, PoolMember};
use crate::cli::table::{NONE, aligned, optional, time};

/// One line for each shared pool.
pub(in crate::cli) fn pools(items: &[Pool]) -> String {
    let row = |pool: &Pool| {
        vec![
            pool.name.clone(),
            pool.state.to_string(),
            members_of(pool),
            pool.capacity.map_or_else(|| pool.tenants.to_string(), |most| format!("{} of {most}", pool.tenants)),
            pool.weight.to_string(),
            if pool.from_settings { "settings".to_owned() } else { "here".to_owned() },
            pool.id.to_string(),
            time(pool.created_at),
            optional(pool.problem.as_ref().map(|problem| &problem.code)),
        ]
    };
    let header = ["name", "state", "members", "tenants", "weight", "set in", "id", "created", "problem"];
    aligned(Some(&header), items.iter().map(row).collect())
}

fn members_of(pool: &Pool) -> String {
    match (&pool.image, pool.replicas) {
        (Some(image), Some(replicas)) => format!("{} of {replicas} {image}", pool.healthy_members),
        _ => pool.members.join(" "),
    }
}

/// One line for each field of a shared pool.
pub(in crate::cli) fn pool(pool: &Pool) -> String {
    let mut rows = vec![
        ("name", pool.name.clone()),
        ("id", pool.id.to_string()),
        ("state", pool.state.to_string()),
        ("members", if pool.members.is_empty() { NONE.to_owned() } else { pool.members.join(" ") }),
        ("healthy", pool.healthy_members.to_string()),
        (
            "tenants",
            pool.capacity.map_or_else(|| pool.tenants.to_string(), |most| format!("{} of {most}", pool.tenants)),
        ),
        ("weight", pool.weight.to_string()),
        ("created", time(pool.created_at)),
    ];
    if pool.managed {
        let problem = pool.problem.as_ref().map(|problem| {
            let fate = if problem.retried { "will be tried again" } else { "needs you" };
            format!("{}: {} ({fate})", problem.code, problem.message)
        });
        rows.extend([
            ("image", optional(pool.image.as_ref())),
            ("replicas", optional(pool.replicas.as_ref())),
            ("port", optional(pool.port.as_ref())),
            ("environment", if pool.environment.is_empty() { NONE.to_owned() } else { pool.environment.join(" ") }),
            ("memory", optional(pool.memory_mib.as_ref())),
            ("cpus", optional(pool.cpus.as_ref())),
            ("pids", optional(pool.pids.as_ref())),
            ("revision", format!("{}, made true: {}", pool.revision, pool.observed_revision)),
            ("problem", optional(problem.as_ref())),
        ]);
    }
    aligned(None, rows.into_iter().map(|(name, value)| vec![name.to_owned(), value]).collect())
}

/// One line for each member of a pool.
pub(in crate::cli) fn pool_members(items: &[PoolMember]) -> String {
    let row = |member: &PoolMember| {
        vec![
            member.url.clone(),
            member.state.to_string(),
            optional(member.since.map(time).as_ref()),
            if member.used { "yes" } else { "no" }.to_owned(),
            member.container_id.as_ref().map_or_else(|| NONE.to_owned(), |id| id.chars().take(12).collect()),
            optional(member.image_id.as_ref()),
        ]
    };
    aligned(Some(&["url", "state", "since", "used", "container", "image"]), items.iter().map(row).collect())
}

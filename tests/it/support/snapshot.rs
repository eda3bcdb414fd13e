//! A tenant's whole world as text: two are equal when nothing changed but times, leases and fences.

use std::fmt::Write as _;

use bollard::query_parameters::{InspectContainerOptions, InspectNetworkOptions};
use gateway::infra::render::sentinel_key;
use sha2::{Digest, Sha256};
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{ConnectOptions, Connection};
use uuid::Uuid;

use super::stack::Stack;
use super::world::base;

/// Says of a tenant's server what belongs to the tenant; `$1` is its base name. Each gives lines.
const ON_SERVER: &[&str] = &[
    "SELECT concat_ws(' ', 'database', d.datname, 'owner', pg_get_userbyid(d.datdba), pg_encoding_to_char(d.encoding), d.datcollate,
            'connects', d.datallowconn, 'limit', d.datconnlimit, 'template', d.datistemplate, 'acl', d.datacl::text,
            'comment', nullif(regexp_replace(shobj_description(d.oid, 'pg_database'), '^gateway fence [0-9]+$', ''), ''))
       FROM pg_database d WHERE d.datname IN ($1, 'gone_' || $1)",
    "SELECT concat_ws(' ', 'role', r.rolname, r.rolsuper, r.rolinherit, r.rolcreaterole, r.rolcreatedb, r.rolcanlogin,
            r.rolreplication, r.rolbypassrls, 'limit', r.rolconnlimit, 'password', r.rolpassword, 'until', r.rolvaliduntil,
            'comment', shobj_description(r.oid, 'pg_authid'))
       FROM pg_authid r WHERE starts_with(r.rolname, $1)",
    "SELECT concat_ws(' ', 'member', pg_get_userbyid(m.member), 'of', pg_get_userbyid(m.roleid), m.admin_option)
       FROM pg_auth_members m WHERE starts_with(pg_get_userbyid(m.member)::text, $1) OR starts_with(pg_get_userbyid(m.roleid)::text, $1)",
    "SELECT concat_ws(' ', 'setting', d.datname, r.rolname, s.setconfig::text)
       FROM pg_db_role_setting s LEFT JOIN pg_database d ON d.oid = s.setdatabase LEFT JOIN pg_roles r ON r.oid = s.setrole
      WHERE d.datname IN ($1, 'gone_' || $1) OR starts_with(r.rolname, $1)",
];

/// Says what a tenant's database holds.
const IN_DATABASE: &[&str] = &[
    "SELECT concat_ws(' ', 'schema', nspname, pg_get_userbyid(nspowner), nspacl::text) FROM pg_namespace WHERE nspname !~ '^pg_(toast|temp)'",
    "SELECT concat_ws(' ', 'relation', relkind, c.oid::regclass, pg_get_userbyid(relowner), relacl::text)
       FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace WHERE nspname !~ '^(pg_|information_schema)'",
    "SELECT concat_ws(' ', 'column', attrelid::regclass, attnum, attname, format_type(atttypid, atttypmod), attnotnull, attidentity,
            pg_get_expr(adbin, adrelid), attacl::text)
       FROM pg_attribute a JOIN pg_class c ON c.oid = attrelid JOIN pg_namespace n ON n.oid = relnamespace
       LEFT JOIN pg_attrdef d ON adrelid = attrelid AND adnum = attnum
      WHERE nspname !~ '^(pg_|information_schema)' AND attnum > 0 AND NOT attisdropped",
    "SELECT concat_ws(' ', 'constraint', conrelid::regclass, conname, pg_get_constraintdef(k.oid))
       FROM pg_constraint k JOIN pg_namespace n ON n.oid = connamespace WHERE nspname !~ '^(pg_|information_schema)'",
    "SELECT concat_ws(' ', 'default rights', pg_get_userbyid(defaclrole), defaclobjtype, defaclacl::text) FROM pg_default_acl",
    "SELECT concat_ws(' ', 'function', p.oid::regprocedure, pg_get_userbyid(proowner), md5(prosrc), proacl::text)
       FROM pg_proc p JOIN pg_namespace n ON n.oid = pronamespace WHERE nspname !~ '^(pg_|information_schema)'",
    "SELECT concat_ws(' ', 'migration', to_jsonb(m) - ARRAY['applied_at', 'installed_on', 'execution_time', 'duration_ms', 'created_at'])
       FROM gateway.schema_migration m",
    "SELECT concat_ws(' ', 'notes', count(*), md5(string_agg(body, ',' ORDER BY id))) FROM public.note",
];

/// Columns of the row that may differ.
const VOLATILE: &str = "{created_at,updated_at,deleted_at,due_at,purge_at,fence,attempt,lease_token,lease_worker,lease_expires_at,generation,observed_generation,reason,repair}";

impl Stack {
    /// The world of one tenant. `server` is where its database is.
    pub(crate) async fn snapshot(&self, server: &PgConnectOptions, key: &str, id: Uuid) -> String {
        let mut lines = self.row(id).await;
        lines.extend(databases(server, id).await);
        lines.extend(self.objects(id).await);
        lines.extend(self.keys(key).await);
        lines.iter().fold(String::new(), |mut text, line| {
            let _ = writeln!(text, "{line}");
            text
        })
    }

    async fn row(&self, id: Uuid) -> Vec<String> {
        let row: String = sqlx::query_scalar(
            "SELECT 'row ' || (to_jsonb(t) - $2::text[])::text || ' subnet ' || coalesce((SELECT subnet::text FROM gateway.subnet s WHERE s.tenant_id = t.id), 'none')
               FROM gateway.tenant t WHERE id = $1",
        )
        .bind(id)
        .bind(VOLATILE.trim_matches(['{', '}']).split(',').map(str::to_owned).collect::<Vec<_>>())
        .fetch_one(&self.control)
        .await
        .unwrap();
        vec![row]
    }

    async fn objects(&self, id: Uuid) -> Vec<String> {
        let docker = self.docker().await;
        let mut lines = Vec::new();
        for network in self.networks_of(id).await {
            let network_id = network.id.unwrap();
            let seen = docker.inspect_network(&network_id, None::<InspectNetworkOptions>).await.unwrap();
            let labels = without_fence(seen.labels.unwrap_or_default());
            let config = seen.ipam.and_then(|ipam| ipam.config);
            let name = seen.name.unwrap_or_default();
            lines.push(format!("network {name} {network_id} {labels:?} {config:?} internal {:?}", seen.internal));
        }
        for container in self.containers_of(id).await {
            let container_id = container.id.unwrap();
            let seen = docker.inspect_container(&container_id, None::<InspectContainerOptions>).await.unwrap();
            let config = seen.config.unwrap_or_default();
            let mut environment = config.env.unwrap_or_default();
            environment.sort();
            let digest = Sha256::digest(environment.join("\n"));
            let digest: String = digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
            let running = seen.state.and_then(|state| state.running);
            let labels = without_fence(config.labels.unwrap_or_default());
            let name = seen.name.unwrap_or_default();
            lines.push(format!(
                "container {name} {container_id} {labels:?} environment {digest} image {:?} running {running:?}",
                seen.image
            ));
        }
        lines.sort();
        lines
    }

    async fn keys(&self, key: &str) -> Vec<String> {
        let redis = self.redis().await;
        let mut lines = Vec::new();
        for name in self.redis_keys("traefik/*").await {
            // Other tenants' keys are not this one's world; what all share is.
            if name.contains("tenant-") && !name.contains(&format!("tenant-{key}/")) {
                continue;
            }
            let mut value: Option<String> = fred::interfaces::KeysInterface::get(&redis, name.as_str()).await.unwrap();
            // How often the tree was changed, by anybody.
            if name.ends_with(&sentinel_key()) {
                value = value.filter(|count| count.parse::<i64>().is_err());
            }
            lines.push(format!("key {name} = {value:?}"));
        }
        fred::interfaces::ClientLike::quit(&redis).await.unwrap();
        lines
    }
}

/// A snapshot without what is a tenant's own: two tenants with the same past have equal ones.
pub(crate) fn general(snapshot: &str, key: &str, id: Uuid) -> String {
    let own = snapshot.replace(&id.to_string(), "<id>").replace(&id.simple().to_string(), "<id>").replace(key, "<key>");
    let patterns = [
        (r"SCRAM-SHA-256\$[0-9]+:[A-Za-z0-9+/=$:]+", "<verifier>"),
        (r#""(password|verifier)_sealed": "[^"]*""#, "<sealed>"),
        (r"10\.[0-9]+\.[0-9]+\.[0-9]+", "<address>"),
        (r"\b[0-9a-f]{12,64}\b", "<digest>"),
    ];
    patterns
        .iter()
        .fold(own, |text, (pattern, word)| regex::Regex::new(pattern).unwrap().replace_all(&text, *word).into_owned())
}

fn without_fence(labels: std::collections::HashMap<String, String>) -> std::collections::BTreeMap<String, String> {
    labels.into_iter().filter(|(name, _)| name != "gateway.fence").collect()
}

async fn databases(server: &PgConnectOptions, id: Uuid) -> Vec<String> {
    let base = base(id);
    let mut connection = server.clone().database("postgres").connect().await.unwrap();
    let mut lines = lines_of(&mut connection, ON_SERVER, Some(&base)).await;
    let open: Option<String> =
        sqlx::query_scalar("SELECT datname::text FROM pg_database WHERE datname = $1 AND datallowconn")
            .bind(&base)
            .fetch_optional(&mut connection)
            .await
            .unwrap();
    connection.close().await.unwrap();
    if let Some(database) = open {
        let mut inside = server.clone().database(&database).connect().await.unwrap();
        lines.extend(lines_of(&mut inside, IN_DATABASE, None).await);
        inside.close().await.unwrap();
    }
    lines
}

async fn lines_of(connection: &mut PgConnection, queries: &[&'static str], base: Option<&str>) -> Vec<String> {
    let mut all = Vec::new();
    for sql in queries {
        let query = sqlx::query_scalar::<_, String>(*sql);
        let asked = match base {
            Some(base) => query.bind(base.to_owned()).fetch_all(&mut *connection).await,
            None => query.fetch_all(&mut *connection).await,
        };
        match asked {
            Ok(mut lines) => {
                lines.sort();
                all.extend(lines);
            }
            // A table that a half-made database does not have yet.
            Err(error) if error.as_database_error().is_some_and(|e| e.code().as_deref() == Some("42P01")) => {}
            Err(error) => panic!("{sql}: {error}"),
        }
    }
    all
}

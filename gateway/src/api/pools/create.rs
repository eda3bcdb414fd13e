//! `POST /api/gateway/pools`

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use url::Url;
use uuid::Uuid;

use crate::api::AppState;
use crate::api::auth::{FleetWrite, Permit};
use crate::api::call::{Call, Early, Effect};
use crate::api::extract::{Fields, read_own_name};
use crate::api::pools::containers::{self, Variables};
use crate::api::pools::{awaited, is_name, place_of, read_capacity, read_members, read_weight, shown, status_of};
use crate::api::problem::Refusal;
use crate::api::types::{CreatePool, Pool, Problem};
use crate::domain::ids::PoolId;
use crate::domain::pool::{Image, ManagedSpec};
use crate::store::places::DEFAULT_PLACE;
use crate::store::pools::{Backing, NewPool};

/// A new pool's weight when nothing is asked for.
const DEFAULT_WEIGHT: i32 = 100;

/// What a body asks for; what is secret in it is not sealed yet.
struct Asked {
    name: String,
    backing: AskedBacking,
    capacity: Option<i32>,
    weight: i32,
}

enum AskedBacking {
    Members(Vec<Url>),
    Containers(ManagedSpec, Variables),
}

fn read_containers(fields: &mut Fields, app_image: Option<&str>) -> Option<(ManagedSpec, Variables)> {
    let is_left_out = !fields.is_given("image") || fields.is_null("image");
    let of_settings = || app_image.and_then(Image::parse);
    let image = containers::read_image(fields).or_else(|| of_settings().filter(|_| is_left_out));
    if image.is_none() && is_left_out {
        fields.refuse("image", "required", "is required, as the settings name no image of the app");
    }
    let (port, replicas) = (containers::read_port(fields), containers::read_replicas(fields).unwrap_or(1));
    let (memory_mib, pids) = (containers::read_memory(fields), containers::read_pids(fields));
    let cpus = containers::read_cpus(fields);
    let environment = containers::read_environment(fields, false);
    Some((ManagedSpec { image: image?, port, replicas, memory_mib, cpus, pids }, environment))
}

fn read(mut fields: Fields, app_image: Option<&str>) -> Result<Asked, Refusal> {
    let name = read_own_name(&mut fields, |text| is_name(text).then(|| text.to_owned()));
    let is_given = |fields: &Fields, name: &str| fields.is_given(name) && !fields.is_null(name);
    let has_members = is_given(&fields, "backend_url") || is_given(&fields, "members");
    let is_managed = is_given(&fields, "image") || is_given(&fields, "replicas");
    let backing = if is_managed && !has_members {
        if name.as_deref() == Some(DEFAULT_PLACE) {
            fields.refuse("name", "reserved", "is the name of the pool that the settings describe");
        }
        read_containers(&mut fields, app_image).map(|(spec, variables)| AskedBacking::Containers(spec, variables))
    } else {
        if !has_members {
            fields.refuse("backend_url", "required", "is required where there are neither members nor an image");
        }
        for name in containers::FIELDS {
            if is_given(&fields, name) {
                fields.refuse(name, "both", "is for pools whose members the gateway runs");
            }
            fields.pass_over(name);
        }
        read_members(&mut fields).map(AskedBacking::Members)
    };
    let capacity = read_capacity(&mut fields);
    let weight = read_weight(&mut fields).unwrap_or(DEFAULT_WEIGHT);
    fields.finish()?;
    let (name, backing) = name.zip(backing).ok_or_else(Refusal::internal)?;
    Ok(Asked { name, backing, capacity, weight })
}

/// Make a shared pool
///
/// With `backend_url` or `members` somebody else runs its members: they answer at the URLs given. With `image` the gateway
/// runs them: a worker makes a network and the containers, and leads tenants to those that answer; the answer is 202 then,
/// and the pool shows how far that is. Both learn from headers which tenant is asked for.
/// Tenants whose creator names no pool go to the active pool with room where tenants divided by weight are fewest.
#[utoipa::path(
    post,
    path = "/api/gateway/pools",
    operation_id = "create_pool",
    tag = "fleet",
    security(("api_key" = ["fleet:write"]), ("session" = ["fleet:write"])),
    request_body = CreatePool,
    responses(
        (status = 201, description = "Made", body = Pool, headers(("location" = String, description = "The pool"))),
        (status = 202, description = "Made; a worker makes its containers. observed_revision of the pool reaches revision when they are there", body = Pool, headers(("location" = String, description = "The pool"))),
        (status = 409, description = "The name is taken", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "Fields are wrong", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::api) async fn create_pool(
    State(state): State<AppState>,
    permit: Permit<FleetWrite>,
    mut call: Call,
) -> Result<Response, Early> {
    let asked = read(std::mem::take(&mut call.body), state.settings.docker.app_image.as_deref())?;
    let id = PoolId::from_uuid(Uuid::new_v4());
    let backing = match asked.backing {
        AskedBacking::Members(members) => Backing::Members(members),
        AskedBacking::Containers(spec, variables) => {
            let sealed = containers::seal(&state, id, variables)?;
            Backing::Containers(spec, sealed.into_iter().filter_map(|(name, value)| Some((name, value?))).collect())
        }
    };
    let new = NewPool { id, name: asked.name, backing, capacity: asked.capacity, weight: asked.weight };
    let mut change = call.begin(&state, &permit.caller).await?;
    let pool = shown(change.create_pool(&new).await?);
    let status = status_of(&pool, StatusCode::CREATED);
    let effect = Effect::new(status, format!("pool:{}", pool.id), &pool)?.changing(None::<&Pool>, Some(&pool))?;
    let effect = match status {
        StatusCode::ACCEPTED => awaited(effect, &pool),
        _ => effect.at(Some(place_of(&pool))),
    };
    call.finish(&state, &permit.caller, change, effect).await
}

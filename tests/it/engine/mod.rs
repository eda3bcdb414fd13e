//! The engine under faults: whatever happens in the middle of the work, the wish becomes true once and nobody else notices.

mod crash;
mod cycles;
mod drain;
mod drift;
mod edge;
mod faults;
mod hostile;
mod late;
mod loaded;
mod managed_redis;
mod networks;
mod notice;
mod race;
mod render;
mod repeat;
mod servers;
mod sessions;
mod stages;
mod stock;
mod tree;
mod unprivileged;
mod verify;
mod walls;
mod wildcard;
mod zombie;

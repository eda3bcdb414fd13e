//! Which subnet a tenant or a pool gets: pure arithmetic on a block of addresses.

use std::collections::BTreeSet;
use std::net::Ipv4Addr;

use ipnet::Ipv4Net;

/// Prefix length of a tenant's network: 16 addresses, of which 13 are free for containers.
pub const TENANT_PREFIX: u8 = 28;
/// Prefix length of a managed pool's network: 32 addresses, of which [`POOL_PLACES`] are for containers.
pub const POOL_PREFIX: u8 = 27;
/// Containers that a pool's network has addresses for, from the third address to the last but one.
pub const POOL_PLACES: u8 = 29;

/// The first subnet of `block` with this prefix length, or the next one after the highest that was ever handed out; `None`
/// when the block is used up.
#[must_use]
pub fn next_subnet(block: Ipv4Net, highest: Option<Ipv4Net>, prefix: u8) -> Option<Ipv4Net> {
    let free = match highest {
        None => block.network(),
        Some(taken) => Ipv4Addr::from(u32::from(taken.broadcast()).checked_add(1)?),
    };
    let holding = Ipv4Net::new(free, prefix).ok()?;
    // A larger subnet begins at a multiple of its size, which what was handed out before may reach into.
    let first =
        if holding.network() == free { free } else { Ipv4Addr::from(u32::from(holding.broadcast()).checked_add(1)?) };
    let candidate = Ipv4Net::new(first, prefix).ok()?;
    block.contains(&candidate).then_some(candidate)
}

/// How many tenants' subnets a block with this prefix length has.
#[must_use]
pub fn subnets_in(prefix: u8) -> i64 {
    TENANT_PREFIX.checked_sub(prefix).map_or(0, |bits| 1_i64 << bits)
}

/// The address of the container at one place of a pool's network; places count from 0.
#[must_use]
pub fn member_address(subnet: Ipv4Net, place: u8) -> Ipv4Addr {
    Ipv4Addr::from(u32::from(subnet.network()) + 2 + u32::from(place))
}

/// The place for a pool's next container: the free one after the highest that is used, from the beginning after the last,
/// so that an address rests before it is used again. `None` when all are used.
#[must_use]
pub fn next_place(used: &BTreeSet<u8>) -> Option<u8> {
    let after = used.last().map_or(0, |last| last + 1);
    (after..POOL_PLACES).chain(0..after.min(POOL_PLACES)).find(|place| !used.contains(place))
}

/// What the names of bridges begin with that the gateway names itself.
pub const BRIDGE_PREFIX: &str = "gwt-";

/// The name of the bridge on a subnet, where the gateway chooses it. As unique on the host as the subnet; an interface's
/// name holds 15 bytes, which is too few for an id.
#[must_use]
pub fn bridge_name(subnet: Ipv4Net) -> String {
    format!("{BRIDGE_PREFIX}{:08x}", u32::from(subnet.network()))
}

/// A subnet in parts of the size of a tenant's: sets of such parts never hold two that overlap, whatever a block of addresses
/// was used for before.
pub fn tenant_parts(subnet: Ipv4Net) -> impl Iterator<Item = Ipv4Net> {
    let parts = subnet.subnets(TENANT_PREFIX.max(subnet.prefix_len()));
    parts.into_iter().flatten()
}

/// The bridge's own address in a tenant's network.
#[must_use]
pub fn gateway_address(subnet: Ipv4Net) -> Ipv4Addr {
    Ipv4Addr::from(u32::from(subnet.network()) + 1)
}

/// The address of the tenant's container, fixed so that a route can name it before the container runs.
#[must_use]
pub fn container_address(subnet: Ipv4Net) -> Ipv4Addr {
    Ipv4Addr::from(u32::from(subnet.network()) + 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn walks_the_block_without_overlap_and_stops_at_its_end() {
        let block: Ipv4Net = "10.9.0.0/26".parse().unwrap();
        let mut taken = Vec::new();
        let mut highest = None;
        while let Some(next) = next_subnet(block, highest, TENANT_PREFIX) {
            taken.push(next.to_string());
            highest = Some(next);
        }
        assert_eq!(taken, ["10.9.0.0/28", "10.9.0.16/28", "10.9.0.32/28", "10.9.0.48/28"]);
    }

    #[test]
    fn blocks_hold_as_many_subnets_as_there_are() {
        assert_eq!((subnets_in(16), subnets_in(28), subnets_in(29), subnets_in(0)), (4096, 1, 0, 1 << 28));
    }

    #[test]
    fn ends_at_the_last_address_there_is() {
        let block: Ipv4Net = "255.255.255.240/28".parse().unwrap();
        let only = next_subnet(block, None, TENANT_PREFIX).unwrap();
        assert_eq!(next_subnet(block, Some(only), TENANT_PREFIX), None);
        assert_eq!(container_address(only), Ipv4Addr::new(255, 255, 255, 242));
        assert_eq!(gateway_address(only), Ipv4Addr::new(255, 255, 255, 241));
    }

    #[test]
    fn a_larger_subnet_overlaps_no_smaller_one() {
        let block: Ipv4Net = "10.9.0.0/25".parse().unwrap();
        let mut taken: Vec<Ipv4Net> = Vec::new();
        for prefix in [TENANT_PREFIX, POOL_PREFIX, TENANT_PREFIX, POOL_PREFIX] {
            let next = next_subnet(block, taken.last().copied(), prefix);
            taken.extend(next);
        }
        let taken: Vec<String> = taken.iter().map(ToString::to_string).collect();
        assert_eq!(taken, ["10.9.0.0/28", "10.9.0.32/27", "10.9.0.64/28", "10.9.0.96/27"]);
        let subnet: Ipv4Net = "10.9.0.32/27".parse().unwrap();
        assert_eq!(member_address(subnet, 0), Ipv4Addr::new(10, 9, 0, 34));
        assert_eq!(member_address(subnet, POOL_PLACES - 1), Ipv4Addr::new(10, 9, 0, 62), "below the broadcast address");
    }

    #[test]
    fn a_bridge_is_named_by_its_subnet_and_a_pool_has_two_parts() {
        let [tenant, pool]: [Ipv4Net; 2] = ["10.88.0.16/28", "255.255.255.224/27"].map(|text| text.parse().unwrap());
        assert_eq!((bridge_name(tenant).as_str(), bridge_name(pool).len()), ("gwt-0a580010", 12));
        assert_eq!(tenant_parts(tenant).collect::<Vec<_>>(), [tenant]);
        let parts: Vec<String> = tenant_parts(pool).map(|part| part.to_string()).collect();
        assert_eq!(parts, ["255.255.255.224/28", "255.255.255.240/28"]);
    }

    #[test]
    fn a_place_is_used_again_after_the_others() {
        let mut used = BTreeSet::new();
        for expected in [0, 1] {
            assert_eq!(next_place(&used), Some(expected));
            used.insert(expected);
        }
        used.remove(&0);
        assert_eq!(next_place(&used), Some(2));
        assert_eq!(next_place(&BTreeSet::from([5, 28])), Some(0));
        assert_eq!(next_place(&(0..POOL_PLACES).collect()), None);
    }
}

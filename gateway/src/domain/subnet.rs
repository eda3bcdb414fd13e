//! Which subnet a tenant gets: pure arithmetic on a block of addresses.

use std::net::Ipv4Addr;

use ipnet::Ipv4Net;

/// Prefix length of a tenant's network: 16 addresses, of which 13 are free for containers.
pub const TENANT_PREFIX: u8 = 28;

/// The first subnet of `block`, or the one after the highest that was ever handed out; `None` when the block is used up.
#[must_use]
pub fn next_subnet(block: Ipv4Net, highest: Option<Ipv4Net>) -> Option<Ipv4Net> {
    let first_address = match highest {
        None => block.network(),
        Some(taken) => Ipv4Addr::from(u32::from(taken.broadcast()).checked_add(1)?),
    };
    let candidate = Ipv4Net::new(first_address, TENANT_PREFIX).ok()?;
    block.contains(&candidate).then_some(candidate)
}

/// How many tenants' subnets a block with this prefix length has.
#[must_use]
pub fn subnets_in(prefix: u8) -> i64 {
    TENANT_PREFIX.checked_sub(prefix).map_or(0, |bits| 1_i64 << bits)
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
        while let Some(next) = next_subnet(block, highest) {
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
        let only = next_subnet(block, None).unwrap();
        assert_eq!(next_subnet(block, Some(only)), None);
        assert_eq!(container_address(only), Ipv4Addr::new(255, 255, 255, 242));
        assert_eq!(gateway_address(only), Ipv4Addr::new(255, 255, 255, 241));
    }
}

//! Ports and the network block: drawn once, away from what the machine uses.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};

use ipnet::Ipv4Net;
use rand::RngExt as _;

/// Ports are drawn from here: below the range Linux gives to outgoing connections, so that none is lost between starts.
const DRAWN: std::ops::Range<u16> = 20_000..32_000;

/// Tenants' networks come out of one of the 64 /16 blocks of 10.64.0.0/10.
const BLOCKS: std::ops::Range<u8> = 64..128;

/// Whether a server may listen on this port of 127.0.0.1.
#[must_use]
pub(super) fn is_free(port: u16) -> bool {
    TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, port))).is_ok()
}

/// A free port that is not among `taken`; `preferred` if that is one.
#[must_use]
pub(super) fn draw(preferred: Option<u16>, taken: &[u16]) -> u16 {
    let good = |port: &u16| !taken.contains(port) && is_free(*port);
    if let Some(port) = preferred.filter(good) {
        return port;
    }
    loop {
        let port = rand::rng().random_range(DRAWN);
        if good(&port) {
            return port;
        }
    }
}

/// The process that listens on a port, as `command (pid n)`; `None` when it is hidden from us.
#[must_use]
pub(super) fn holder(port: u16) -> Option<String> {
    let tables = ["/proc/net/tcp", "/proc/net/tcp6"].map(|path| fs::read_to_string(path).unwrap_or_default());
    let inode = tables.iter().find_map(|table| listening_inode(table, port))?;
    let wanted = format!("socket:[{inode}]");
    for process in fs::read_dir("/proc").ok()?.flatten() {
        let name = process.file_name();
        let Some(pid) = name.to_str().filter(|name| name.bytes().all(|byte| byte.is_ascii_digit())) else { continue };
        let Ok(files) = fs::read_dir(process.path().join("fd")) else { continue };
        if files.flatten().any(|file| fs::read_link(file.path()).is_ok_and(|link| link.as_os_str() == wanted.as_str()))
        {
            let command = fs::read_to_string(process.path().join("comm")).unwrap_or_default();
            return Some(format!("{} (pid {pid})", command.trim()));
        }
    }
    None
}

/// Finds the socket that listens on a port in the text of `/proc/net/tcp`.
fn listening_inode(table: &str, port: u16) -> Option<u64> {
    const LISTEN: &str = "0A";
    table.lines().skip(1).find_map(|line| {
        let fields: Vec<&str> = line.split_ascii_whitespace().collect();
        let local = fields.get(1)?.rsplit_once(':')?.1;
        let found = u16::from_str_radix(local, 16).ok()? == port && *fields.get(3)? == LISTEN;
        found.then(|| fields.get(9)?.parse().ok())?
    })
}

/// The networks this machine routes to, from the text of `/proc/net/route`, without the default route.
fn routes(table: &str) -> Vec<Ipv4Net> {
    let address = |hex: &str| u32::from_str_radix(hex, 16).ok().map(|raw| Ipv4Addr::from(raw.to_le_bytes()));
    table
        .lines()
        .skip(1)
        .filter_map(|line| {
            let fields: Vec<&str> = line.split_ascii_whitespace().collect();
            Ipv4Net::with_netmask(address(fields.get(1)?)?, address(fields.get(7)?)?).ok()
        })
        .filter(|net| net.prefix_len() > 0)
        .collect()
}

/// Draws a /16 for tenants' networks that overlaps no route of this machine.
#[must_use]
pub(super) fn draw_block() -> Ipv4Net {
    let routes = routes(&fs::read_to_string("/proc/net/route").unwrap_or_default());
    choose_block(&routes, rand::rng().random_range(BLOCKS))
}

fn choose_block(routes: &[Ipv4Net], start: u8) -> Ipv4Net {
    let count = BLOCKS.end - BLOCKS.start;
    let block = |second: u8| Ipv4Net::new_assert(Ipv4Addr::new(10, second, 0, 0), 16);
    let overlaps = |block: &Ipv4Net| {
        routes.iter().any(|route| route.contains(&block.network()) || block.contains(&route.network()))
    };
    (0..count)
        .map(|step| block(BLOCKS.start + (start - BLOCKS.start + step) % count))
        .find(|block| !overlaps(block))
        // All of 10.64.0.0/10 is routed, by a VPN for example: any choice is as good as another.
        .unwrap_or_else(|| block(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TCP: &str = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n\
        0: 0100007F:1F40 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4242 1 0 100 0 0 10 0\n\
        1: 0100007F:1F41 0100007F:A000 01 00000000:00000000 00:00000000 00000000     0        0 4243 1 0 100 0 0 10 0\n";

    #[test]
    fn only_listening_sockets_hold_a_port() {
        assert_eq!(listening_inode(TCP, 8000), Some(4242));
        assert_eq!(listening_inode(TCP, 8001), None);
        assert_eq!(listening_inode("", 8000), None);
    }

    #[test]
    fn our_own_listener_is_named() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        assert!(!is_free(port));
        let holder = holder(port).unwrap();
        assert!(holder.contains(&format!("pid {}", std::process::id())), "{holder}");
        assert_ne!(draw(Some(port), &[]), port);
    }

    #[test]
    fn taken_ports_are_not_drawn() {
        let port = draw(None, &[]);
        assert!(DRAWN.contains(&port));
        assert_ne!(draw(Some(port), &[port]), port);
        assert_eq!(draw(Some(port), &[]), port);
    }

    #[test]
    fn routes_are_read_and_the_default_route_is_not_one() {
        let table = "Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT\n\
            eth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0\n\
            eth0\t0000400A\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0\n";
        assert_eq!(routes(table), ["10.64.0.0/16".parse().unwrap()]);
    }

    #[test]
    fn a_block_avoids_routes_in_either_direction() {
        let inside: Ipv4Net = "10.64.3.0/28".parse().unwrap();
        assert_eq!(choose_block(&[inside], 64).to_string(), "10.65.0.0/16");
        let around: Ipv4Net = "10.64.0.0/11".parse().unwrap();
        assert_eq!(choose_block(&[around], 70).to_string(), "10.96.0.0/16");
        assert_eq!(choose_block(&[inside], 127).to_string(), "10.127.0.0/16");
        let vpn: Ipv4Net = "10.0.0.0/8".parse().unwrap();
        assert_eq!(choose_block(&[vpn], 80).to_string(), "10.80.0.0/16");
    }
}

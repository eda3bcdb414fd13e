//! What the programs of this machine have used of its processors.

use std::collections::BTreeMap;

/// Clock ticks a second in `/proc`, on every Linux there is.
const TICKS: f64 = 100.0;

/// Seconds of processor that each program has used, its ended children with it: PostgreSQL's server counts those of the sessions
/// that are over. `gateway` is told apart by what it was asked to do.
pub(crate) fn used() -> BTreeMap<String, f64> {
    let mut used = BTreeMap::new();
    let processes = std::fs::read_dir("/proc").unwrap().flatten();
    for number in processes.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok()) {
        // It may have ended since.
        let Ok(stat) = std::fs::read_to_string(format!("/proc/{number}/stat")) else { continue };
        let Some((name, rest)) = stat.split_once('(').and_then(|(_, rest)| rest.rsplit_once(')')) else { continue };
        let fields: Vec<&str> = rest.split_whitespace().collect();
        let ticks: u32 = fields[11..15].iter().filter_map(|field| field.parse::<u32>().ok()).sum();
        let line = std::fs::read(format!("/proc/{number}/cmdline")).unwrap_or_default();
        let verb = String::from_utf8_lossy(&line).split('\0').nth(1).unwrap_or_default().to_owned();
        let name = if name == "gateway" { format!("gateway {verb}") } else { name.to_owned() };
        *used.entry(name).or_default() += f64::from(ticks) / TICKS;
    }
    used
}

//! What Docker Engine tells of a tenant's container. Only read.

use std::time::Duration;

use bollard::container::LogOutput;
use bollard::models::{ContainerCpuStats, ContainerStatsResponse};
use bollard::query_parameters::{InspectContainerOptions, LogsOptionsBuilder, StatsOptionsBuilder};
use futures::StreamExt as _;
use jiff::Timestamp;

use crate::domain::failure::Failure;
use crate::domain::ids::TenantId;
use crate::domain::inspection::{ContainerLogs, ContainerStats, Gatherer, LogStream};
use crate::domain::names;
use crate::infra::engine::{Engine, classify, is_missing};

/// Longest look. Numbers take the engine a second or two, as it measures twice.
const LONGEST: Duration = Duration::from_secs(10);
const NANO: f64 = 1e9;

fn slow() -> Failure {
    let text = format!("Docker Engine did not tell within {} s", LONGEST.as_secs());
    Failure::retryable("docker_slow", text)
}

fn no_container() -> Failure {
    Failure::retryable("no_container", "the tenant has no container now")
}

fn signed(value: Option<u64>) -> Option<i64> {
    value.map(|value| i64::try_from(value).unwrap_or(i64::MAX))
}

/// How many CPUs were used between two measurements.
fn cpus(now: &ContainerCpuStats, before: &ContainerCpuStats) -> Option<f64> {
    let total = |stats: &ContainerCpuStats| stats.cpu_usage.as_ref().and_then(|usage| usage.total_usage);
    let used = total(now)?.checked_sub(total(before)?)?;
    let passed = now.system_cpu_usage?.checked_sub(before.system_cpu_usage?)?;
    if passed == 0 {
        return None;
    }
    // The engine's system time is that of all CPUs together.
    Some(used as f64 / passed as f64 * f64::from(now.online_cpus?))
}

/// Memory that is really in use: what the kernel could drop at once is taken off, as the engine's own tool does.
fn memory(stats: &ContainerStatsResponse) -> Option<i64> {
    let memory = stats.memory_stats.as_ref()?;
    let usage = memory.usage?;
    let droppable = memory.stats.as_ref().and_then(|stats| {
        stats.get("inactive_file").or_else(|| stats.get("total_inactive_file")).copied().filter(|part| *part < usage)
    });
    signed(Some(usage - droppable.unwrap_or_default()))
}

fn measured(into: &mut ContainerStats, stats: &ContainerStatsResponse) {
    into.cpus_used = stats.cpu_stats.as_ref().zip(stats.precpu_stats.as_ref()).and_then(|(now, was)| cpus(now, was));
    into.memory_bytes = memory(stats);
    into.pids = signed(stats.pids_stats.as_ref().and_then(|pids| pids.current));
    let networks = || stats.networks.iter().flat_map(|networks| networks.values());
    let sum = |bytes: Vec<u64>| if bytes.is_empty() { None } else { signed(Some(bytes.iter().sum())) };
    into.received_bytes = sum(networks().filter_map(|one| one.rx_bytes).collect());
    into.sent_bytes = sum(networks().filter_map(|one| one.tx_bytes).collect());
}

impl Engine {
    /// The last lines that the tenant's app wrote.
    ///
    /// # Errors
    /// `no_container`, `foreign_container`, `docker_slow`, or a classified failure.
    pub async fn read_logs(
        &self,
        tenant: TenantId,
        lines: i64,
        since: Option<Timestamp>,
    ) -> Result<ContainerLogs, Failure> {
        let container = self.find_container(tenant).await?.ok_or_else(no_container)?;
        // The engine's interface takes seconds of 32 bits.
        let since = since.map_or(0, |since| i32::try_from(since.as_second().max(0)).unwrap_or(i32::MAX));
        let options = LogsOptionsBuilder::new().stdout(true).stderr(true).timestamps(true).since(since);
        let options = options.tail(&lines.to_string()).build();
        let client = self.client().await?;
        let mut stream = std::pin::pin!(client.logs(&container.id, Some(options)));
        let gathering = async {
            let mut gatherer = Gatherer::default();
            while let Some(output) = stream.next().await {
                match output {
                    Ok(LogOutput::StdErr { message }) => gatherer.add(LogStream::Stderr, &message),
                    Ok(LogOutput::StdOut { message } | LogOutput::Console { message }) => {
                        gatherer.add(LogStream::Stdout, &message);
                    }
                    Ok(LogOutput::StdIn { .. }) => {}
                    Err(error) if is_missing(&error) => return Err(no_container()),
                    Err(error) => return Err(classify("read the container's log", error)),
                }
            }
            Ok(gatherer.finish())
        };
        tokio::time::timeout(LONGEST, gathering).await.unwrap_or_else(|_elapsed| Err(slow()))
    }

    /// What the tenant's container uses. Of one that does not run only its state is told.
    ///
    /// # Errors
    /// As [`Engine::read_logs`].
    pub async fn read_stats(&self, tenant: TenantId) -> Result<ContainerStats, Failure> {
        tokio::time::timeout(LONGEST, self.stats_of(tenant)).await.unwrap_or_else(|_elapsed| Err(slow()))
    }

    async fn stats_of(&self, tenant: TenantId) -> Result<ContainerStats, Failure> {
        // It says whose the container is.
        let container = self.find_container(tenant).await?.ok_or_else(no_container)?;
        let client = self.client().await?;
        let name = names::container(tenant);
        let found = match client.inspect_container(&name, None::<InspectContainerOptions>).await {
            Ok(found) => found,
            Err(error) if is_missing(&error) => return Err(no_container()),
            Err(error) => return Err(classify("look at the tenant's container", error)),
        };
        let state = found.state.unwrap_or_default();
        let limits = found.host_config.unwrap_or_default();
        let word = state.status.as_ref().map(ToString::to_string).filter(|word| !word.is_empty());
        let is_running = state.running.unwrap_or(false);
        let mut stats = ContainerStats {
            state: word.unwrap_or_else(|| "unknown".to_owned()),
            image: found.config.and_then(|config| config.image),
            started_at: state.started_at.and_then(|at| at.parse().ok()).filter(|at: &Timestamp| at.as_second() > 0),
            restarts: container.restarts,
            exit_code: state.exit_code.filter(|_| !is_running),
            is_out_of_memory: state.oom_killed.unwrap_or(false),
            cpus_limit: limits.nano_cpus.filter(|limit| *limit > 0).map(|limit| limit as f64 / NANO),
            memory_limit_bytes: limits.memory.filter(|limit| *limit > 0),
            pids_limit: limits.pids_limit.filter(|limit| *limit > 0),
            ..ContainerStats::default()
        };
        if is_running {
            let options = StatsOptionsBuilder::new().stream(false).one_shot(false).build();
            let mut told = std::pin::pin!(client.stats(&container.id, Some(options)));
            match told.next().await {
                Some(Ok(found)) => measured(&mut stats, &found),
                Some(Err(error)) if is_missing(&error) => return Err(no_container()),
                Some(Err(error)) => return Err(classify("measure the tenant's container", error)),
                None => {}
            }
        }
        Ok(stats)
    }
}

#[cfg(test)]
mod tests {
    use bollard::models::{ContainerCpuUsage, ContainerMemoryStats};

    use super::*;

    #[test]
    fn cpus_are_a_share_of_all_of_them() {
        let stats = |used, passed| ContainerCpuStats {
            cpu_usage: Some(ContainerCpuUsage { total_usage: Some(used), ..ContainerCpuUsage::default() }),
            system_cpu_usage: Some(passed),
            online_cpus: Some(4),
            ..ContainerCpuStats::default()
        };
        assert_eq!(cpus(&stats(1_500, 9_000), &stats(500, 1_000)), Some(0.5));
        assert_eq!(cpus(&stats(1, 1_000), &stats(0, 1_000)), None);
        assert_eq!(cpus(&stats(0, 2_000), &stats(5, 1_000)), None, "it was started anew");
    }

    #[test]
    fn memory_that_can_be_dropped_is_not_in_use() {
        let memory_stats = ContainerMemoryStats {
            usage: Some(1_000),
            stats: Some(std::collections::HashMap::from([("inactive_file".to_owned(), 300)])),
            ..ContainerMemoryStats::default()
        };
        let stats = ContainerStatsResponse { memory_stats: Some(memory_stats), ..ContainerStatsResponse::default() };
        assert_eq!(memory(&stats), Some(700));
        assert_eq!(memory(&ContainerStatsResponse::default()), None);
    }
}

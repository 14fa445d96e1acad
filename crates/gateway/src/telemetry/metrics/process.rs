//! Metrics of this process.

use std::{fmt, fs, time::SystemTime};

use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, EncodeMetric},
    metrics::gauge::ConstGauge,
    registry::Unit,
};

/// Its memory is read from `/proc`, where there is one.
#[derive(Debug)]
pub(super) struct Process {
    started: f64,
}

impl Default for Process {
    fn default() -> Self {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        Self {
            started: now.unwrap_or_default().as_secs_f64(),
        }
    }
}

impl Collector for Process {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let started = ConstGauge::new(self.started);
        let (name, help) = ("start_timestamp", "Unix time at which the gateway started.");
        let kind = started.metric_type();
        started.encode(encoder.encode_descriptor(name, help, Some(&Unit::Seconds), kind)?)?;
        let Some(bytes) = resident() else {
            return Ok(());
        };
        let memory = ConstGauge::new(bytes);
        let (name, help) = ("resident_memory", "Resident memory of the gateway.");
        let kind = memory.metric_type();
        memory.encode(encoder.encode_descriptor(name, help, Some(&Unit::Bytes), kind)?)
    }
}

/// Bytes of memory this process has.
fn resident() -> Option<i64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let resident = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kilobytes: i64 = resident.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes * 1024)
}

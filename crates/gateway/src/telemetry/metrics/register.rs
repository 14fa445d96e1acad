//! The names and HELP texts of the metrics.

use std::sync::PoisonError;

use prometheus_client::{
    metrics::info::Info,
    registry::{Registry, Unit},
};

use super::{Gauges, Metrics, labels::BuildLabel, process::Process};

impl Metrics {
    pub(super) fn register(&self) {
        let mut registry = self.registry.lock().unwrap_or_else(PoisonError::into_inner);
        self.register_requests(&mut registry);
        self.register_checks(&mut registry);
        self.register_gauges(&mut registry);
        let version = env!("CARGO_PKG_VERSION");
        let build = Info::new(BuildLabel { version });
        registry.register("build", "Version of the gateway", build);
        registry.register_collector(Box::new(Process::default()));
    }

    fn register_requests(&self, registry: &mut Registry) {
        let name = "requests";
        let help = "Requests by area, access, verdict and class of status";
        registry.register(name, help, self.requests.clone());
        let seconds = || Unit::Seconds;
        let name = "request_duration";
        let help = "Time from the head of a request to the head of its response";
        registry.register_with_unit(name, help, seconds(), self.request_time.clone());
        let name = "own_duration";
        let help = "Time spent in the gateway itself, without the queue and MLflow";
        registry.register_with_unit(name, help, seconds(), self.own_time.clone());
        let name = "upstream_duration";
        let help = "Time until MLflow began its response, by server";
        registry.register_with_unit(name, help, seconds(), self.upstream_time.clone());
        let name = "queue_duration";
        let help = "Time in the queue for a concurrency slot";
        registry.register_with_unit(name, help, seconds(), self.waiting_time.clone());
        let help = "Requests shed because of load, by reason";
        registry.register("shed", help, self.shed.clone());
    }

    fn register_checks(&self, registry: &mut Registry) {
        let help = "Token verifications, by outcome";
        registry.register("token_checks", help, self.token_checks.clone());
        let help = "Requests without a token that is taken, by reason";
        registry.register("token_refusals", help, self.token_refusals.clone());
        let help = "Loads of issuers' signing keys, by outcome";
        registry.register("key_loads", help, self.key_loads.clone());
        let help = "Requests to AWS that could not be signed";
        registry.register("signing_errors", help, self.signing_errors.clone());
        let help = "Audit records that could not be written";
        registry.register("audit_errors", help, self.audit_errors.clone());
    }

    fn register_gauges(&self, registry: &mut Registry) {
        let Gauges {
            under_way,
            waiting,
            connections,
            ready,
            keys_loaded,
            log_errors,
        } = self.gauges.clone();
        registry.register(
            "requests_under_way",
            "Requests for MLflow in flight",
            under_way,
        );
        registry.register(
            "requests_waiting",
            "Requests in the queue for a concurrency slot",
            waiting,
        );
        registry.register("connections", "Open client connections", connections);
        registry.register(
            "ready",
            "Whether the gateway was ready (1) or not (0) at the last check",
            ready,
        );
        let help = "Unix time of the last successful load of an issuer's signing keys";
        let name = "keys_loaded_timestamp";
        registry.register_with_unit(name, help, Unit::Seconds, keys_loaded);
        let help = "Log lines dropped because standard error was too slow";
        registry.register("log_errors", help, log_errors);
    }
}

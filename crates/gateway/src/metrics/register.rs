//! What the metrics are called, and what is said of each.

use std::sync::PoisonError;

use prometheus_client::{
    metrics::info::Info,
    registry::{Registry, Unit},
};

use super::{Gauges, Metrics, labels::Build, process::Process};

impl Metrics {
    pub(super) fn register(&self) {
        let mut registry = self.registry.lock().unwrap_or_else(PoisonError::into_inner);
        self.register_requests(&mut registry);
        self.register_checks(&mut registry);
        self.register_gauges(&mut registry);
        let version = env!("CARGO_PKG_VERSION");
        let build = Info::new(Build { version });
        registry.register("build", "This program", build);
        registry.register_collector(Box::new(Process::default()));
    }

    fn register_requests(&self, registry: &mut Registry) {
        let name = "requests";
        let help = "Requests, by what was asked for, and what became of it";
        registry.register(name, help, self.requests.clone());
        let seconds = || Unit::Seconds;
        let name = "request_duration";
        let help = "From a request's head to its answer's";
        registry.register_with_unit(name, help, seconds(), self.request_time.clone());
        let name = "own_duration";
        let help = "Of that, neither waiting for a place nor for MLflow";
        registry.register_with_unit(name, help, seconds(), self.own_time.clone());
        let name = "upstream_duration";
        let help = "Of that, waiting for MLflow, by its server";
        registry.register_with_unit(name, help, seconds(), self.upstream_time.clone());
        let name = "queue_duration";
        let help = "Of that, waiting for a place";
        registry.register_with_unit(name, help, seconds(), self.waiting_time.clone());
        let help = "Requests turned away because too much was going on";
        registry.register("shed", help, self.shed.clone());
    }

    fn register_checks(&self, registry: &mut Registry) {
        let help = "Checks of tokens";
        registry.register("token_checks", help, self.token_checks.clone());
        let help = "Loads of issuers' keys";
        registry.register("key_loads", help, self.key_loads.clone());
        let help = "Requests for AWS that could not be signed";
        registry.register("signing_errors", help, self.signing_errors.clone());
        let help = "Lines that could not be written to the audit log";
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
            "Requests that have a place",
            under_way,
        );
        registry.register("requests_waiting", "Requests that wait for one", waiting);
        registry.register("connections", "Connections of clients", connections);
        registry.register("ready", "Whether it is ready, as last found", ready);
        let help = "When an issuer's keys were last loaded, since 1970";
        let name = "keys_loaded_timestamp";
        registry.register_with_unit(name, help, Unit::Seconds, keys_loaded);
        let help = "Lines that the log on standard error does not have";
        registry.register("log_errors", help, log_errors);
    }
}

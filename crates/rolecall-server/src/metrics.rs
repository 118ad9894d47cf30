//! Prometheus counters and durations.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::{Registry, Unit};
use rolecall_http::Counts;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RequestLabels {
    route: String,
    status: u16,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct LoginLabels {
    provider: String,
    outcome: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RouteLabels {
    route: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OutcomeLabels {
    outcome: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ReasonLabels {
    reason: &'static str,
}

type Times = Family<RouteLabels, Histogram, fn() -> Histogram>;

/// The metrics of one route. The most frequent status needs no lookup.
pub(crate) struct Route {
    name: &'static str,
    answered: Counter,
    seconds: Histogram,
}

impl Route {
    pub(crate) fn name(&self) -> &'static str {
        self.name
    }
}

/// The metrics of the server.
pub(crate) struct Metrics {
    registry: Registry,
    requests: Family<RequestLabels, Counter>,
    seconds: Times,
    pub(crate) version: Gauge,
    pub(crate) reloads_failed: Counter,
    pub(crate) stale: Gauge,
    pub(crate) streams: Gauge,
    pub(crate) passes: Counter,
    pub(crate) sessions: Gauge,
    logins: Family<LoginLabels, Counter>,
    pub(crate) decisions_written: Counter,
    pub(crate) decisions_dropped: Counter,
    pub(crate) commands_waiting: Gauge,
    commands_unmet: Family<OutcomeLabels, Counter>,
    pub(crate) store_busy: Gauge,
    pub(crate) connections: Arc<Counts>,
    connections_open: Gauge,
    connections_closed: Family<ReasonLabels, Counter>,
}

impl Metrics {
    pub(crate) fn new() -> Self {
        let mut registry = Registry::with_prefix("rolecall");
        let metrics = Self {
            requests: Family::default(),
            // From 20 microseconds to more than half a second.
            seconds: Family::new_with_constructor(|| Histogram::new(exponential_buckets(20e-6, 2.0, 16))),
            version: Gauge::default(),
            reloads_failed: Counter::default(),
            stale: Gauge::default(),
            streams: Gauge::default(),
            passes: Counter::default(),
            sessions: Gauge::default(),
            logins: Family::default(),
            decisions_written: Counter::default(),
            decisions_dropped: Counter::default(),
            commands_waiting: Gauge::default(),
            commands_unmet: Family::default(),
            store_busy: Gauge::default(),
            connections: Arc::default(),
            connections_open: Gauge::default(),
            connections_closed: Family::default(),
            registry: Registry::default(),
        };
        registry.register("requests", "Requests by route and status", metrics.requests.clone());
        registry.register_with_unit("request", "Time to answer, by route", Unit::Seconds, metrics.seconds.clone());
        registry.register("version", "Version of the policy and directory in use", metrics.version.clone());
        registry.register("reloads_failed", "Changes that could not be read", metrics.reloads_failed.clone());
        let stale = metrics.stale.clone();
        registry.register("stale_sources", "Sources whose current contents cannot be read", stale);
        registry.register("streams", "Open streams", metrics.streams.clone());
        registry.register("passes", "Passes issued", metrics.passes.clone());
        registry.register("sessions", "Sessions of logged-in users", metrics.sessions.clone());
        registry.register("logins", "Logins by provider and outcome", metrics.logins.clone());
        registry.register("decisions_written", "Entries of the decision log", metrics.decisions_written.clone());
        let dropped = metrics.decisions_dropped.clone();
        registry.register("decisions_dropped", "Decision log entries dropped because its queue was full", dropped);
        let (waiting, unmet) = (metrics.commands_waiting.clone(), metrics.commands_unmet.clone());
        registry.register("commands_waiting", "Commands and queries that wait for the store", waiting);
        let help = "Commands and queries that the store did not answer in time, by whether they may still take effect";
        registry.register("commands_unmet", help, unmet);
        registry.register("store_busy", "Whether another process holds the store", metrics.store_busy.clone());
        registry.register("connections", "Open connections", metrics.connections_open.clone());
        let closed = metrics.connections_closed.clone();
        registry.register("connections_closed", "Connections closed because of a limit, by reason", closed);
        Self { registry, ..metrics }
    }

    pub(crate) fn route(&self, name: &'static str) -> Route {
        let labels = RequestLabels { route: name.to_string(), status: 200 };
        let answered = self.requests.get_or_create_owned(&labels);
        let seconds = self.seconds.get_or_create_owned(&RouteLabels { route: name.to_string() });
        Route { name, answered, seconds }
    }

    /// Counts an answered request.
    pub(crate) fn count(&self, route: &Route, status: u16, taken: Duration) {
        route.seconds.observe(taken.as_secs_f64());
        if status == 200 {
            route.answered.inc();
        } else {
            self.requests.get_or_create(&RequestLabels { route: route.name.to_string(), status }).inc();
        }
    }

    /// Counts a login that returned from its provider: `done`, or the code of its error.
    pub(crate) fn login(&self, provider: &str, outcome: &'static str) {
        self.logins.get_or_create(&LoginLabels { provider: provider.to_string(), outcome }).inc();
    }

    /// Counts work on the store that has no result.
    pub(crate) fn unmet(&self, outcome: &'static str) {
        self.commands_unmet.get_or_create(&OutcomeLabels { outcome }).inc();
    }

    pub(crate) fn text(&self) -> String {
        self.connections_open.set(self.connections.open().try_into().unwrap_or(i64::MAX));
        for (reason, count) in [
            ("refused", self.connections.refused()),
            ("evicted", self.connections.evicted()),
            ("overdue", self.connections.overdue()),
        ] {
            self.connections_closed.get_or_create(&ReasonLabels { reason }).inner().store(count, Ordering::Relaxed);
        }
        let mut text = String::new();
        // Writing to a `String` cannot fail.
        let _ = encode(&mut text, &self.registry);
        text
    }
}

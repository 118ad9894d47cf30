//! Prometheus counters and durations.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::{Metric, Registry, Unit};
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
    /// The number of registered metrics and families.
    #[cfg_attr(not(test), expect(dead_code, reason = "a test compares it with the exposed metrics"))]
    registered: usize,
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
    pub(crate) webhook_events: Counter,
    pub(crate) webhook_failures: Counter,
    pub(crate) commands_waiting: Gauge,
    commands_unmet: Family<OutcomeLabels, Counter>,
    pub(crate) store_busy: Gauge,
    pub(crate) connections: Arc<Counts>,
    connections_open: Gauge,
    connections_closed: Family<ReasonLabels, Counter>,
}

/// Registers metrics, and counts them. A family without samples is not exposed, so a test could overlook it.
struct Registered {
    registry: Registry,
    count: usize,
}

impl Registered {
    fn register(&mut self, name: &str, help: &str, metric: impl Metric) {
        self.registry.register(name, help, metric);
        self.count += 1;
    }

    fn register_with_unit(&mut self, name: &str, help: &str, unit: Unit, metric: impl Metric) {
        self.registry.register_with_unit(name, help, unit, metric);
        self.count += 1;
    }
}

impl Metrics {
    pub(crate) fn new() -> Self {
        let mut registry = Registered { registry: Registry::with_prefix("rolecall"), count: 0 };
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
            webhook_events: Counter::default(),
            webhook_failures: Counter::default(),
            commands_waiting: Gauge::default(),
            commands_unmet: Family::default(),
            store_busy: Gauge::default(),
            connections: Arc::default(),
            connections_open: Gauge::default(),
            connections_closed: Family::default(),
            registry: Registry::default(),
            registered: 0,
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
        let (sent, failed) = (metrics.webhook_events.clone(), metrics.webhook_failures.clone());
        registry.register("webhook_events", "Events of the audit log that the webhook accepted", sent);
        registry.register("webhook_failures", "Requests that the webhook did not accept", failed);
        let (waiting, unmet) = (metrics.commands_waiting.clone(), metrics.commands_unmet.clone());
        registry.register("commands_waiting", "Commands and queries that wait for the store", waiting);
        let help = "Commands and queries that the store did not answer in time, by whether they may still take effect";
        registry.register("commands_unmet", help, unmet);
        registry.register("store_busy", "Whether another process holds the store", metrics.store_busy.clone());
        registry.register("connections", "Open connections", metrics.connections_open.clone());
        let closed = metrics.connections_closed.clone();
        registry.register("connections_closed", "Connections closed because of a limit, by reason", closed);
        let Registered { registry, count } = registry;
        Self { registry, registered: count, ..metrics }
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

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use super::*;
    use rolecall::document::DocumentKind;
    use rolecall_yaml::YamlDocument;
    use serde_json::Value;
    use std::collections::{BTreeMap, BTreeSet};

    /// The type and the labels of each exposed metric.
    fn exposed(text: &str) -> BTreeMap<String, (String, BTreeSet<String>)> {
        let mut found = BTreeMap::new();
        let mut current = (String::new(), String::new());
        for line in text.lines() {
            if let Some(declared) = line.strip_prefix("# TYPE ") {
                let (name, kind) = declared.split_once(' ').unwrap();
                current = (format!("{name}{}", if kind == "counter" { "_total" } else { "" }), kind.to_string());
            } else if !line.starts_with('#') {
                let labels = line.split_once('{').map_or("", |(_, labels)| labels.split_once('}').unwrap().0);
                let names = labels.split(',').filter_map(|label| label.split_once('=')).map(|(name, _)| name);
                let names = names.filter(|name| *name != "le").map(String::from).collect();
                found.insert(current.0.clone(), (current.1.clone(), names));
            }
        }
        found
    }

    #[test]
    fn every_metric_is_described_and_nothing_else() {
        let metrics = Metrics::new();
        let route = metrics.route("/v1/snapshot");
        metrics.count(&route, 404, Duration::from_micros(50));
        metrics.login("corp", "done");
        metrics.unmet("unsettled");
        let exposed = exposed(&metrics.text());
        assert_eq!(exposed.len(), metrics.registered, "a family has no sample in this test: {exposed:?}");

        let text =
            std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/data/metrics.yaml")).unwrap();
        let described =
            serde_json::to_value(YamlDocument::parse(DocumentKind::Policy, &text).unwrap().value()).unwrap();
        let of_entry = |(name, entry): (&String, &Value)| {
            let labels = entry["labels"].as_array().unwrap().iter().map(|label| label.as_str().unwrap().to_string());
            (name.clone(), (entry["type"].as_str().unwrap().to_string(), labels.collect::<BTreeSet<_>>()))
        };
        let described: BTreeMap<_, _> = described.as_object().unwrap().iter().map(of_entry).collect();
        assert_eq!(exposed, described);
    }
}

//! OpenTelemetry traces: one span for each sampled request, as part of the caller's trace.

use crate::config::Traces as Configured;
use crate::crypto::install_crypto;
use crate::proxies::Client;
use axum::extract::Request;
use axum::http::HeaderMap;
use axum::response::Response;
use opentelemetry::propagation::{Extractor, TextMapPropagator};
use opentelemetry::trace::{FutureExt, SpanKind, Status, TraceContextExt, Tracer, TracerProvider};
use opentelemetry::{Context, KeyValue};
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::{Sampler, SdkTracer, SdkTracerProvider};
use std::time::Duration;

/// How long a collector may take to respond.
const EXPORT_TIMEOUT: Duration = Duration::from_secs(5);

pub(crate) struct Traces {
    provider: SdkTracerProvider,
    tracer: SdkTracer,
    propagator: TraceContextPropagator,
}

/// The headers of a request, for a propagator.
struct Headers<'h>(&'h HeaderMap);

impl Extractor for Headers<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key).and_then(|value| value.to_str().ok())
    }

    fn keys(&self) -> Vec<&str> {
        self.0.keys().map(axum::http::HeaderName::as_str).collect()
    }
}

impl Traces {
    /// Starts to send traces. Call it on a thread that may block.
    pub(crate) fn new(config: &Configured) -> Result<Self, String> {
        let failed = |why: String| format!("traces: {why}");
        install_crypto();
        let http = reqwest::blocking::Client::builder().timeout(EXPORT_TIMEOUT).build();
        let exporter = SpanExporter::builder()
            .with_http()
            .with_http_client(http.map_err(|error| failed(error.to_string()))?)
            .with_protocol(Protocol::HttpJson)
            .with_endpoint(&config.endpoint)
            .build();
        let version = KeyValue::new("service.version", env!("CARGO_PKG_VERSION"));
        let provider = SdkTracerProvider::builder()
            // Runs on its own thread, so that a slow collector delays no request.
            .with_batch_exporter(exporter.map_err(|error| failed(error.to_string()))?)
            .with_sampler(Sampler::ParentBased(Box::new(Sampler::TraceIdRatioBased(config.sample))))
            .with_resource(Resource::builder().with_service_name("rolecall").with_attribute(version).build())
            .build();
        let tracer = provider.tracer("rolecall");
        Ok(Self { provider, tracer, propagator: TraceContextPropagator::new() })
    }

    /// Starts the span of a request, in the trace that its headers name.
    pub(crate) fn begin(&self, request: &Request, route: &'static str) -> Context {
        let parent = self.propagator.extract_with_context(&Context::new(), &Headers(request.headers()));
        let client = request.extensions().get::<Client>().and_then(|client| client.text());
        // The path without its query, which may contain private data.
        let mut attributes = vec![
            KeyValue::new("http.request.method", request.method().to_string()),
            KeyValue::new("http.route", route),
            KeyValue::new("url.path", request.uri().path().to_string()),
        ];
        attributes.extend(client.map(|client| KeyValue::new("client.address", client)));
        let span = self.tracer.span_builder(format!("{} {route}", request.method())).with_kind(SpanKind::Server);
        parent.with_span(span.with_attributes(attributes).start_with_context(&self.tracer, &parent))
    }

    /// Handles a request within its span, and ends the span.
    pub(crate) async fn within(context: &Context, answer: impl Future<Output = Response>) -> Response {
        let response = answer.with_context(context.clone()).await;
        let (span, status) = (context.span(), response.status());
        span.set_attribute(KeyValue::new("http.response.status_code", i64::from(status.as_u16())));
        if status.is_server_error() {
            span.set_status(Status::error(""));
        }
        span.end();
        response
    }

    /// Sends the remaining spans.
    pub(crate) fn shutdown(&self) {
        if let Err(error) = self.provider.shutdown() {
            tracing::warn!(%error, "the last traces were not sent; they are lost");
        }
    }
}

/// Runs a part of a request within a span of its own, if the request is traced.
pub(crate) fn part<T>(traces: Option<&Traces>, name: &'static str, work: impl FnOnce() -> T) -> T {
    let Some(traces) = traces else { return work() };
    let around = Context::current();
    if !around.span().is_recording() {
        return work();
    }
    let context = around.with_span(traces.tracer.start_with_context(name, &around));
    let _within = context.clone().attach();
    let done = work();
    context.span().end();
    done
}

/// Wraps work for another thread, within the current span.
pub(crate) fn carried<T>(work: impl FnOnce() -> T) -> impl FnOnce() -> T {
    let context = Context::current();
    move || {
        let _within = context.attach();
        work()
    }
}

/// Adds an attribute to the span of the request.
pub(crate) fn set_attribute(key: &'static str, value: impl Into<opentelemetry::Value>) {
    Context::current().span().set_attribute(KeyValue::new(key, value.into()));
}

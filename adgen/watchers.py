"""Sentry and OpenTelemetry, where they are configured; their packages are nobody else's to carry.

What people wrote is not sent: no bodies, no variables, no addresses of people.
"""

from importlib import import_module
from typing import Any

from django.core.exceptions import ImproperlyConfigured

from adgen.logs import without_secret

FILE = "requirements-watch.txt"


def begin(*, sentry: str, telemetry: str, version: str) -> None:
    """Called once, when the settings are read. Raises ImproperlyConfigured where a package is missing."""
    if sentry:
        _sentry(sentry, version)
    if telemetry:
        _wanted("opentelemetry.sdk.trace", "OTEL_EXPORTER_OTLP_ENDPOINT")
        _wanted("opentelemetry.instrumentation.asgi", "OTEL_EXPORTER_OTLP_ENDPOINT")
        _wanted("opentelemetry.exporter.otlp.proto.http", "OTEL_EXPORTER_OTLP_ENDPOINT")


def _wanted(module: str, knob: str) -> Any:
    try:
        return import_module(module)
    except ImportError:
        raise ImproperlyConfigured(
            f"{knob} is set, but its packages are not installed. Run `pip install --require-hashes -r {FILE}` "
            f"in the studio’s environment, or leave {knob} out."
        ) from None


def _sentry(address: str, version: str) -> None:
    sdk = _wanted("sentry_sdk", "SENTRY_DSN")
    try:
        sdk.init(
            dsn=address,
            release=version,
            send_default_pii=False,
            max_request_body_size="never",
            include_local_variables=False,
            before_send=without_secrets,
            default_integrations=True,
        )
    except sdk.utils.BadDsn:
        raise ImproperlyConfigured(
            "SENTRY_DSN is no address of a Sentry project. Copy it from the project’s settings: https://key@host/number."
        ) from None


def without_secrets(event: Any, _hint: Any = None) -> Any:
    """A fault as it may be sent: its address lets nobody in."""
    request = event.get("request", {})
    request.pop("query_string", None)  # signed addresses of files
    request.get("headers", {}).pop("Referer", None)
    if "url" in request:
        request["url"] = without_secret(request["url"].partition("?")[0])
    return event


def traced(application: Any, *, telemetry: str, version: str) -> Any:
    """The application with a span for each request; the same application where nobody wants any."""
    if not telemetry:
        return application
    trace: Any = import_module("opentelemetry.trace")
    sdk: Any = import_module("opentelemetry.sdk.trace")
    export: Any = import_module("opentelemetry.sdk.trace.export")
    resources: Any = import_module("opentelemetry.sdk.resources")
    http: Any = import_module("opentelemetry.exporter.otlp.proto.http.trace_exporter")
    asgi: Any = import_module("opentelemetry.instrumentation.asgi")
    named = resources.Resource.create({"service.name": "adgen-studio", "service.version": version})
    provider = sdk.TracerProvider(resource=named)
    provider.add_span_processor(export.BatchSpanProcessor(http.OTLPSpanExporter()))
    trace.set_tracer_provider(provider)
    # Addresses below accounts/ may hold what lets somebody in.
    return asgi.OpenTelemetryMiddleware(application, excluded_urls="static,health,metrics,/accounts/")

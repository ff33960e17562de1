"""Spans: the IDs of the current one, and what is left out of an export."""

from contextlib import AbstractContextManager, nullcontext
from typing import Any

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.sdk.trace import Span
from opentelemetry.sdk.trace.export import BatchSpanProcessor

# Attributes with a whole URL. Both names are in use, depending on the environment.
URLS = ("url.full", "http.url")
QUERY = "url.query"


def trace_ids() -> dict[str, str]:
    """Return the IDs of the current trace and span, for a log record."""
    context = trace.get_current_span().get_span_context()
    if not context.is_valid:
        return {}
    return {
        "trace_id": trace.format_trace_id(context.trace_id),
        "span_id": trace.format_span_id(context.span_id),
    }


class SpanExport(BatchSpanProcessor):
    """Exports spans without query strings, which may contain secrets."""

    def on_start(self, span: Span, parent_context: Context | None = None) -> None:
        """Remove the query string of a request that is received or sent."""
        super().on_start(span, parent_context)
        attributes = span.attributes or {}
        if QUERY in attributes:
            span.set_attribute(QUERY, "REDACTED")
        for name in URLS:
            if url := attributes.get(name):
                span.set_attribute(name, str(url).partition("?")[0])


class StatementTracer:
    """Traces statements of requests, without the messages of their errors.

    The driver's message contains values of rows. A statement outside a trace, such as
    that of the readiness probe, would be a trace of its own.
    """

    def __init__(self, provider: trace.TracerProvider) -> None:
        self._provider = provider
        self._tracer = provider.get_tracer(__name__)

    def get_tracer(self, *arguments: Any, **options: Any) -> "StatementTracer":
        """Return itself, as the provider that the instrumentation of asyncpg needs."""
        self._tracer = self._provider.get_tracer(*arguments, **options)
        return self

    def start_as_current_span(
        self, name: str, **options: Any
    ) -> AbstractContextManager[trace.Span]:
        """Start the span of a statement, or none where no trace is recorded."""
        current = trace.get_current_span()
        if not current.is_recording():
            return nullcontext(current)
        return self._tracer.start_as_current_span(
            name, record_exception=False, set_status_on_exception=False, **options
        )

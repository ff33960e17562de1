"""The part of FastAPI in telemetry: a span and metrics for each request."""

from collections.abc import Mapping
from typing import Any

from fastapi.telemetry import TelemetryConfig

from app.core.telemetry import Telemetry

PROBES = "/health/"


def telemetry_config(telemetry: Telemetry) -> TelemetryConfig:
    """Configure FastAPI for the providers of the service."""
    return TelemetryConfig(
        tracer_provider=telemetry.tracer_provider,
        meter_provider=telemetry.meter_provider,
        tracing=telemetry.tracer_provider is not None,
        metrics=telemetry.meter_provider is not None,
        # Log records go to standard output, with the IDs of the trace.
        logs=False,
        # A span for each step of a request would double the cost of a trace.
        operation_spans=False,
        exclude=is_probe,
    )


def is_probe(scope: Mapping[str, Any]) -> bool:
    """Return whether a request is of a probe, which is neither traced nor measured."""
    path = str(scope["path"]).removeprefix(scope.get("root_path", ""))
    return path.startswith(PROBES)

"""Settings of telemetry: variables that OpenTelemetry defines."""

from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field

from app.core.about import SLUG
from app.core.base_settings import SettingsGroup

Signal = Literal["traces", "metrics"]

PROTOCOL = "http/protobuf"


class OtelSettings(SettingsGroup):
    """What is exported, and where to. The SDK reads its further variables itself."""

    sdk_disabled: bool = False
    service_name: str = SLUG
    traces_exporter: str = "otlp"
    metrics_exporter: str = "otlp"
    exporter_otlp_endpoint: str = ""
    exporter_otlp_traces_endpoint: str = ""
    exporter_otlp_metrics_endpoint: str = ""
    exporter_otlp_protocol: str = PROTOCOL
    exporter_otlp_traces_protocol: str = ""
    exporter_otlp_metrics_protocol: str = ""
    # The page for Prometheus, if it is one of the exporters of metrics.
    exporter_prometheus_host: str = "127.0.0.1"
    exporter_prometheus_port: int = Field(default=9464, ge=1, le=65_535)

    def validate_processes(self, processes: int) -> None:
        """Raise ValueError if several processes would share the page for Prometheus."""
        if self.serves_metrics and processes > 1:
            raise ValueError(
                "OTEL_METRICS_EXPORTER: the page for Prometheus has the metrics of one"
                f" process, and WEB_CONCURRENCY is {processes}; set it to 1 and run"
                " more containers, or export by otlp"
            )

    def exporters(self, signal: Signal) -> set[str]:
        """Return the names of the exporters of a signal."""
        value: str = getattr(self, f"{signal}_exporter")
        return {name.strip().lower() for name in value.split(",")}

    @property
    def serves_metrics(self) -> bool:
        """Whether the process has a page for Prometheus."""
        return not self.sdk_disabled and "prometheus" in self.exporters("metrics")

    def collector_url(self, signal: Signal) -> str:
        """Return the URL to which a signal is sent.

        Raises:
            LookupError: It is not to be sent, with the reason.
            ValueError: A variable can not be used.
        """
        if self.sdk_disabled:
            raise LookupError("OTEL_SDK_DISABLED is true")
        if "otlp" not in self.exporters(signal):
            raise LookupError(f"OTEL_{signal.upper()}_EXPORTER has no otlp")
        name, url = self._variable("endpoint", signal)
        protocol_name, protocol = self._variable("protocol", signal)
        if not url:
            raise LookupError("OTEL_EXPORTER_OTLP_ENDPOINT is not set")
        if protocol != PROTOCOL:
            raise ValueError(
                f"{protocol_name} has to be {PROTOCOL}, which collectors expect at port"
                " 4318"
            )
        is_base = name == "OTEL_EXPORTER_OTLP_ENDPOINT"
        if not is_http(url) or (is_base and "?" in url):
            raise ValueError(f"{name} has to be http://host:4318")
        return f"{url.rstrip('/')}/v1/{signal}" if is_base else url

    def _variable(self, name: str, signal: Signal) -> tuple[str, str]:
        """Return name and value of the variable of a signal, or of all signals."""
        field = f"exporter_otlp_{signal}_{name}"
        if not getattr(self, field):
            field = f"exporter_otlp_{name}"
        return f"OTEL_{field.upper()}", getattr(self, field)


class WebSettings(SettingsGroup):
    """The number of processes; uvicorn reads this variable itself."""

    concurrency: int = Field(default=1, ge=1)


def is_http(url: str) -> bool:
    """Return whether a URL has a scheme that the exporter supports, and a host."""
    try:
        parts = urlsplit(url)
        has_host = bool(parts.hostname) and parts.port != 0
        return parts.scheme in {"http", "https"} and has_host
    except ValueError:  # the port is no number
        return False


def without_password(url: str) -> str:
    """Return a URL for the log: without a user, a password or a query."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"

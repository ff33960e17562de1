"""The dashboard and the alerts of a project, as Prometheus reads them."""

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.commands import Completed, run, succeed
from tests.support.fixture_types import Project

TELEMETRY = {"telemetry": True, "kubernetes": True}
# Series for each alert: with the first ones it fires, with the others it does not.
REQUESTS = 'http_server_request_duration_seconds_{}{{job="a",{}}}'
LAG = 'asyncio_event_loop_lag_seconds_bucket{{job="a",instance="b",le="{}"}}'
WAITING = 'db_client_connection_pending_requests{job="a"}'
FAILED, SERVED = 'http_response_status_code="500"', 'http_response_status_code="200"'
ALERTS: dict[str, tuple[dict[str, str], dict[str, str]]] = {
    "ManyErrors": (
        {
            REQUESTS.format("count", FAILED): "0+6x20",
            REQUESTS.format("count", SERVED): "0+94x20",
        },
        {
            REQUESTS.format("count", FAILED): "0+4x20",
            REQUESTS.format("count", SERVED): "0+96x20",
        },
    ),
    "SlowResponses": (
        {
            REQUESTS.format("bucket", 'le="1.0"'): "0+94x20",
            REQUESTS.format("bucket", 'le="5.0"'): "0+100x20",
            REQUESTS.format("bucket", 'le="+Inf"'): "0+100x20",
        },
        {
            REQUESTS.format("bucket", 'le="1.0"'): "0+96x20",
            REQUESTS.format("bucket", 'le="5.0"'): "0+100x20",
            REQUESTS.format("bucket", 'le="+Inf"'): "0+100x20",
        },
    ),
    "ConnectionsExhausted": ({WAITING: "1x20"}, {WAITING: "5x15 0x5"}),
    "EventLoopBlocked": (
        {
            LAG.format("0.25"): "0+90x20",
            LAG.format("0.5"): "0+100x20",
            LAG.format("+Inf"): "0+100x20",
        },
        {LAG.format("0.25"): "0+99x20", LAG.format("+Inf"): "0+100x20"},
    ),
    "NoMetrics": (
        {'up{job="a"}': "1x20"},
        {'process_memory_usage_bytes{job="a"}': "1x20"},
    ),
}


@pytest.fixture(scope="session")
def promtool(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return promtool: of this machine, or from the package of Debian."""
    if found := shutil.which("promtool"):
        return Path(found)
    if not shutil.which("apt-get"):
        pytest.skip("promtool is not installed, and there is no apt-get to fetch it")
    place = tmp_path_factory.mktemp("prometheus")
    if run(["apt-get", "download", "prometheus"], place).returncode:
        succeed(["apt-get", "update"], place)
        succeed(["apt-get", "download", "prometheus"], place)
    [package] = place.glob("*.deb")
    succeed(["dpkg", "-x", package, place], place)
    return place / "usr" / "bin" / "promtool"


@pytest.fixture(scope="module")
def monitoring(render: Project) -> Path:
    """Return the folder of the dashboard and the alerts."""
    return render(TELEMETRY) / "monitoring"


def expressions(dashboard: Path) -> Iterator[str]:
    """Yield the queries of a dashboard, without the variables of Grafana."""
    for panel in json.loads(dashboard.read_text(encoding="utf-8"))["panels"]:
        for target in panel["targets"]:
            yield target["expr"].replace("$__rate_interval", "5m")


def check(promtool: Path, place: Path, rules: dict[str, Any]) -> Completed:
    """Check rules of Prometheus."""
    file = place / "rules.yaml"
    file.write_text(yaml.safe_dump(rules), encoding="utf-8")
    return run([promtool, "check", "rules", file], place)


def as_rules(queries: list[str]) -> dict[str, Any]:
    """Return recording rules for queries."""
    rules = [{"record": f"panel:{n}", "expr": expr} for n, expr in enumerate(queries)]
    return {"groups": [{"name": "dashboard", "rules": rules}]}


def test_alerts_are_valid(promtool: Path, monitoring: Path) -> None:
    checked = succeed(
        [promtool, "check", "rules", monitoring / "alerts.yaml"], monitoring
    )

    assert "SUCCESS: 5 rules found" in checked


def test_queries_of_the_dashboard_are_valid(
    promtool: Path, monitoring: Path, tmp_path: Path
) -> None:
    queries = [*expressions(monitoring / "dashboard.json")]

    assert len(queries) > 8
    assert check(promtool, tmp_path, as_rules(queries)).returncode == 0


def test_invalid_query_is_found(promtool: Path, tmp_path: Path) -> None:
    assert check(promtool, tmp_path, as_rules(["sum(rate(a_total))"])).returncode


@pytest.mark.parametrize("fires", [True, False])
@pytest.mark.parametrize("alert", ALERTS)
def test_alert_fires_for_its_fault_only(
    alert: str, fires: bool, promtool: Path, monitoring: Path, tmp_path: Path
) -> None:
    series = ALERTS[alert][0 if fires else 1]
    firing = f'ALERTS{{alertname="{alert}",alertstate="firing"}}'
    test = {
        "rule_files": [str(monitoring / "alerts.yaml")],
        "evaluation_interval": "1m",
        "tests": [
            {
                "interval": "1m",
                "input_series": [{"series": s, "values": v} for s, v in series.items()],
                "promql_expr_test": [
                    {
                        "expr": f"count({firing})",
                        "eval_time": "18m",
                        "exp_samples": [{"labels": "{}", "value": 1}] if fires else [],
                    }
                ],
            }
        ],
    }
    file = tmp_path / "test.yaml"
    file.write_text(yaml.safe_dump(test), encoding="utf-8")

    tested = run([promtool, "test", "rules", file], tmp_path)
    assert tested.returncode == 0, tested.stdout + tested.stderr


def test_page_has_the_question_of_every_panel_and_alert(render: Project) -> None:
    project = render(TELEMETRY)
    page = (project / "docs/telemetry.md").read_text(encoding="utf-8")
    rules = (project / "monitoring/alerts.yaml").read_text(encoding="utf-8")
    dashboard = (project / "monitoring/dashboard.json").read_text(encoding="utf-8")
    panels = json.loads(dashboard)["panels"]

    for panel in panels:
        assert f"| {panel['title']} | {panel['description']} |\n" in page
    assert re.findall(r"^\| `(\w+)` \| .*\? \|", page, re.M) == [*ALERTS]
    assert re.findall(r"alert: (\w+)", rules) == [*ALERTS]


@pytest.mark.nightly
def test_component_of_prometheus_opens_its_port(
    render: Project, kubectl: Path, tmp_path: Path
) -> None:
    folder = shutil.copytree(render(TELEMETRY) / "kubernetes", tmp_path / "kubernetes")
    overlay = folder / "overlays/production"
    file = overlay / "kustomization.yaml"
    text = file.read_text(encoding="utf-8")
    file.write_text(
        text.replace(
            "  - ../../ingress\n", "  - ../../ingress\n  - ../../prometheus\n"
        ),
        encoding="utf-8",
    )

    output = succeed([kubectl, "kustomize", "overlays/production"], folder)
    [deployment] = [
        one for one in yaml.safe_load_all(output) if one["kind"] == "Deployment"
    ]
    [container] = deployment["spec"]["template"]["spec"]["containers"]
    assert {port["containerPort"] for port in container["ports"]} == {8000, 9464}
    assert "OTEL_METRICS_EXPORTER" in {one["name"] for one in container["env"]}
    assert "configMapRef" in str(container["envFrom"])
    assert "name: prometheus" in output

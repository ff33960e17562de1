"""Each service and each router has tests of its own."""

import re
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts

ROOT = Path(__file__).parents[2]


def has_tests(folder: str, module: Path, evidence: str) -> bool:
    """Say whether a test about the module is there, and does what it is for."""
    place = ROOT / "tests" / folder / f"test_{module.stem}.py"
    code = place.read_text(encoding="utf-8") if place.exists() else ""
    return bool(re.search(r"^(async )?def test_", code, re.M) and evidence in code)


def routers(app: FastAPI) -> set[Path]:
    """Give the files of the routes: those in app/api/v1, and the others that serve."""
    found = [context.original_route for context in iter_route_contexts(app.routes)]
    serving = {
        Path(*route.endpoint.__module__.split(".")).with_suffix(".py")
        for route in found
        if isinstance(route, APIRoute) and route.endpoint.__module__.startswith("app.")
    }
    versions = (ROOT / "app/api/v1").rglob("[!_]*.py")
    return serving | {path.relative_to(ROOT) for path in versions}


def test_no_service_is_without_unit_tests() -> None:
    missing = [
        service.name
        for service in (ROOT / "app/services").rglob("[!_]*.py")
        if not has_tests("unit/services", service, f"app.services.{service.stem}")
    ]

    assert not missing, f"TEST-02: no tests in tests/unit/services for {missing}"


# It reads the tests, and nobody waits for it.
@pytest.mark.blocks
def test_no_router_is_without_integration_tests(app: FastAPI) -> None:
    missing = sorted(
        router.as_posix()
        for router in routers(app)
        if not has_tests("integration/api", router, "AsyncClient")
    )

    assert not missing, f"TEST-03: no tests in tests/integration/api for {missing}"

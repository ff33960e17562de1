"""How tests search for requests that break the service: what they share."""

from collections.abc import Iterator

import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, settings
from schemathesis import BaseSchema
from schemathesis.python import asgi

from tests.databases import TestSettings

# The same requests in every run, but where somebody asks for a longer search.
LOOK = TestSettings()
LONGER = "test_examples" in LOOK.model_fields_set
SEARCH = settings(
    max_examples=LOOK.test_examples,
    derandomize=not LONGER,
    # How busy the machine is, is no finding.
    deadline=None,
    suppress_health_check=[*HealthCheck],
    database=None,
)


def published(app: FastAPI) -> Iterator[BaseSchema]:
    """Give what is published, and who answers for it, for as long as it is needed."""
    app.openapi()
    yield schemathesis.openapi.from_asgi("/openapi.json", app)
    asgi.shutdown_lifespans()

"""How tests search for requests that break the service: what they share."""

from collections.abc import Iterator

import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, settings
from pydantic import PositiveInt
from pydantic_settings import BaseSettings
from schemathesis import BaseSchema
from schemathesis.python import asgi


class SearchSettings(BaseSettings):
    """How long the tests search: so many requests are made up.

    They are the same in every run, and new ones where TEST_EXAMPLES says how many.
    """

    test_examples: PositiveInt = 20


LOOK = SearchSettings()
LONGER = "test_examples" in LOOK.model_fields_set
SEARCH = settings(
    max_examples=LOOK.test_examples,
    derandomize=not LONGER,
    # How busy the machine is, is no finding.
    deadline=None,
    suppress_health_check=[
        HealthCheck.data_too_large,
        HealthCheck.filter_too_much,
        HealthCheck.large_base_example,
        HealthCheck.too_slow,
    ],
    database=None,
)


def published(app: FastAPI) -> Iterator[BaseSchema]:
    """Give what is published, and who answers for it, for as long as it is needed."""
    app.openapi()
    yield schemathesis.openapi.from_asgi("/openapi.json", app)
    asgi.shutdown_lifespans()

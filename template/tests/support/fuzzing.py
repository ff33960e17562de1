"""Settings of the tests that send generated requests (schemathesis)."""

from collections.abc import Iterator

import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, settings
from pydantic import PositiveInt
from pydantic_settings import BaseSettings
from schemathesis import BaseSchema
from schemathesis.python import asgi


class FuzzingSettings(BaseSettings):
    """The number of generated requests of each test.

    The requests are the same in every run, and random where TEST_EXAMPLES is set.
    """

    test_examples: PositiveInt = 20


FUZZING_SETTINGS = FuzzingSettings()
EXAMPLES = FUZZING_SETTINGS.test_examples
IS_THOROUGH = "test_examples" in FUZZING_SETTINGS.model_fields_set
FUZZING = settings(
    max_examples=EXAMPLES,
    derandomize=not IS_THOROUGH,
    # A busy machine must not fail the test.
    deadline=None,
    suppress_health_check=[
        HealthCheck.data_too_large,
        HealthCheck.filter_too_much,
        HealthCheck.large_base_example,
        HealthCheck.too_slow,
    ],
    database=None,
)


def load_schema(app: FastAPI) -> Iterator[BaseSchema]:
    """Load the OpenAPI schema of an application, which runs until the test ends.

    It is without cursors: a generated one is valid in the schema, but no position.
    """
    for path in app.openapi()["paths"].values():
        for operation in path.values():
            parameters = operation.get("parameters", [])
            parameters[:] = [one for one in parameters if one["name"] != "cursor"]
    yield schemathesis.openapi.from_asgi("/openapi.json", app)
    asgi.shutdown_lifespans()

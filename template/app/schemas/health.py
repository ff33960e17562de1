"""Response body of the health probes."""

from typing import Literal

from pydantic import BaseModel


class Health(BaseModel):
    """The service is healthy; otherwise the response is a problem document."""

    status: Literal["ok"]

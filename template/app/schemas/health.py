"""What a probe reads."""

from typing import Literal

from pydantic import BaseModel


class Health(BaseModel):
    """The service is well; everything else is a problem document."""

    status: Literal["ok"]

"""What bodies hold is checked for what it is."""

import importlib
import pkgutil
import re
from collections.abc import Iterator
from typing import Any, TypeAliasType, get_args

from pydantic import BaseModel, EmailStr

from app import schemas

ADDRESS = re.compile(r"(^|_)(e?mail|e_mail|e?mail_address)(es|s)?$")


def models() -> Iterator[type[BaseModel]]:
    """Give every model of app/schemas, those in packages as well."""
    for module in pkgutil.walk_packages(schemas.__path__, f"{schemas.__name__}."):
        for kind in vars(importlib.import_module(module.name)).values():
            if isinstance(kind, type) and issubclass(kind, BaseModel):
                yield kind


def parts(kind: Any) -> Iterator[Any]:
    """Take an annotation apart, to the last type in it."""
    if isinstance(kind, TypeAliasType):
        kind = kind.__value__
    inner = get_args(kind)
    for part in inner:
        yield from parts(part)
    if not inner:
        yield kind


def test_every_address_is_checked() -> None:
    found = {
        f"{model.__name__}.{name}"
        for model in models()
        for name, field in model.model_fields.items()
        if ADDRESS.search(name)
        and str in {*parts(field.annotation)}
        and EmailStr not in {*parts(field.annotation)}
    }

    assert not found, f"VAL-03: not an EmailStr: {sorted(found)}"

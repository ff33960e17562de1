"""The variables of the templates of tests: see `tests_context`."""

from collections.abc import Sequence
from typing import Any

from upkeep.resource import samples
from upkeep.resource.column_code import shadows_time
from upkeep.resource.field_code import FieldCode, codes, targets
from upkeep.resource.spec import Resource


def tests_context(resource: Resource) -> dict[str, Any]:
    """Return the variables of the templates of tests."""
    every = codes(resource)
    own = [field for field in every if field.is_own]
    fields = [field for field in every if field not in own and not field.is_owner]
    required = [field for field in fields if field.is_required]
    plain = [it for it in fields if it.kind not in ("reference", "names")]
    changed = (plain or fields)[0]
    change = f'"{changed.column}": {samples.json_value(changed, 1)}'
    unique = [field for field in fields if field.field.unique]
    # The tests have one row to which a reference can refer, so one row at most.
    single = [it for it in unique if it.kind == "reference" and it.is_required]
    return {
        "fields": fields,
        "own_references": own if not single else [],
        "required": required,
        "needs_owned": any(field.needs_owner for field in required),
        "optional": [field for field in fields if not field.is_required],
        "nullable": [field for field in fields if field.field.optional],
        "stored": [field for field in every if field.is_required],
        "decimals": [
            field
            for field in fields
            if field.kind == "decimal" and field.field.scale < field.field.precision
        ],
        "numbered": [field for field in fields if is_numbered(field)],
        "filters": [field for field in fields if field.is_filter],
        "targets": targets(resource),
        "changed": changed,
        "change": f"{{{change}}}",
        "change_pair": change,
        "reader": "write_client" if resource.owner else "client",
        "several_rows": not single,
        # Those that a second row can share with the first one, and nothing else.
        "taken": [it for it in unique if single in ([], [it])],
        "distinct": "".join(
            f", {it.column}={samples.json_value(it, 1)}"
            for it in unique
            if it.is_required and it not in single
        ),
        "unique": unique,
        "utc": every[0].utc,
        "taken_body": lambda field: taken_body(field, required),
        "timedelta": "dt.timedelta" if shadows_time(resource) else "timedelta",
    }


def taken_body(taken: FieldCode, required: Sequence[FieldCode]) -> str:
    """Return the body of a second row that has one value of the first row."""
    values = {
        it.column: samples.json_value(it, 1) for it in required if it.field.unique
    }
    values.pop(taken.column, None)
    if taken.field.optional:
        values[taken.column] = samples.json_value(taken)
    pairs = ", ".join(f'"{name}": {value}' for name, value in values.items())
    parts = ["BODY"] * bool(required) + [f"{{{pairs}}}"] * bool(pairs)
    return " | ".join(parts)


def is_numbered(code: FieldCode) -> bool:
    """Return whether rows of a list have different values of a field."""
    if code.kind == "reference":
        return code.field.optional
    found = code.is_sortable or code.is_filter or code.field.unique
    return found or code.kind == "str"

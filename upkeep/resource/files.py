"""The new files of a resource: start with `render`."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from upkeep.resource import samples, words
from upkeep.resource.field_code import FieldCode, shadows_time
from upkeep.resource.imports import add_imports
from upkeep.resource.spec import Project, Resource

TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
    # The output is Python, not HTML.
    autoescape=False,  # nosec B701
)
TEMPLATES.filters |= {
    "doc": words.docstring,
    "filtered": samples.filtered,
    "invalid_values": samples.invalid_values,
    "json_value": samples.json_value,
    "numbered_value": samples.numbered_value,
    "python_value": samples.python_value,
    "schema_value": samples.schema_value,
    "search": samples.search,
    "zero": samples.zero,
}


def render(resource: Resource, project: Project) -> dict[str, str]:
    """Return the path and the text of each new file, without the migration.

    The files have still to be formatted: black and isort wrap and sort their lines.
    """
    names = context(resource, project)
    test_names = names | tests_context(resource, project)
    one, many = resource.name, resource.plural
    files = {
        f"app/models/{one}.py": "model",
        f"app/schemas/{one}.py": "schema",
        f"app/services/{many}.py": "service",
        f"app/api/v1/{many}.py": "router",
        f"tests/{one}_factories.py": "factories",
        f"tests/integration/api/test_{one}.py": "test_one",
        f"tests/integration/api/test_{many}.py": "test_list",
        f"tests/unit/schemas/test_{one}.py": "test_schema",
        f"tests/unit/services/test_{many}.py": "test_service",
    }
    if names["enums"]:
        files[f"app/core/{one}.py"] = "enums"
    own = own_modules(resource, project) | test_modules(resource, project)
    found: dict[str, str] = {}
    for path, name in files.items():
        variables = test_names if path.startswith("tests/") else names
        code = TEMPLATES.get_template(f"{name}.py.jinja").render(variables)
        field = "sqlmodel" if name == "model" else "pydantic"
        found[path] = add_imports(code, own | {"Field": field})
    return found


def own_modules(resource: Resource, project: Project) -> dict[str, str]:
    """Return the modules of the names that only this resource has."""
    one, many = resource.name, resource.plural
    name = words.class_name(one)
    lists = [field for field in codes(resource, project) if field.kind == "names"]
    models = [name, f"{one}_for_update", *(field.row_class for field in lists)]
    statements = (f"INSERT_{one}", f"DELETE_{one}", f"{one}_BY_ID", f"{one}_LIST")
    models += [statement.upper() for statement in statements]
    models += [field.insert for field in lists]
    schemas = [f"{name}{kind}" for kind in ("Create", "Update", "Read", "Query", "Page")]
    enums = [one.type for one in codes(resource, project) if one.kind == "enum"]
    services = [f"{name}Service", f"{name}NotFoundError"]
    services += [field.taken_error for field in codes(resource, project)]
    services += [field.unknown_error for field in codes(resource, project)]
    return {
        **dict.fromkeys(models, f"app.models.{one}"),
        **dict.fromkeys(schemas, f"app.schemas.{one}"),
        **dict.fromkeys(enums, f"app.core.{one}"),
        **dict.fromkeys(services, f"app.services.{many}"),
    }


def test_modules(resource: Resource, project: Project) -> dict[str, str]:
    """Return the modules of the names that only tests of this resource have."""
    one = resource.name
    own = [f"make_{one}", f"store_{one}", "store_references"]
    modules = dict.fromkeys(own, f"tests.{one}_factories")
    for target in targets(resource):
        if target != "user":
            modules[f"{target}_ID".upper()] = f"tests.{one}_factories"
        if is_made(target, project):
            modules[f"make_{target}"] = "tests.factories"
        else:
            modules[f"store_{target}"] = f"tests.{target}_factories"
    return modules


def targets(resource: Resource) -> list[str]:
    """Return the resources that a row refers to, each one once."""
    found = [field.target for field in resource.fields if field.kind == "reference"]
    return [target for target in dict.fromkeys(found) if target != resource.name]


def is_made(target: str, project: Project) -> bool:
    """Return whether `tests/factories.py` makes the rows of a resource."""
    return target == "user" or (target == "item" and project.example)


def codes(resource: Resource, project: Project) -> list[FieldCode]:
    """Return the code of every field."""
    return [FieldCode(field, resource, project) for field in resource.fields]


def context(resource: Resource, project: Project) -> dict[str, Any]:
    """Return the variables of the templates."""
    every = codes(resource, project)
    fields = [field for field in every if not field.is_owner]
    lists = [field for field in fields if field.kind == "names"]
    columns = [field for field in every if field.kind != "names"]
    texts = [field for field in fields if field.kind == "str"]
    references = [field for field in fields if field.kind == "reference"]
    unique = [field for field in fields if field.field.unique]
    return {
        **wording(resource, lists, unique),
        **violations(resource, unique, references),
        "own_row": own_row(resource, project),
        "auth": project.auth,
        "sqlmodel": project.orm == "sqlmodel",
        "owner": resource.owner,
        "fields": fields,
        "columns": columns,
        "lists": lists,
        "unique": unique,
        "references": references,
        "enums": [field for field in fields if field.kind == "enum"],
        "sortable": [field for field in fields if field.is_sortable],
        "filters": [field for field in fields if field.is_filter],
        "searched": texts[0] if texts else None,
        "has_factories": not all(field.field.optional for field in fields),
        "datetime": "dt.datetime" if shadows_time(resource) else "datetime",
        "col": (lambda name: f"col({name})")
        if project.orm == "sqlmodel"
        else (lambda name: name),
    }


def tests_context(resource: Resource, project: Project) -> dict[str, Any]:
    """Return the variables of the templates of tests."""
    every = [it for it in codes(resource, project) if not it.is_recursive]
    fields = [field for field in every if not field.is_owner]
    required = [field for field in fields if field.is_required]
    numbered = [it for it in fields if is_numbered(it)]
    plain = [it for it in fields if it.kind not in ("reference", "names")]
    changed = (plain or fields)[0]
    change = f'"{changed.column}": {samples.json_value(changed, 1)}'
    return {
        "fields": fields,
        "required": required,
        "optional": [field for field in fields if not field.is_required],
        "nullable": [field for field in fields if field.field.optional],
        "stored": [field for field in every if field.is_required],
        "decimals": [field for field in fields if field.kind == "decimal" and field.field.scale < field.field.precision],
        "numbered": numbered,
        "filters": [field for field in fields if field.is_filter],
        "targets": targets(resource),
        "made_targets": [it for it in targets(resource) if is_made(it, project)],
        "changed": changed,
        "change": f"{{{change}}}",
        "change_pair": change,
        "reader": "write_client" if resource.owner else "client",
        "several_rows": not any(
            it.field.unique and it.kind in ("enum", "reference") for it in required
        ),
        "utc": every[0].utc,
        "taken_body": lambda field: taken_body(field, required),
        "timedelta": "dt.timedelta" if shadows_time(resource) else "timedelta",
    }


def taken_body(taken: FieldCode, required: Sequence[FieldCode]) -> str:
    """Return the body of a second row that has one value of the first row."""
    values = {it.column: samples.json_value(it, 1) for it in required if it.field.unique}
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


def wording(
    resource: Resource, lists: Sequence[FieldCode], unique: Sequence[FieldCode]
) -> dict[str, Any]:
    """Return the names and words of a resource, as `items` has them."""
    one = words.phrase(resource.name)
    names = [field.name for field in lists]
    quoted = words.enumerate_words([f"`{name}`" for name in names] or [""])
    unique_words = words.enumerate_words([field.words for field in unique] or [""])
    return {
        "item": resource.name,
        "items": resource.plural,
        "ITEM": resource.name.upper(),
        "Item": words.class_name(resource.name),
        "Items": words.class_name(resource.plural),
        "path": resource.plural.replace("_", "-"),
        "one": one,
        "an_item": words.with_article(one),
        "many": words.phrase(resource.plural),
        "list_words": words.enumerate_words([field.words for field in lists] or [""]),
        "replaces": f"{quoted} replaces the whole list"
        if len(lists) == 1
        else f"{quoted} replace the whole lists",
        "excluded": f"exclude={{{', '.join(repr(name) for name in sorted(names))}}}"
        if lists
        else "",
        "unique_sentence": f" Its {unique_words} {'is' if len(unique) == 1 else 'are'}"
        " unique."
        if unique
        else "",
        "of_owner": ", owner_id=self.owner_id" if resource.owner else "",
    }


def own_row(resource: Resource, project: Project) -> str:
    """Return the condition that selects one row, which its owner may see."""
    name = words.class_name(resource.name)
    columns = {"id": f"{resource.name}_id"}
    if resource.owner:
        columns["owner_id"] = "owner_id"
    wrap = "col({})" if project.orm == "sqlmodel" else "{}"
    return ", ".join(
        f'{wrap.format(f"{name}.{column}")} == sa.bindparam("{parameter}")'
        for column, parameter in columns.items()
    )


def violations(
    resource: Resource, unique: Sequence[FieldCode], references: Sequence[FieldCode]
) -> dict[str, Any]:
    """Return the errors of constraints, and the contexts that raise them."""
    table, missing = resource.plural, f"{words.class_name(resource.name)}NotFoundError"
    constraints = [
        *((f"uq_{table}_{one.column}", one.taken_error, one, "taken") for one in unique),
        *(
            (f"fk_{table}_{one.column}", one.unknown_error, one, "unknown")
            for one in references
        ),
    ]
    errors = [error for _, error, _, _ in constraints]
    create = [
        f'conflict(on="{name}", error={error}(data.{field.column}))'
        for name, error, field, _ in constraints
    ]
    update = [
        f'conflict(on="{name}", error={field.name}_{state})'
        for name, _, field, state in constraints
    ]
    if resource.owner:
        error = f"{words.class_name(resource.name)}OwnerUnknownError"
        create.append(
            f'conflict(on="fk_{table}_owner_id", error={error}(self.owner_id))'
        )
        errors.append(error)
    update_errors = [missing, *(error for _, error, _, _ in constraints)]
    return {
        "create_conflicts": create,
        "conflicts": update,
        "create_raises": f" Raises {', '.join(errors)}." if errors else "",
        "update_raises": f" Raises {', '.join(update_errors)}.",
    }

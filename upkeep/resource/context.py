"""The variables of the templates: see `context`."""

from collections.abc import Sequence
from typing import Any

from upkeep.resource import words
from upkeep.resource.column_code import shadows_time
from upkeep.resource.field_code import FieldCode, codes
from upkeep.resource.spec import Project, Resource


def context(resource: Resource, project: Project) -> dict[str, Any]:
    """Return the variables of the templates."""
    every = codes(resource)
    fields = [field for field in every if not field.is_owner]
    lists = [field for field in fields if field.kind == "names"]
    columns = [field for field in every if field.kind != "names"]
    texts = [field for field in fields if field.kind == "str"]
    references = [field for field in fields if field.kind == "reference"]
    owned = [field for field in references if field.needs_owner]
    unique = [field for field in fields if field.field.unique]
    sortable = [field for field in fields if field.is_sortable]
    names = ["created_at", "updated_at", *(field.name for field in sortable)]
    quoted = ", ".join(f'"{name}"' for name in names)
    sort = f"Annotated[str, SortBy({quoted})]"
    return {
        **wording(resource, lists, unique),
        **violations(resource, unique, references),
        "own_row": own_row(resource, project),
        "auth": project.auth,
        "permissions": project.permissions,
        "sqlmodel": project.orm == "sqlmodel",
        "owner": resource.owner,
        "fields": fields,
        "columns": columns,
        "lists": lists,
        "unique": unique,
        "references": references,
        "owned": owned,
        "own_targets": {
            it.own_target: words.class_name(it.field.target.name) for it in owned
        },
        "enums": [field for field in fields if field.kind == "enum"],
        "sortable": sortable,
        "sort": sort,
        # Longer than a line of a class.
        "has_long_sort": len(f"    sort: {sort} | None = None") > words.WIDTH,
        "filters": [field for field in fields if field.is_filter],
        "searched": texts[0] if texts else None,
        "has_factories": not all(field.field.optional for field in fields),
        "datetime": "dt.datetime" if shadows_time(resource) else "datetime",
        "col": (
            (lambda name: f"col({name})")
            if project.orm == "sqlmodel"
            else (lambda name: name)
        ),
    }


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
        "ITEMS": resource.plural.upper(),
        "Item": words.class_name(resource.name),
        "Items": words.class_name(resource.plural),
        "path": resource.plural.replace("_", "-"),
        "one": one,
        "an_item": words.with_article(one),
        "many": words.phrase(resource.plural),
        "list_words": words.enumerate_words([field.words for field in lists] or [""]),
        "replaces": (
            f"{quoted} replaces the whole list"
            if len(lists) == 1
            else f"{quoted} replace the whole lists"
        ),
        "excluded": (
            f"exclude={{{', '.join(repr(name) for name in sorted(names))}}}"
            if lists
            else ""
        ),
        "unique_sentence": (
            f" Its {unique_words} {'is' if len(unique) == 1 else 'are'}" " unique."
            if unique
            else ""
        ),
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
        *(
            (f"uq_{table}_{one.column}", one.taken_error, one, "taken")
            for one in unique
        ),
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

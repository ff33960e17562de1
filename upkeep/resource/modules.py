"""The modules of the names that the code of a resource imports."""

from upkeep.resource import words
from upkeep.resource.field_code import codes, targets
from upkeep.resource.spec import Resource


def own_modules(resource: Resource) -> dict[str, str]:
    """Return the modules of the names that only this resource has."""
    one, many = resource.name, resource.plural
    name = words.class_name(one)
    lists = [field for field in codes(resource) if field.kind == "names"]
    models = [name, f"{one}_for_update", *(field.row_class for field in lists)]
    statements = (f"INSERT_{one}", f"DELETE_{one}", f"{one}_BY_ID", f"{one}_LIST")
    models += [statement.upper() for statement in statements]
    models += [field.insert for field in lists]
    models += [field.own_target for field in codes(resource) if field.needs_owner]
    schemas = [
        f"{name}{kind}" for kind in ("Create", "Update", "Read", "Query", "Page")
    ]
    enums = [one.type for one in codes(resource) if one.kind == "enum"]
    services = [f"{name}Service", f"{name}NotFoundError"]
    services += [field.taken_error for field in codes(resource)]
    services += [field.unknown_error for field in codes(resource)]
    checked = [it.field.target for it in codes(resource) if it.needs_owner]
    return {
        **{words.class_name(it.name): it.module for it in checked},
        **dict.fromkeys(models, f"app.models.{one}"),
        **dict.fromkeys(schemas, f"app.schemas.{one}"),
        **dict.fromkeys(enums, f"app.core.{one}"),
        **dict.fromkeys(services, f"app.services.{many}"),
    }


def test_modules(resource: Resource) -> dict[str, str]:
    """Return the modules of the names that only tests of this resource have."""
    factories = f"tests.{resource.name}_factories"
    own = [f"make_{resource.name}", f"store_{resource.name}", "store_references"]
    own += [f"{it.name}_ID".upper() for it in targets(resource) if it.name != "user"]
    return {
        **{it.factory: it.factory_module for it in targets(resource)},
        **dict.fromkeys(own, factories),
    }

"""The modules of the names that the code of a resource imports."""

from upkeep.resource import words
from upkeep.resource.field_code import codes, is_made, targets
from upkeep.resource.spec import Project, Resource


def own_modules(resource: Resource) -> dict[str, str]:
    """Return the modules of the names that only this resource has."""
    one, many = resource.name, resource.plural
    name = words.class_name(one)
    lists = [field for field in codes(resource) if field.kind == "names"]
    models = [name, f"{one}_for_update", *(field.row_class for field in lists)]
    statements = (f"INSERT_{one}", f"DELETE_{one}", f"{one}_BY_ID", f"{one}_LIST")
    models += [statement.upper() for statement in statements]
    models += [field.insert for field in lists]
    schemas = [
        f"{name}{kind}" for kind in ("Create", "Update", "Read", "Query", "Page")
    ]
    enums = [one.type for one in codes(resource) if one.kind == "enum"]
    services = [f"{name}Service", f"{name}NotFoundError"]
    services += [field.taken_error for field in codes(resource)]
    services += [field.unknown_error for field in codes(resource)]
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

"""The new files of a resource: start with `render`."""

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from upkeep.resource import samples, words
from upkeep.resource.context import context
from upkeep.resource.imports import add_imports
from upkeep.resource.modules import own_modules, test_modules
from upkeep.resource.spec import Project, Resource
from upkeep.resource.tests_context import tests_context

FOLDER = Path(__file__).parent
TEMPLATES = Environment(
    loader=FileSystemLoader(FOLDER / "templates"),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
    # The output is Python, not HTML.
    autoescape=False,  # nosec B701
)
# Types that several resources use: the first one that needs them writes them.
VALUES = "app.core.values"
COMMON = {
    "app/core/values.py": FOLDER / "common/values.py.txt",
    "tests/unit/core/test_values.py": FOLDER / "common/test_values.py.txt",
}
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
    test_names = names | tests_context(resource)
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
    own = own_modules(resource) | test_modules(resource)
    found: dict[str, str] = {}
    for path, name in files.items():
        variables = test_names if path.startswith("tests/") else names
        code = TEMPLATES.get_template(f"{name}.py.jinja").render(variables)
        field = "sqlmodel" if name == "model" else "pydantic"
        found[path] = add_imports(code, own | {"Field": field})
    if any(VALUES in code for code in found.values()):
        found |= {path: file.read_text("utf-8") for path, file in COMMON.items()}
    return found

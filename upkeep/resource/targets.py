"""The resources to which a field can refer: start with `find`."""

import ast
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from upkeep.resource.project import modules
from upkeep.resource.registration import tables
from upkeep.resource.spec import Target
from upkeep.resource.words import class_name

Function = ast.FunctionDef | ast.AsyncFunctionDef


def find() -> dict[str, Target]:
    """Return the resources of the project by name. Raises RefusedError."""
    made_by = factories()
    found: dict[str, Target] = {}
    for file, text in modules("app/models"):
        name = class_name(file.stem)
        if table := tables(text).get(name):
            module = dotted(file)
            target = Target(file.stem, table, module)
            found[file.stem] = complete(target, columns(text, name), made_by)
    return found


def complete(
    target: Target, columns: Mapping[str, str], made_by: Mapping[str, str]
) -> Target:
    """Add what the table and the tests of a resource tell."""
    name, code = target.name, " ".join(columns.values())
    stored, made = f"store_{name}", f"make_{name}"
    # What refers to other rows can not be stored without them.
    is_alone = "ForeignKey(" not in code and "foreign_key=" not in code
    factory = made if is_alone and stored not in made_by else stored
    keys = {key for key, column in columns.items() if "primary_key=True" in column}
    problem = ""
    if factory not in made_by:
        wanted = f"def {made}(**" if is_alone else f"async def {stored}(session, **"
        problem = (
            f"its tests need a row of {target.table}: write {wanted}fields) into"
            f" tests/{name}_factories.py"
        )
    if keys - {"id"} or "UUID" not in columns.get("id", "UUID"):
        problem = f"the key of {target.table} is no id of the type UUID"
    return replace(
        target,
        is_owned="owner_id" in columns,
        factory=factory,
        factory_module=made_by.get(factory, ""),
        problem=problem,
    )


def columns(text: str, name: str) -> dict[str, str]:
    """Return the code of the annotated names in a class."""
    return {
        ast.unparse(it.target): ast.unparse(it)
        for node in ast.parse(text).body
        if isinstance(node, ast.ClassDef) and node.name == name
        for it in node.body
        if isinstance(it, ast.AnnAssign)
    }


def factories() -> dict[str, str]:
    """Return the functions of the tests that make or store a row, with their module."""
    return {
        node.name: dotted(file)
        for file, text in modules("tests")
        if re.search("def (make|store)_", text)
        for node in ast.parse(text).body
        if isinstance(node, Function) and is_factory(node)
    }


def is_factory(function: Function) -> bool:
    """Return whether a function takes the columns of a row as keywords."""
    every = [it.arg for it in function.args.args]
    if isinstance(function, ast.AsyncFunctionDef):
        takes = function.name.startswith("store_") and every[:1] == ["session"]
    else:
        takes = function.name.startswith("make_") and not function.args.posonlyargs
    return takes and function.args.kwarg is not None


def dotted(file: Path) -> str:
    """Return the name of a module."""
    return ".".join(file.with_suffix("").parts)

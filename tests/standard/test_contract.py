"""`standards/contract.py` finds what breaks the clients of an API, and nothing else."""

import json
import subprocess
from copy import deepcopy
from typing import Any, cast

import pytest
import yaml

from extensions.questions import ROOT
from tests.support.fixture_types import Project

Document = dict[str, Any]
OLD: Document = yaml.safe_load((ROOT / "tests/data/contract.yml").read_text("utf-8"))
LIST, ONE = "paths./items.get", "paths./items/{id}.get"
POST = "paths./items.post"
BODY = "application/json"
CREATE, READ = "components.schemas.Create", "components.schemas.Read"
SCRIPT = """\
import json, sys
from standards.contract import breaks
print(json.dumps({name: breaks(*pair) for name, pair in json.load(sys.stdin).items()}))
"""
NULL, TEXT = {"type": "null"}, {"type": "string"}
PART, TREE = ({"$ref": f"#/components/schemas/{it}"} for it in ("Part", "Tree"))
HEADER = {"in": "header", "name": "shop", "required": True, "schema": TEXT}
# What changes (None: it is removed), and the lines that report it.
BREAKS: list[tuple[str, str, Any, list[str]]] = [
    ("path is gone", "paths./items/{id}", None, ["GET /items/{id}: is gone"]),
    ("method is gone", POST, None, ["POST /items: is gone"]),
    (
        "new required parameter",
        f"{LIST}.parameters.+",
        {"in": "query", "name": "shop", "required": True, "schema": TEXT},
        ["GET /items query shop: is required"],
    ),
    (
        "parameter becomes required",
        f"{LIST}.parameters.0.required",
        True,
        ["GET /items query limit: is required"],
    ),
    (
        "parameter is gone",
        f"{LIST}.parameters.0",
        None,
        ["GET /items query limit: is gone"],
    ),
    (
        "parameter moves into the path",
        f"{LIST}.parameters.0.in",
        "path",
        ["GET /items query limit: is gone"],
    ),
    (
        "lower maximum of a parameter",
        f"{LIST}.parameters.0.schema.maximum",
        50,
        ["GET /items query limit: maximum is 50, was 100"],
    ),
    (
        "new required field",
        f"{CREATE}.required",
        ["name", "price"],
        ["request Create price: is required"],
    ),
    (
        "field becomes required",
        f"{CREATE}.required",
        ["name", "note"],
        ["request Create note: is required"],
    ),
    (
        "field of a closed request is gone",
        f"{CREATE}.properties.note",
        None,
        ["request Create note: is gone"],
    ),
    (
        "type of a field changes",
        f"{CREATE}.properties.count.type",
        "string",
        ["request Create count: no longer accepts integer"],
    ),
    (
        "number becomes integer",
        f"{CREATE}.properties.weight.type",
        "integer",
        ["request Create weight: no longer accepts number"],
    ),
    (
        "null is no longer accepted",
        f"{CREATE}.properties.note.anyOf",
        [TEXT],
        ["request Create note: no longer accepts null"],
    ),
    (
        "member of an enum is gone",
        f"{CREATE}.properties.kind.enum",
        ["a"],
        ["request Create kind: no longer accepts b"],
    ),
    (
        "text becomes an enum",
        f"{CREATE}.properties.name",
        {"enum": ["x"]},
        ["request Create name: no longer accepts string"],
    ),
    (
        "shorter text",
        f"{CREATE}.properties.name.maxLength",
        60,
        ["request Create name: maxLength is 60, was 120"],
    ),
    (
        "longer minimum",
        f"{CREATE}.properties.name.minLength",
        3,
        ["request Create name: minLength is 3, was 1"],
    ),
    (
        "new pattern",
        f"{CREATE}.properties.name.pattern",
        "^x",
        ["request Create name: pattern is ^x, was None"],
    ),
    (
        "new format",
        f"{CREATE}.properties.name.format",
        "email",
        ["request Create name: format is email, was None"],
    ),
    (
        "narrower elements of a list",
        f"{CREATE}.properties.tags.items.maxLength",
        10,
        ["request Create tags[]: maxLength is 10, was inf"],
    ),
    (
        "narrower values of a mapping",
        f"{CREATE}.properties.extra.additionalProperties.type",
        "integer",
        ["request Create extra[]: no longer accepts string"],
    ),
    (
        "narrower part of allOf",
        "components.schemas.Part.properties.size.maximum",
        3,
        ["request Part size: maximum is 3, was inf"],
    ),
    (
        "narrower recursive schema",
        "components.schemas.Tree.properties.depth.maximum",
        3,
        ["request Tree depth: maximum is 3, was inf"],
    ),
    (
        "another media type of a request",
        f"{POST}.requestBody.content",
        {"text/csv": {}},
        ["POST /items body application/json: is gone"],
    ),
    (
        "a body is required",
        f"{LIST}.requestBody",
        {"required": True, "content": {}},
        ["GET /items body: is required"],
    ),
    (
        "another status",
        f"{POST}.responses",
        {"200": {"description": ""}},
        ["POST /items 201 application/json: is gone"],
    ),
    (
        "field of a response is gone",
        f"{READ}.properties.id",
        None,
        ["response Read id: is gone"],
    ),
    (
        "optional field of a response is gone",
        f"{READ}.properties.note",
        None,
        ["response Read note: is gone"],
    ),
    (
        "field of a response becomes optional",
        f"{READ}.required",
        ["kind"],
        ["response Read id: may be missing"],
    ),
    (
        "response may be null",
        f"{READ}.properties.id",
        {"anyOf": [{"type": "string", "format": "uuid"}, NULL]},
        ["response Read id: may be null"],
    ),
    (
        "type of a response changes",
        f"{READ}.properties.id.type",
        "integer",
        ["response Read id: may be integer"],
    ),
    (
        "format of a response is gone",
        f"{READ}.properties.id.format",
        None,
        ["response Read id: format is None, was uuid"],
    ),
    (
        "wider enum of a response",
        f"{READ}.properties.kind.enum",
        ["a", "b", "c"],
        ["response Read kind: may be c"],
    ),
    (
        "integer becomes number in a response",
        f"{READ}.properties.count.type",
        "number",
        ["response Read count: may be number"],
    ),
    (
        "another media type of a response",
        f"{ONE}.responses.200.content",
        {"text/csv": {}},
        ["GET /items/{id} 200 application/json: is gone"],
    ),
    (
        "another shape of a response",
        f"{LIST}.responses.200.content.{BODY}.schema",
        {"$ref": "#/components/schemas/Read"},
        ["response Read: may be object"],
    ),
    (
        "error code is gone",
        "components.schemas.Problem.properties.error.enum",
        ["not_found"],
        ["error Problem error: forbidden is gone"],
    ),
    (
        "login is required",
        f"{LIST}.security",
        [{"Bearer": []}],
        ["GET /items credentials Bearer: is required"],
    ),
    (
        "another scope is required",
        f"{POST}.security",
        [{"Bearer": ["write"]}],
        ["POST /items credentials Bearer write: is required"],
    ),
    (
        "new security scheme",
        f"{POST}.security",
        [{"Bearer": [], "Key": []}],
        ["POST /items credentials Key: is required"],
    ),
    (
        "documented error is gone",
        f"{ONE}.responses.404",
        None,
        ["GET /items/{id} 404 application/problem+json: is gone"],
    ),
    (
        "default is gone",
        f"{LIST}.parameters.0.schema.default",
        None,
        ["GET /items query limit: default is none, was 20"],
    ),
    (
        "default changes",
        f"{LIST}.parameters.0.schema.default",
        50,
        ["GET /items query limit: default is 50, was 20"],
    ),
    (
        "new required header",
        f"{LIST}.parameters.+",
        HEADER,
        ["GET /items header shop: is required"],
    ),
    (
        "higher minimum",
        f"{LIST}.parameters.0.schema.minimum",
        5,
        ["GET /items query limit: minimum is 5, was 1"],
    ),
    (
        "other elements",
        f"{CREATE}.properties.tags.items.type",
        "integer",
        ["request Create tags[]: no longer accepts string"],
    ),
    (
        "other fields are rejected",
        "components.schemas.Tree.additionalProperties",
        False,
        ["request Tree[]: is gone"],
    ),
    (
        "part of a union is gone",
        f"{CREATE}.properties.shape.oneOf",
        [PART],
        [
            "request Tree children: is gone",
            "request Tree depth: is gone",
            "request Tree[]: is gone",
        ],
    ),
    (
        "new part of a union in a response",
        f"{READ}.properties.owner.oneOf",
        [PART, TREE],
        ["response Tree size: is gone"],
    ),
    (
        "another pattern",
        f"{CREATE}.properties.code.pattern",
        "^[A-F]+$",
        ["request Create code: pattern is ^[A-F]+$, was ^[A-Z]+$"],
    ),
    (
        "format changes",
        f"{ONE}.parameters.0.schema.format",
        "date",
        ["GET /items/{id} path id: format is date, was uuid"],
    ),
    (
        "element of a tuple changes",
        f"{CREATE}.properties.place.prefixItems.1.type",
        "string",
        ["request Create place 1: no longer accepts integer"],
    ),
    (
        "field is renamed",
        f"{READ}.properties",
        {"id": TEXT, "kind": TEXT, "amount": TEXT},
        [
            "response Read count: is gone",
            "response Read id: format is None, was uuid",
            "response Read kind: may be string",
            "response Read note: is gone",
            "response Read owner: is gone",
        ],
    ),
]
COMPATIBLE: list[tuple[str, str, Any]] = [
    ("nothing", "info.version", "2"),
    ("new path", "paths./lamps", {"get": {"responses": {}}}),
    ("new method", "paths./items.put", {"responses": {}}),
    (
        "new optional parameter",
        f"{LIST}.parameters.+",
        {"in": "query", "name": "q", "schema": TEXT},
    ),
    ("new optional field", f"{CREATE}.properties.color", TEXT),
    ("field is no longer required", f"{CREATE}.required", []),
    ("longer text", f"{CREATE}.properties.name.maxLength", 200),
    ("no pattern", f"{CREATE}.properties.code.pattern", None),
    ("wider enum of a request", f"{CREATE}.properties.kind.enum", ["a", "b", "c"]),
    ("no enum in a request", f"{CREATE}.properties.kind", TEXT),
    ("integer becomes number", f"{CREATE}.properties.count.type", "number"),
    ("null is accepted", f"{CREATE}.properties.name", {"anyOf": [TEXT, NULL]}),
    (
        "null by a list of types",
        f"{CREATE}.properties.note",
        {"type": ["string", "null"]},
    ),
    ("open request", f"{CREATE}.additionalProperties", None),
    ("minimum that restricts nothing", f"{CREATE}.properties.code.minLength", 0),
    ("new field of a response", f"{READ}.properties.color", TEXT),
    ("field of a response is always there", f"{READ}.required", ["id", "kind", "note"]),
    (
        "narrower enum of a response",
        f"{READ}.properties.kind",
        {"const": "a", "type": "string"},
    ),
    ("new status of an error", f"{ONE}.responses.409", {"description": "Conflict"}),
    ("refusal that is gone", f"{POST}.responses.401", None),
    (
        "new error code",
        "components.schemas.Problem.properties.error.enum",
        ["forbidden", "lamp_not_found", "not_found"],
    ),
    ("login is no longer required", f"{POST}.security", []),
    ("login is optional", f"{POST}.security", [{}, {"Bearer": []}]),
    ("another operation ID", f"{ONE}.operationId", "read"),
]


def changed(path: str, value: Any) -> Document:
    """Return the schema with another value at a path; `+` appends to a list."""
    document = deepcopy(OLD)
    node: Any = document
    *parents, last = path.split(".")
    for key in parents:
        node = node[int(key) if isinstance(node, list) else key]
    if last == "+":
        node.append(value)
    elif value is None:
        del node[int(last) if isinstance(node, list) else last]
    else:
        node[last] = value
    return document


@pytest.fixture(scope="module")
def found(project: Project) -> dict[str, list[str]]:
    """Compare all pairs of schemas in one process, in which the project is imported."""
    changes = [*(it[:3] for it in BREAKS), *COMPATIBLE]
    pairs = {name: [OLD, changed(path, value)] for name, path, value in changes}
    pairs["back"] = pairs["part of a union is gone"][::-1]
    done = subprocess.run(
        [".venv/bin/python", "-c", SCRIPT],
        cwd=project(),
        input=json.dumps(pairs),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return cast("dict[str, list[str]]", json.loads(done.stdout))


@pytest.mark.parametrize(("name", "lines"), [(it[0], it[3]) for it in BREAKS])
def test_break_is_found(
    name: str, lines: list[str], found: dict[str, list[str]]
) -> None:
    assert found[name] == lines


@pytest.mark.parametrize("name", [it[0] for it in COMPATIBLE])
def test_compatible_change_passes(name: str, found: dict[str, list[str]]) -> None:
    assert found[name] == []


def test_new_part_of_a_union_passes_in_requests(found: dict[str, list[str]]) -> None:
    assert found["back"] == []

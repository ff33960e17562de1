"""Check `openapi.json`, the schema of the API, or write it: `make openapi`.

A change breaks clients if the new API rejects what the old one accepts, or responds
what the old one does not: `breaks(old, new)` lists such changes.
"""

import argparse
import json
import os
import sys
import warnings
from collections.abc import Iterator
from functools import reduce
from math import inf
from operator import getitem
from typing import Any

from app.main import create_app
from standards.project import ROOT, read_base
from tests.factories import make_settings

Schema = dict[str, Any]
NAME = "openapi.json"
# The part of the file with breaks that are wanted, and their reasons.
ACCEPTED = "x-accepted-breaks"
# Keywords that limit a value, and the limit where there is none.
MAXIMA = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")
LIMITS: Schema = {
    **dict.fromkeys(MAXIMA, inf),
    **dict.fromkeys(("minimum", "exclusiveMinimum"), -inf),
    **dict.fromkeys(("minLength", "minItems", "minProperties"), 0),
    **dict.fromkeys(("pattern", "format", "multipleOf", "uniqueItems")),
}
# An operation that stops responding these accepts more requests.
REFUSALS = (" 401", " 403", " 422")


def link(document: Schema) -> Schema:
    """Return a copy in which each reference has the part that it names."""
    references: list[Schema] = []

    def collect(node: Schema) -> Schema:
        references.extend([node] if "$ref" in node else [])
        return node

    copy: Schema = json.loads(json.dumps(document), object_hook=collect)
    for node in references:
        path = node.pop("$ref").removeprefix("#/").split("/")
        node |= {"name": path[-1], "allOf": [reduce(getitem, path, copy)]}
    return copy


def resolve(node: Schema) -> Schema:
    """Merge the parts of `allOf`."""
    merged: Schema = {"properties": {}, "required": []}
    for part in (*map(resolve, node.get("allOf", ())), node):
        fields = merged["properties"] | part.get("properties", {})
        required = [*merged["required"], *part.get("required", ())]
        merged |= part | {"properties": fields, "required": required}
    return merged


def alternatives(node: Schema) -> Iterator[Schema]:
    """Split a schema into parts of one type each, and an enum into its values."""
    schema = resolve(node)
    parts = [*schema.get("anyOf", ()), *schema.get("oneOf", ())]
    values = [schema["const"]] if "const" in schema else schema.get("enum", ())
    types = schema.get("type", "any")
    for part in parts:
        yield from alternatives(part)
    for one in () if parts else [types] if isinstance(types, str) else types:
        yield from ({"type": one, "const": value} for value in values)
        yield from () if values else ({**schema, "type": one},)


def children(schema: Schema) -> dict[str, Schema]:
    """Return the schemas of the fields or elements of a value, by their place."""
    found = {f" {name}": it for name, it in schema["properties"].items()}
    found |= {f" {n}": it for n, it in enumerate(schema.get("prefixItems", ()))}
    rest = {"object": "additionalProperties", "array": "items"}.get(schema["type"])
    if rest and (others := schema.get(rest, True)) is not False:
        found["[]"] = {} if others is True else others
    return found


def compare(
    kind: str, given: Schema, taken: Schema, where: str = "", *seen: tuple[int, int]
) -> Iterator[str]:
    """Yield why some values of one schema do not fit the other."""
    pair = (id(given), id(taken))
    if pair in seen:
        return
    was, now = (resolve(it).get("default", "none") for it in (given, taken))
    if kind == "request" and was not in ("none", now):
        yield f"{where}: default is {now}, was {was}"
    sent, accepted = [*alternatives(given)], [*alternatives(taken)]
    for one in sent:
        at = f"{kind} {one['name']}" if one.get("name") and one["properties"] else where
        types = ("any", one["type"], one["type"].replace("integer", "number"))
        value = one.get("const", ...)
        fitting = [it for it in accepted if it["type"] in types]
        fitting = [it for it in fitting if it.get("const", value) == value]
        tries = [[*compare_parts(kind, one, it, at, *seen, pair)] for it in fitting]
        if tries:
            yield from min(tries, key=len)
        elif kind != "error" or value is ...:
            verb = "no longer accepts" if kind == "request" else "may be"
            yield f"{at}: {verb} {one.get('const', one['type'])}"
    # Clients know an unknown error code by its status, but wait for a known one.
    codes = [it for it in accepted if kind == "error" and "const" in it]
    yield from (f"{where}: {it['const']} is gone" for it in codes if it not in sent)


def compare_parts(
    kind: str, given: Schema, taken: Schema, where: str, *seen: tuple[int, int]
) -> Iterator[str]:
    """Compare two schemas of the same type."""
    if "const" in given or taken["type"] == "any":
        return
    is_request = kind == "request"
    for word, free in LIMITS.items():
        value, limit = ({**LIMITS, **it}[word] for it in (given, taken))
        is_less = free is None or (limit < value) == (free == inf)
        if is_less and limit not in (None, value):
            new, old = (limit, value) if is_request else (value, limit)
            yield f"{where}: {word} is {new}, was {old}"
    has, wants = children(given), children(taken)
    for name in {*taken["required"]} - {*given["required"]}:
        if is_request or name in given["properties"]:
            state = "is required" if is_request else "may be missing"
            yield f"{where} {name}: {state}"
    for place in has.keys() & wants.keys():
        at = f"{where}{place}".strip()
        yield from compare(kind, has[place], wants[place], at, *seen)
    lost = wants.keys() - has.keys() - {"[]"}
    if is_request:
        lost = {*()} if "[]" in wants else has.keys() - wants.keys()
    for place in lost:
        if not place.startswith(REFUSALS):
            yield f"{where}{place}: is gone".strip()


def request(operation: Schema) -> Schema:
    """Return one schema of all that a client sends: credentials, parameters, body."""
    ways: list[dict[str, list[str]]] = operation.get("security") or [{}]
    scopes = [
        [f"{it} {one}".strip() for it in way for one in ("", *way[it])] for way in ways
    ]
    credentials = [{"type": "object", "required": it} for it in scopes]
    body: Schema = operation.get("requestBody", {})
    fields = contents("body", body) | {"credentials": {"anyOf": credentials}}
    required = ["body"] if body.get("required") else []
    for it in operation.get("parameters", ()):
        place = f"{it['in']} {it['name']}"
        fields[place] = it.get("schema", {})
        required += [place] if it.get("required") else []
    return {"type": "operation", "properties": fields, "required": required}


def contents(name: str, node: Schema) -> Schema:
    """Return the schemas of a body by its name and its media types."""
    media: Schema = node.get("content", {})
    return {f"{name} {kind}": media[kind].get("schema", {}) for kind in media}


def describe(document: Schema, kind: str) -> Schema:
    """Return one schema of all requests, of all responses, or of all errors."""
    found: Schema = {}
    for path, item in document["paths"].items():
        for method, operation in item.items():
            fields: Schema = {}
            for status, node in operation["responses"].items():
                if (status[0] in "45") == (kind == "error"):
                    fields |= contents(status, node) or {status: {}}
            one = {"type": "operation", "properties": fields}
            one = request(operation) if kind == "request" else one
            found[f"{method.upper()} {path}"] = one
    return {"type": "operation", "properties": found}


def breaks(old: Schema, new: Schema) -> list[str]:
    """Return what a client of the old API can no longer rely on, a line each."""
    was, now = link(old), link(new)
    sides = {"request": (was, now), "response": (now, was), "error": (now, was)}
    found: set[str] = set()
    for kind, (given, taken) in sides.items():
        found.update(compare(kind, describe(given, kind), describe(taken, kind)))
    return sorted(found)


def read(text: str) -> tuple[Schema, dict[str, str]]:
    """Return a schema and its accepted breaks: empty ones of a file with conflicts."""
    schema: Schema = {} if "\n=======\n" in text else json.loads(text or "{}")
    return schema, schema.pop(ACCEPTED, {})


def main(arguments: list[str]) -> int:
    """Check the schema, or write it; return 1 if the check fails."""
    parser = argparse.ArgumentParser(prog="make openapi", description=__doc__)
    parser.add_argument("--write", action="store_true", help="write openapi.json")
    parser.add_argument("--accept", action="store_true", help="accept all breaks")
    options, reason = parser.parse_args(arguments), os.environ.get("REASON", "")
    if options.accept and not reason.strip():
        parser.error('the reason is missing: make openapi ARGS=--accept REASON="…"')
    # FastAPI warns of two operations with one ID.
    warnings.simplefilter("error", UserWarning)
    file, schema = ROOT / NAME, create_app(make_settings()).openapi()
    committed, accepted = read(file.read_text("utf-8") if file.exists() else "")
    base, earlier = read(read_base(NAME))
    found = breaks(base, schema) if base else [*accepted]
    # An entry that the base has as well was for an earlier change.
    kept = {it: accepted[it] for it in found if it in accepted and it not in earlier}
    kept |= dict.fromkeys({*found} - {*kept}, reason) if options.accept else {}
    lines = [f"breaks clients: {it}" for it in found if it not in kept]
    if options.write:
        written = schema | ({ACCEPTED: kept} if kept else {})
        text = json.dumps(written, ensure_ascii=False, indent=2)
        file.write_text(f"{text}\n", encoding="utf-8")
    elif committed != schema:
        lines.append("the code has another schema: run make openapi")
    print(*(f"{NAME}: {it}" for it in lines), sep="\n", end="\n" if lines else "")
    return int(bool(lines) and not options.write)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

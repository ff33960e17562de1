"""Sample values for the tests of a resource, as source text."""

from decimal import Decimal

from upkeep.resource.field_code import FieldCode

TEXTS = {"str": ("lamp", "torch"), "text": ("bright", "dark")}
NAMES = '["b", "a"]', '["c"]'


def json_value(code: FieldCode, number: int = 0) -> str:
    """Return the first or second sample of a field, as in a request body."""
    match code.kind:
        case "str" | "text":
            return f'"{text(code, number)}"'
        case "decimal":
            return f'"{decimal(code, number)}"'
        case "date":
            return f'"2026-01-0{number + 1}"'
        case "datetime":
            return f'"2026-01-0{number + 1}T12:00:00Z"'
        case "uuid" | "reference":
            return f"str({python_value(code, number)})"
        case "enum":
            return f'"{member(code, number)}"'
    return python_value(code, number)


def schema_value(code: FieldCode, number: int = 0) -> str:
    """Return a sample as in a request body, where no row is stored."""
    if code.kind == "reference":
        return f"str(UUID(int={number + 1}))"
    return json_value(code, number)


def python_value(code: FieldCode, number: int = 0) -> str:
    """Return the first or second sample of a field, as a value in Python."""
    match code.kind:
        case "int":
            return f"{number + 1}"
        case "float":
            return f"{number + 1}.5"
        case "decimal":
            return f'Decimal("{decimal(code, number)}")'
        case "bool":
            return f"{number == 0}"
        case "date":
            return f"{code.type}(2026, 1, {number + 1})"
        case "datetime":
            return f"{code.type}(2026, 1, {number + 1}, 12, tzinfo={code.utc})"
        case "uuid":
            return f"UUID(int={number + 1})"
        case "json":
            return f'{{"size": {number + 1}}}'
        case "enum":
            return f"{code.type}.{member(code, number).upper()}"
        case "names":
            return NAMES[number]
        case "reference":
            return code.target_id
    return f'"{text(code, number)}"'


def numbered_value(code: FieldCode) -> str:
    """Return an expression for the value of a row in a list, by its `number`."""
    match code.kind:
        case "str":
            return 'f"lamp {number}"' if code.field.length >= 6 else "str(number)"
        case "int":
            return "number"
        case "float":
            return "number / 2"
        case "decimal":
            scale = code.field.scale
            return f"Decimal(number).scaleb(-{scale})" if scale else "Decimal(number)"
        case "bool":
            return "number == 1"
        case "date":
            return f"{code.type}(2026, 1, number)"
        case "datetime":
            return f"{code.type}(2026, 1, number, tzinfo={code.utc})"
        case "uuid":
            return "UUID(int=number)"
        case "enum":
            first, last = python_value(code, 0), python_value(code, 1)
            return first if first == last else f"{first} if number == 1 else {last}"
        case "names":
            return f"[{numbered_name(code)}] if number == 1 else []"
        case "reference" if code.field.unique:
            return f"{code.target_id} if number == 1 else None"
    return python_value(code)


def numbered_name(code: FieldCode) -> str:
    """Return the name that a list of names has in the first row."""
    return f'"{"warm"[:code.field.length]}"'


def filtered(code: FieldCode) -> tuple[str, str]:
    """Return a query by a field of `numbered_value`, and the numbers that it finds."""
    found = "[1]"
    match code.kind:
        case "bool":
            value = "True"
        case "names":
            value = numbered_name(code)
        case "reference":
            value = f"str({code.target_id})"
            found = "[1]" if code.field.unique else "[1, 2, 3]"
        case _:
            value = json_value(code)
            if python_value(code, 0) == python_value(code, 1):
                found = "[1, 2, 3]"
    return f'{{"{code.filter}": {value}}}', found


def search(code: FieldCode) -> str:
    """Return a part of the text that `numbered_value` gives the first row."""
    return '"P 1"' if code.field.length >= 6 else '"1"'


def invalid_values(code: FieldCode) -> list[str]:
    """Return values that a field rejects, as in a request body."""
    longest = {"str": code.field.length, "text": 10_000}.get(code.kind, 0)
    found = {
        "str": ['""', f'"x" * {longest + 1:_}', '"\\u202e"'],
        "text": [f'"x" * {longest + 1:_}', '"\\0"'],
        "int": ["2**31", '"1"', "1.5"],
        "float": ["True", '"1"'],
        "decimal": [f'"{"9" * (code.field.precision + 1)}"', '"NaN"'],
        "bool": ["1", '"true"'],
        "date": ['"2026-02-30"'],
        "datetime": ['"2026-01-01T12:00:00"'],
        "uuid": ['"7"'],
        "reference": ['"7"'],
        "json": ['"size"', '{"size": float("nan")}', '["\\ud800"]'],
        "enum": ['"unknown"'],
        "names": ["[str(number) for number in range(51)]", '[""]'],
    }[code.kind]
    return found if code.field.optional else [*found, "None"]


def text(code: FieldCode, number: int) -> str:
    """Return a text that a field is long enough for."""
    sample = TEXTS[code.kind][number]
    fits = code.kind == "text" or len(sample) <= code.field.length
    return sample if fits else sample[0]


def decimal(code: FieldCode, number: int) -> str:
    """Return a decimal with as many digits as it is stored with."""
    scale = code.field.scale
    if scale == 0:
        return f"{number + 1}"
    if scale == code.field.precision:
        return f"0.{number + 1:0{scale}}"
    return f"{number + 1}.{'5'.ljust(scale, '0')}"


def member(code: FieldCode, number: int) -> str:
    """Return the first or the last value of an enum."""
    return code.field.members[-number]


def zero(code: FieldCode) -> str:
    """Return the decimal zero with the places of its column, as Python shows it."""
    return str(Decimal(0).scaleb(-code.field.scale))

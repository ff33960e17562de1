"""Reads a file of answers, and validates names, types and duplicates."""

from pathlib import Path

import yaml
from yaml.constructor import ConstructorError

from extensions.questions import Question, questions
from extensions.refusals import RefusalError
from extensions.rendering import Answers


class _Loader(yaml.SafeLoader):
    """A YAML loader that rejects duplicate keys, which PyYAML accepts."""

    def construct_mapping(
        self, node: yaml.MappingNode, deep: bool = False
    ) -> dict[object, object]:
        """Construct a mapping. Raises ConstructorError for a duplicate key."""
        names = [key.value for key, _ in node.value]
        for name in names:
            if names.count(name) > 1:
                problem = f"{name} is answered twice: keep one of them"
                raise ConstructorError(problem=problem)
        return super().construct_mapping(node, deep)


def read_answers(name: str) -> Answers:
    """Return the answers in a file, or none without a file. Raises RefusalError."""
    if not name:
        return {}
    try:
        text = Path(name).expanduser().read_text(encoding="utf-8")
        answers = _Loader(text).get_single_data()
    except (OSError, ValueError, yaml.YAMLError) as error:
        reason = getattr(error, "strerror", None) or getattr(error, "problem", None)
        raise RefusalError(f"{name}: {reason or 'not a YAML file'}") from error
    if answers is None:
        return {}
    if not isinstance(answers, dict):
        raise RefusalError(f"{name}: write one `question: answer` a line")
    if wrong := _objections(answers):
        raise RefusalError(f"{name}: {'; '.join(wrong)}")
    return answers


def _objections(answers: Answers) -> list[str]:
    """Return the errors in names and types; Copier validates the values."""
    asked = {name: one for name, one in questions().items() if one.asked}
    if unknown := [str(name) for name in answers if name not in asked]:
        known = ", ".join(asked)
        return [f"no question is called {', '.join(unknown)}; they are {known}"]
    return [
        f"{name} is {_wanted(asked[name])}"
        for name, answer in answers.items()
        if not _fits(asked[name], answer)
    ]


def _fits(question: Question, answer: object) -> bool:
    """Return whether a value has the question's type; a version may be a number."""
    kinds = (str, int) if question.kind == "bool" else (str,)
    return isinstance(answer, kinds) or str(answer) in question.choices


def _wanted(question: Question) -> str:
    """Return the error message for a value of another type."""
    if question.kind == "bool":
        return "neither yes nor no: enter yes or no"
    if question.choices:
        return f"no text: enter one of {', '.join(question.choices)}"
    return f'no text: enter it in quotes, as in {question.name}: "…"'

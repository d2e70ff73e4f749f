"""The decision input is checked, closed and complete, before any engine is asked."""

from __future__ import annotations

import copy
import random
from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest

from policies import decision_input
from policies.agreements import load
from tests.unit.policies import corpus

CLAUSES = [clause for agreement in load() for clause in agreement["clauses"]]
QUESTION = corpus.question(random.Random(1), CLAUSES)


def spoiled(value: Any) -> Iterator[Any]:
    """Give every input that differs from a valid one in the type of one member, or lacks one."""
    if isinstance(value, dict):
        for name in value:
            yield {key: item for key, item in value.items() if key != name}
            yield {**value, name: None}
            yield {**value, name: [value[name]]}
            yield {**value, "extra": 1, name: value[name]}
            for worse in spoiled(value[name]):
                yield {**value, name: worse}
    else:
        yield {"value": value}
        yield "x" * 3000
        yield 1.5
        yield -1
        yield "\ud800"


def test_questions_of_the_corpus_are_valid() -> None:
    """What the gate asks passes."""
    draw = random.Random(2)
    assert all(decision_input.validate(corpus.question(draw, CLAUSES)) for _ in range(100))


def test_one_wrong_member_is_enough() -> None:
    """Each member, left out, retyped or joined by a stranger, spoils the whole."""
    documents = list(spoiled(QUESTION))
    assert len(documents) > 200
    assert not [one for one in documents if decision_input.validate(one)]


def test_the_check_agrees_with_the_published_schema() -> None:
    """The compiled check and a JSON Schema validator say the same of valid and spoiled inputs."""
    validator = jsonschema.Draft202012Validator(decision_input.schema())
    for document in [QUESTION, *spoiled(QUESTION)]:
        if "\\ud800" not in ascii(document):  # no text at all, which JSON Schema cannot say
            assert validator.is_valid(document) is decision_input.validate(document)


def test_true_is_not_a_number_and_one_is_not_true() -> None:
    """JSON tells them apart, so do we."""
    document = copy.deepcopy(QUESTION)
    document["now"]["epoch_day"] = True
    assert not decision_input.validate(document)
    document = copy.deepcopy(QUESTION)
    document["record"]["exists"] = 1
    assert not decision_input.validate(document)


@pytest.mark.parametrize("value", [None, [], "", 0, {}, {"record": {}}])
def test_anything_else_is_refused_without_an_error(value: Any) -> None:
    """The check never raises."""
    assert not decision_input.validate(value)


@pytest.mark.parametrize(
    "node",
    [
        {"type": "string", "maxLength": 3, "pattern": "x"},
        {"type": "object", "properties": {"a": {"type": "boolean"}}, "required": [],
         "additionalProperties": False},
        {"type": "object", "properties": {}, "required": [], "additionalProperties": True},
    ],
)  # fmt: skip
def test_a_schema_that_the_check_cannot_keep_is_refused(node: dict[str, Any]) -> None:
    """An open object or an unknown keyword would be checked less than it says."""
    with pytest.raises(ValueError, match=r"check does not know|closed and complete"):
        decision_input._compiled(node, {})


def test_authorities_are_data() -> None:
    """Police are both kinds of authority, a monitor neither, an unheard-of type neither."""
    assert decision_input.authority("police") == (True, True)
    assert decision_input.authority("nhs") == (True, False)
    assert decision_input.authority("monitor") == (False, False)
    assert decision_input.authority("circus") == (False, False)

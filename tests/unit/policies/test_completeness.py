"""An agreement is held against the contents that a regulator would look for."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from policies.agreements import Agreement, load
from policies.agreements.completeness import GOVERNED, missing
from policies.agreements.language import read, write


@pytest.mark.parametrize("agreement", load(), ids=lambda one: str(one["id"]))
def test_nothing_is_missing_in_what_ships(agreement: Agreement) -> None:
    """They are examples to write after."""
    assert missing(agreement) == ()


def _set(**values: Any) -> Callable[[Agreement], None]:
    return lambda agreement: agreement.update(values)


def _unreasoned(agreement: Agreement) -> None:
    agreement["clauses"][1]["justification"] = False


def _for_everybody(agreement: Agreement) -> None:
    agreement["clauses"][1]["recipients"] = {
        "agencies": ["*"], "agency_types": ["*"], "roles": ["*"]
    }  # fmt: skip


def _unreachable(agreement: Agreement) -> None:
    agreement["contacts"][0]["reach"] = "ask around"


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (_set(purpose="tbc"), "Purpose: it does not say what"),
        (_set(parties=["Police"]), "Organisations: an agreement names at least two parties"),
        (_set(controllers="To be settled between us."), "Controllers: it does not say who"),
        (_set(gateway="TBC"), "Legal power: it does not name the law"),
        (_set(article_6=[]), "Lawful basis: none is stated"),
        (_set(article_9=["none"]), "Special category data: clauses release"),
        (_set(review="2029-01-01"), "Review: the first review is 45 months after the start"),
        (_set(review="2036-03-31"), "Review: it falls on the last day"),
        (_set(examples=[]), "Examples: the agreement has no example"),
        (_unreasoned, "Access: clause 2 tells who a person is and asks for no reason"),
        (_for_everybody, "Data items: clause 2 lets anyone at any agency"),
        (_unreachable, "Contacts: number 1 cannot be reached as written"),
    ],
)
def test_what_is_missing_is_named_with_the_sentence_that_mends_it(
    spoil: Callable[[Agreement], None], said: str
) -> None:
    """One line for each thing."""
    agreement = copy.deepcopy(load()[0])
    spoil(agreement)
    lines = missing(agreement)
    (line,) = [one for one in lines if one.startswith(said)]
    assert "“" in line or "Name an earlier one" in line


SAID_ABOVE: dict[str, dict[str, Any]] = {
    "They must be a member of the case.": {"case_member": True},
    "It covers only records that came from their own agency.": {"relation": "own"},
    "It leaves out records about children.": {"exclude.children": True},
    "Consent must be recorded for housing.": {"consent": ["housing"]},
}


@pytest.mark.parametrize("heading", ["{}", "They may see alerts.\n{}", "They may see alerts {}"])
@pytest.mark.parametrize("sentence", SAID_ABOVE)
@pytest.mark.parametrize("stop", [".", ""])
def test_a_condition_that_stands_in_a_heading_alone_is_told(
    heading: str, sentence: str, stop: str
) -> None:
    """It reads as if it held; once the clause says it as well, nothing is odd."""
    agreement = copy.deepcopy(load()[0])
    clause = agreement["clauses"][0]
    clause["text"] = heading.format(sentence.removesuffix(".") + stop)
    (line,) = missing(agreement)
    assert line.startswith(f"Data items: the heading of clause 1 has “{sentence}”")
    for path, value in SAID_ABOVE[sentence].items():
        *outer, name = path.split(".")
        (clause[outer[0]] if outer else clause)[name] = value
    assert missing(agreement) == ()


def test_an_indented_condition_is_told_and_the_same_one_at_the_margin_is_none() -> None:
    """As officers lay out a clause."""
    text = write(load()[0])
    heading = "  incidents behind them, without identities.\n"
    indented = text.replace(heading, f"{heading}  They must be a member of the case.\n", 1)
    assert indented != text
    (line,) = missing(read(indented))
    assert "They must be a member of the case." in line
    at_margin = text.replace(heading, f"{heading}They must be a member of the case.\n", 1)
    assert missing(read(at_margin)) == ()


@pytest.mark.parametrize("name", sorted(GOVERNED))
def test_each_part_of_governance_must_say_something(name: str) -> None:
    """Two words are not an arrangement."""
    agreement = copy.deepcopy(load()[0])
    agreement["governance"][name] = "As usual."
    (line,) = missing(agreement)
    assert line.startswith("Governance: “On ")

"""New parameters take effect on a word: everything known is linked anew, in memory."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from processors.linkage import figures
from processors.linkage.agent import LinkageCore
from processors.linkage.matcher import Matcher
from processors.linkage.parameters import Parameters, ParametersError, load
from processors.log import LogRecord
from schemas.codec import encode
from tests.unit.processors.linkage.builders import (
    NOON,
    in_clear,
    incident,
    matched,
    person,
    ruling,
    together,
)

HOME = {"house": "12", "street": "Mill Road", "locality": "Dunmoor", "postcode": "CX5 1AA"}
RUTH = person(given_names="Ruth", family_name="Abelson", date_of_birth="1950-10-09", **HOME)
NEAR = person(given_names="Ruth", family_name="Abelson", **HOME)
INCIDENTS = [incident(at, RUTH if at % 2 else NEAR) for at in range(6)]


def sceptical() -> Parameters:
    """Parameters under which persons are so rare that nothing is linked."""
    return dataclasses.replace(load(), version="sceptical", persons=1e-30)


def relink_record(at: int) -> LogRecord:
    """The operator's word."""
    value: Any = {**ruling("", "", "relink", at), "by": "operator"}
    return LogRecord("hub.link-review.v1", 0, at, "", value, NOON)


def told(core: LinkageCore, *values: Any) -> None:
    """Let a core take these incidents."""
    for at, value in enumerate(values):
        core.apply(LogRecord("hub.incident.v1", 0, at, "", value, NOON))


def test_a_relinked_matcher_is_a_fresh_one() -> None:
    """Byte for byte, decisions included."""
    lived = matched(*INCIDENTS)
    lived.decide(ruling("inc_001#0", "inc_003#0", "different"))
    lived.apply(incident(5, version=2, retracted=True))
    seen: list[int] = []
    relinked = lived.relinked(sceptical(), seen.append)
    fresh = Matcher(sceptical(), in_clear)
    fresh.decide(ruling("inc_001#0", "inc_003#0", "different"))
    for each in (*INCIDENTS[:5], incident(5, version=2, retracted=True)):
        fresh.apply(each)
    states = [[encode("entity.v1", one) for one in made.entities()] for made in (relinked, fresh)]
    assert states[0] == states[1]
    assert seen == [1, 2, 3, 4, 5, 6]
    assert together(lived, 0, 2)
    assert not together(relinked, 0, 2)


def test_the_word_relinks_with_the_parameters_found_then() -> None:
    """Published is what differs: every person, under the new version."""
    found = [load()]
    core = LinkageCore(matched(), lambda: found[-1])
    told(core, *INCIDENTS)
    core.changes(whole=True)
    found.append(sceptical())
    core.apply(relink_record(9))
    changed = list(core.changes())
    assert {entity["parameters"] for entity in changed} == {"sceptical"}
    assert len([entity for entity in changed if entity["status"] == "live"]) == 6
    assert figures.RELINKED._value.get() == 6


def test_an_old_word_on_the_log_is_not_obeyed_again() -> None:
    """A worker that starts has read its parameters just now."""
    calls: list[int] = []

    def parameters() -> Parameters:
        calls.append(1)
        return load()

    core = LinkageCore(matched(), parameters)
    core.apply(relink_record(0))
    told(core, *INCIDENTS)
    core.changes(whole=True)
    core.changes()
    assert calls == []


@pytest.mark.parametrize("fault", [ParametersError("nonsense"), OSError("gone")])
def test_unusable_parameters_are_refused_and_nothing_changes(fault: Exception) -> None:
    """The worker goes on with those in force."""

    def broken() -> Parameters:
        raise fault

    core = LinkageCore(matched(), broken)
    told(core, *INCIDENTS)
    core.changes(whole=True)
    core.apply(relink_record(9))
    assert list(core.changes()) == []


def test_figures_count_what_an_operator_watches() -> None:
    """Mentions and links by agency, sizes, and the backlog."""
    made = matched(*INCIDENTS, incident(7, person(given_names="Zoe", family_name="Quill")))
    found = made.figures()
    assert found.mentions.total() == 7
    assert found.linked.total() == 6
    assert found.persons == {"6-10": 1, "1": 1}
    assert found.reviews == 0

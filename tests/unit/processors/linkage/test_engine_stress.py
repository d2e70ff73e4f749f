"""Crowds that must not slow the engine down or fool it: namesakes, a hostel, a busy person."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence

import pytest

from processors.linkage import blocking
from processors.linkage.engine.engine import DeadKey, Engine
from processors.linkage.engine.memory import EngineFull
from processors.linkage.parameters import load
from processors.linkage.scoring import Scorer
from tests.unit.processors.linkage.builders import groups, incident, live, matcher, person, words

SCORER = Scorer(load())
HOSTEL = {"house": "1", "street": "Harbour Road", "locality": "Dunmoor", "postcode": "CX5 9ZZ"}


def sign(number: int) -> bytes:
    """A place in the canonical order."""
    return random.Random(number).randbytes(16)


def holding(rows: Iterable[Sequence[int]], seed: int = 0) -> Engine:
    """An engine that has taken in these rows in some order, settled after each."""
    engine = Engine(SCORER.tables, capacity=2**15)
    numbered = list(enumerate(rows))
    random.Random(seed).shuffle(numbered)
    for number, row in numbered:
        engine.insert(SCORER.row(row), sign(number))
    return engine


def sizes(engine: Engine) -> list[int]:
    """Sizes of all clusters, largest first."""
    counts: dict[int, int] = {}
    for slot in range(len(engine)):
        counts[engine.label(slot)] = counts.get(engine.label(slot), 0) + 1
    return sorted(counts.values(), reverse=True)


def dead(engine: Engine) -> dict[str, DeadKey]:
    """The over-common keys by kind."""
    return {each.kind: each for each in engine.dead_keys()}


def resident(number: int) -> tuple[int, ...]:
    """Somebody who lives in the hostel, under a name and a birthday of their own."""
    chance = random.Random(number)
    syllables = ["ba", "do", "ki", "lu", "me", "no", "pa", "ri", "sa", "tu", "ve", "wo", "xi", "zo"]
    given, family = ("".join(chance.choices(syllables, k=4)) for _ in range(2))
    born = f"{chance.randint(1940, 2005)}-{chance.randint(1, 12):02}-{chance.randint(2, 28):02}"
    return words(given_names=given, family_name=family, date_of_birth=born, **HOSTEL)


def test_five_thousand_bare_namesakes_stay_apart() -> None:
    """Nobody is linked by a common name alone, and the name is listed as excluded."""
    engine = holding([words(given_names="John", family_name="Smith")] * 5_000)
    assert sizes(engine) == [1] * 5_000
    assert {kind: each.holders for kind, each in dead(engine).items()} == {
        "whole_name": 5_000,
        "whole_sound": 5_000,
        "family": 5_000,
    }
    assert engine.edges[0] == {}


def test_a_hostel_is_no_reason_to_link_its_residents() -> None:
    """Three thousand residents stay apart; two mentions of one of them still find each other."""
    rows = [resident(number) for number in range(3_000)]
    engine = holding([*rows, rows[7]])
    assert sizes(engine)[0] == 2
    assert sum(sizes(engine)[:40]) < 60
    assert dead(engine)["address"].holders == 3_001
    assert dead(engine)["address"].cap == blocking.CAPS["address"]
    assert "address" in engine.overcommon(0)


def test_a_person_of_two_thousand_mentions_is_one() -> None:
    """Under the same details, or one of a few others, however often: one entity, one row each."""
    ways = [
        person(given_names="Imran", family_name="Hussain", date_of_birth="1984-03-12", **HOSTEL),
        person(given_names="Imran", family_name="Hussein", date_of_birth="1984-03-12", **HOSTEL),
        person(full_name="Imran Hussain", date_of_birth="1984-03-12", phones=["07700 900123"]),
    ]
    made = matcher()
    for number in range(2_000):
        made.apply(incident(number, ways[number % 3]))
    (only,) = live(made)
    assert len(only["members"]) == 2_000
    assert len(groups(made)) == 1


@pytest.mark.parametrize("seed", [1, 2])
def test_a_key_dies_and_revives(seed: int) -> None:
    """Beyond its cap an address links nobody; once holders have gone it does so again."""
    cap = blocking.CAPS["address"]
    shown = {"given_names": "Ana", "house": "1", "street": "Harbour Road"}
    crowd = [
        words(family_name=f"Q{chr(97 + number % 26)}{chr(97 + number // 26)}zky", **shown)
        for number in range(cap + 1)
    ]
    engine = holding(crowd, seed)
    assert dead(engine)["address"].holders == cap + 1
    assert 0 in engine.reflagged()
    engine.remove(cap)
    engine.settle()
    assert "address" not in dead(engine)
    fewer = holding(crowd, seed)
    fewer.remove(cap)
    fewer.settle()
    assert sizes_of(engine, range(cap)) == sizes_of(fewer, range(cap))


def sizes_of(engine: Engine, slots: Iterable[int]) -> list[int]:
    """How many edges each of some rows has."""
    return [len(engine.edges[slot]) for slot in slots]


def test_a_coordinator_restores_a_value() -> None:
    """A restored key compares up to a higher cap, and the list says when it is over that too."""
    engine = holding([resident(number) for number in range(blocking.CAPS["address"] + 5)])
    key = dead(engine)["address"].key
    engine.restore(key)
    assert "address" not in dead(engine)
    assert engine.restored() == [key]
    for number in range(1_000, 1_000 + blocking.RESTORED):
        engine.insert(SCORER.row(resident(number)), sign(number))
    assert dead(engine)["address"].cap == blocking.RESTORED
    engine.unrestore(key)
    assert dead(engine)["address"].cap == blocking.CAPS["address"]


def test_ties_that_cannot_be_are_refused() -> None:
    """A row has no tie to itself, and what was never said cannot be taken back."""
    engine = holding([resident(1), resident(2)])
    with pytest.raises(ValueError, match="no such tie"):
        engine.tie(0, 0, "same")
    with pytest.raises(ValueError, match="no such tie"):
        engine.tie(0, 1, "same", off=True)


def test_a_large_component_is_joined_along_edges_and_respects_rulings() -> None:
    """Seventy look-alikes are one person, flagged; two ruled apart are in two clusters."""
    row = words(
        given_names="Imran", family_name="Qureshi", date_of_birth="1961-03-12",
        phones=["07700 900123"], emails=["imran.q@example.org"], **HOSTEL,
    )  # fmt: skip
    engine = Engine(SCORER.tables, capacity=1_000)
    for number in range(55):
        engine.add(SCORER.row(row), sign(number))
    (component,) = engine.settle()
    assert component.oversize
    assert len(component.clusters()) == 1
    engine.tie(3, 40, "different")
    (component,) = engine.settle()
    assert len(component.clusters()) == 2
    assert engine.label(3) != engine.label(40)


def test_two_people_may_be_named_together_very_often() -> None:
    """A tie is said once for each incident that names both, and taken back as often."""
    engine = holding([resident(1), resident(1)])
    for _ in range(5_000):
        engine.tie(0, 1, "distinct")
    engine.settle()
    assert engine.label(0) != engine.label(1)
    for _ in range(5_000):
        engine.tie(0, 1, "distinct", off=True)
    engine.settle()
    assert engine.label(0) == engine.label(1)


def test_a_full_engine_says_so() -> None:
    """No row is taken in beyond what was reserved."""
    engine = Engine(SCORER.tables, capacity=3)
    for number in range(3):
        engine.insert(SCORER.row(resident(number)), sign(number))
    with pytest.raises(EngineFull):
        engine.insert(SCORER.row(resident(9)), sign(9))
    engine.remove(1)
    engine.remove(0)
    engine.settle()
    assert len(engine) == 1

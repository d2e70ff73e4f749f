"""Comparison is symmetric, the kernel says what the reference says, and weights add up."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from processors.linkage import comparison, glance, kernels, levels, weighing
from processors.linkage.communities import Communities
from processors.linkage.entities import link
from processors.linkage.evidence import weigh
from processors.linkage.frequencies import Frequencies
from processors.linkage.parameters import Parameters, load
from processors.linkage.scoring import Scorer
from schemas.records import Person
from tests.unit.processors.linkage.builders import person, words

PARAMETERS = load()
STRANGE = replace(
    PARAMETERS,
    moved=0.3,
    frequencies=Frequencies(
        other=tuple(0.3 ** (number + 1) for number in range(len(levels.RARE))),
        common=(0.2, 0.2, *[0.0] * (len(levels.RARE) - 2)),
        communities=Communities(usual=5.0),
    ),
)
"""Parameters under which every value is rare or common."""

given_names = st.sampled_from(
    [None, "Imran", "Imran Ali", "Ali Imran", "I", "Mohammed", "Muhammad", "Kasia", "Katarzyna",
     "Katarzina", "Imrann", "Hussain", "Zoë", "Imran Ali Zoë Omar", "Omar Zoë Ali Imran",
     "Irfqn", "Imrna", "Omra", "Oma"]
)  # fmt: skip
family_names = st.sampled_from(
    [None, "Hussain", "Hussein", "Kowalska", "Kowalski", "Smith", "Smyth", "Smith-Jones", "Jones",
     "O'Brien", "Imran", "Husain-Shah", "Irfan"]
)  # fmt: skip
births = st.sampled_from(
    [None, "1984-03-12", "1984-12-03", "1984-03-13", "1985-03-12", "1984-04-12", "1994-05-12",
     "1984-01-01", "1984", "1984-03", "1950-07-30", "1984-06-25", "1983-04-12",
     "1999-03-12", "2009-03-12", "1999-04-12"]
)  # fmt: skip
postcodes = st.sampled_from(
    [None, "CX5 1AA", "cx51aa", "CX5 1AB", "CX5 2BB", "CX15 1AA", "CX5", "LS1 4DY", "nonsense"]
)
streets = st.sampled_from([None, "Mill Road", "Mill Rd", "Mil Road", "Mill Lane", "High Street"])
phones = st.lists(
    st.sampled_from(["07700 900123", "+447700900123", "0113 496 0123", "07700 900999", "none"]),
    max_size=3,
)
emails = st.lists(
    st.sampled_from(["a.b@example.org", "a.b@example.com", "ab1@example.org", "zed@example.net"]),
    max_size=1,
)
identifiers = st.lists(
    st.builds(
        lambda scheme, value: {"scheme": scheme, "value": value},
        st.sampled_from(["nhs_number", "pnc_id", "tenancy"]),
        st.sampled_from(["123", "456"]),
    ),
    max_size=3,
)
persons = st.builds(
    person,
    given_names=given_names,
    family_name=family_names,
    full_name=st.sampled_from([None, None, "Imran Hussain", "HUSSAIN, Imran", "Hussain"]),
    date_of_birth=births,
    age=st.sampled_from([None, 41, 42, 30]),
    sex=st.sampled_from([None, "male", "female", "unknown"]),
    house=st.sampled_from([None, "12", "Flat 12", "14"]),
    street=streets,
    locality=st.sampled_from([None, "Dunmoor", "Dunmore", "Eastfold"]),
    postcode=postcodes,
    phones=phones,
    emails=emails,
    identifiers=identifiers,
    occupation=st.sampled_from([None, "nurse", "cook"]),
    place_of_birth=st.sampled_from([None, "Leeds", "Leedes", "Mirpur"]),
    region=st.sampled_from([None, "Yorkshire", "Kent"]),
)


def encoded(each: Person) -> tuple[int, ...]:
    """The words of a person."""
    known = {key: value for key, value in each.items() if key not in {"role", "address"}}
    return words(each["role"], **known, **_flat(each))


def _flat(each: Person) -> dict[str, str | None]:
    address = each["address"]
    if address is None:
        return {}
    return {part: address[part] for part in ("house", "street", "locality", "region", "postcode")}


def kernel_levels(a: tuple[int, ...], b: tuple[int, ...]) -> tuple[int, ...]:
    """What the compiled comparison says."""
    rows = np.array([a, b], np.uint32)
    found = np.empty(levels.COUNT, np.int8)
    kernels.compare(rows[0], rows[1], found)
    return tuple(found.tolist())


@settings(max_examples=600)
@given(persons, persons)
def test_kernel_says_what_the_reference_says(one: Person, two: Person) -> None:
    """Compiled and plain comparison agree on every field of every pair."""
    a, b = encoded(one), encoded(two)
    assert kernel_levels(a, b) == comparison.compare(a, b)


@pytest.mark.parametrize(
    ("one", "two", "swapped"),
    [
        (("Imran", "Irfan"), ("Irfqn", "Imran"), True),
        (("Zahd", "Latif"), ("Latif", "Zahid"), True),
        (("Anthony", "Latif"), ("Latif", "Bethany"), False),
        (("Zahd", "Latiff"), ("Latef", "Omar"), False),
    ],
)
def test_names_the_other_way_round_may_have_a_slip_in_one_half(
    one: tuple[str, str], two: tuple[str, str], *, swapped: bool
) -> None:
    """If the other half is the very same; names that are no more alike than kin's are two."""
    a, b = (words(given_names=given, family_name=family) for given, family in (one, two))
    assert comparison.swapped_whole(a, b) == comparison.swapped_whole(b, a) == swapped
    assert (kernel_levels(a, b)[levels.GIVEN] == levels.NULL) == swapped


@settings(max_examples=300)
@given(persons, persons)
def test_comparison_is_symmetric(one: Person, two: Person) -> None:
    """Nobody is more like another than the other is like them."""
    a, b = encoded(one), encoded(two)
    assert kernel_levels(a, b) == kernel_levels(b, a)


@pytest.mark.parametrize("known", [PARAMETERS, STRANGE], ids=["shipped", "with frequencies"])
@settings(max_examples=300)
@given(one=persons, two=persons)
def test_evidence_adds_up_to_the_score(known: Parameters, one: Person, two: Person) -> None:
    """The weights of a link's evidence are its weight, and the kernel's score."""
    scorer = Scorer(known)
    a, b = scorer.row(encoded(one)), scorer.row(encoded(two))
    made = link("inc_1#0", "inc_2#0", "link", weigh(a, b, known))
    rows = np.array([a, b], np.uint32)
    score = scorer.against(rows, 0, [1])[0]
    assert math.isclose(made["weight"], score, abs_tol=1e-6)
    assert math.isclose(sum(each["weight"] for each in made["evidence"]), score, abs_tol=1e-6)
    assert scorer.against(rows, 1, [0])[0] == score


@settings(max_examples=300)
@given(persons, persons)
def test_odds_are_what_the_weights_are_logarithms_of(one: Person, two: Person) -> None:
    """Clustering multiplies what scoring adds."""
    scorer = Scorer(STRANGE)
    rows = np.array([scorer.row(encoded(one)), scorer.row(encoded(two))], np.uint32)
    found = np.array(kernel_levels(tuple(rows[0]), tuple(rows[1])), np.int8)
    for field in (number for number in range(levels.COUNT) if found[number] >= 0):
        worth = weighing.worth(rows[0], rows[1], found, field, scorer.tables)
        odds = weighing.odds(rows[0], rows[1], found, field, scorer.tables)
        assert np.log(odds) == pytest.approx(worth, abs=1e-9)


@settings(max_examples=300)
@given(persons, persons, st.sampled_from([-20.0, -5.0, 0.0, 2.0, 20.0]))
def test_only_pairs_below_the_floor_are_dismissed(one: Person, two: Person, floor: float) -> None:
    """A score above the floor is exact, and no other passes for one."""
    for known in (PARAMETERS, STRANGE):
        scorer = Scorer(known)
        rows = np.array([scorer.row(encoded(one)), scorer.row(encoded(two))], np.uint32)
        room = np.empty(levels.COUNT, np.int8)
        score = weighing.weigh(rows[0], rows[1], room, scorer.tables)
        quick = weighing.weigh_above(rows[0], rows[1], room, scorer.tables, floor)
        assert quick == score if score > floor else quick <= floor


def glanced(scorer: Scorer, rows: NDArray[np.uint32], floor: float) -> bool:
    """What a glance at the front of the second row says; the rest of it is not to be had."""
    tops = np.zeros(glance.CEILINGS)
    glance.ceilings(rows[0], scorer.tables, tops)
    blooms = rows[1, glance.BLOOMS_AT : glance.BLOOMS_AT + glance.BLOOMS]
    front = np.concatenate((rows[1, : glance.HEAD], blooms))
    front[glance.MARKS] = glance.marks_of(rows[1])
    mine = int(glance.marks_of(rows[0]))
    return bool(glance.may_reach(rows[0], mine, front, tops, floor))


@settings(max_examples=600)
@given(persons, persons, st.sampled_from([-20.0, -5.0, 0.0, 2.0, 20.0]))
def test_a_glance_dismisses_nobody_above_the_floor(one: Person, two: Person, floor: float) -> None:
    """Whatever the rest of a row would add."""
    for known in (PARAMETERS, STRANGE):
        scorer = Scorer(known)
        rows = np.array([scorer.row(encoded(one)), scorer.row(encoded(two))], np.uint32)
        score = weighing.weigh(rows[0], rows[1], np.empty(levels.COUNT, np.int8), scorer.tables)
        assert score <= floor or glanced(scorer, rows, floor)


def kept(a: Sequence[int], b: Sequence[int], seed: int) -> bool:
    """Whether a glance keeps a pair that is just above the floor, whatever levels are worth.

    No file of parameters says that a closer level is worth more.
    """
    scorer = Scorer(PARAMETERS)
    worth = np.random.default_rng(seed).normal(0.0, 8.0, scorer.tables.person.shape)
    scorer.tables = scorer.tables._replace(person=worth, person_odds=np.exp(worth))
    rows = np.array([scorer.row(a), scorer.row(b)], np.uint32)
    score = weighing.weigh(rows[0], rows[1], np.empty(levels.COUNT, np.int8), scorer.tables)
    return glanced(scorer, rows, score - 0.01)


@settings(max_examples=300)
@given(persons, persons, st.integers(0, 2**32 - 1))
def test_a_glance_takes_no_closer_level_for_a_better_one(
    one: Person, two: Person, seed: int
) -> None:
    """It knows the level that is compared, or takes the best there could be."""
    assert kept(encoded(one), encoded(two), seed)


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("Anthony", "Bethany"),
        ("Nazia", "Shazia"),
        ("Nadia", "Nazia"),
        ("W", "Bill"),
        ("J", "Jo"),
        ("Jack", "Jcak"),
        ("Hui", "Hi"),
        ("Jack", "Jock"),
    ],
)
def test_a_glance_compares_given_names_as_the_rest_does(one: str, two: str) -> None:
    """Names that begin with other letters, and initials."""
    alike = {"family_name": "Hussain", "date_of_birth": "1984-03-12"}
    a, b = words(given_names=one, **alike), words(given_names=two, **alike)
    assert all(kept(a, b, seed) and kept(b, a, seed) for seed in range(60))


def test_a_glance_dismisses_strangers() -> None:
    """Who share a name, and by chance most of a birthday; it does not dismiss the same person."""
    scorer = Scorer(PARAMETERS)
    one = words(given_names="Imran", family_name="Hussain", date_of_birth="1984-03-12")
    two = words(given_names="Zoë", family_name="Hussain", date_of_birth="1984-04-12")
    rows = np.array([scorer.row(one), scorer.row(two)], np.uint32)
    assert not glanced(scorer, rows, 0.0)
    assert glanced(scorer, rows[[0, 0]], 0.0)


@settings(max_examples=300)
@given(persons)
def test_every_field_agrees_with_itself(one: Person) -> None:
    """A person compared with the same encoding never disagrees."""
    a = encoded(one)
    for field, level in zip(levels.FIELDS, comparison.compare(a, a), strict=True):
        name = field.levels[level] if level >= 0 else "null"
        assert "differ" not in name

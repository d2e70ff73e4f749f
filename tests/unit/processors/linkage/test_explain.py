"""Explanations of links: they add up, they name no value, and they read as written down.

The wording of a dozen typical links is kept in explanations.txt beside this file.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from processors.linkage import levels as at
from processors.linkage.counterfactuals import band, counterfactuals, rescoring
from processors.linkage.entities import link as made_link
from processors.linkage.evidence import weigh
from processors.linkage.explain import clause, explain, picture, summary, waterfall
from processors.linkage.parameters import LINK, load
from processors.linkage.scoring import Scorer
from processors.linkage.wording import WORDS
from schemas.records import FieldEvidence, Link
from tests.unit.processors.linkage.builders import words

KEPT = Path(__file__).with_name("explanations.txt")
PRIOR = -9.0
WORTH = {
    ("family_name", "same"): 6.0,
    ("family_name", "same_canonical"): 4.0,
    ("family_name", "close"): 4.2,
    ("family_name", "swapped"): 4.6,
    ("family_name", "different"): -4.0,
    ("given_name", "same"): 6.2,
    ("given_name", "short_form"): 3.8,
    ("given_name", "similar"): 2.0,
    ("given_name", "different"): -3.4,
    ("date_of_birth", "same"): 10.0,
    ("date_of_birth", "day_month_swapped"): 8.0,
    ("date_of_birth", "both_first_of_january"): 3.0,
    ("date_of_birth", "age_fits"): 3.1,
    ("date_of_birth", "different"): -6.0,
    ("postcode", "same"): 8.0,
    ("postcode", "different"): -3.0,
    ("street", "same"): 4.0,
    ("street", "different"): -2.5,
    ("house", "same"): 3.0,
    ("house", "different"): -2.0,
    ("locality", "same"): 2.0,
    ("mobile_phone", "same"): 11.0,
    ("mobile_phone", "different"): -1.2,
    ("landline", "same"): 9.0,
    ("email", "same"): 12.0,
    ("sex", "same"): 0.7,
    ("sex", "different"): -3.5,
    ("occupation", "same"): 2.5,
    ("identifier", "same"): 15.0,
}
"""What levels are worth here; made up, so that new parameters leave the wording alone."""
HOME = {"postcode": "same", "street": "same", "house": "same", "locality": "same"}
AWAY = {"postcode": "different", "street": "different", "house": "different"}
FULL = {"family_name": "same", "given_name": "same", "date_of_birth": "same", "sex": "same"}

CASES: dict[str, tuple[dict[str, str], dict[str, float], float, str | None]] = {
    "one person at one address": (FULL | HOME, {}, -12.0, None),
    "a rare name": (FULL, {"family_name": 2.4, "given_name": -0.9}, -0.1, None),
    "moved": (FULL | AWAY | {"mobile_phone": "same"}, {"family_name": 1.1}, -0.2, None),
    "two members of a family": (
        HOME | {"family_name": "same", "given_name": "similar", "landline": "same"},
        {},
        -24.0,
        None,
    ),
    "twins": (FULL | HOME | {"given_name": "different"}, {}, -16.0, "given_names_differ"),
    "father and son": (
        FULL | HOME | {"date_of_birth": "different"},
        {},
        -10.0,
        "known_dates_differ",
    ),
    "transliteration": (
        {"family_name": "same_canonical", "given_name": "short_form", "date_of_birth": "same"},
        {"family_name": 0.6},
        -0.1,
        None,
    ),
    "names the other way round": (
        {"family_name": "swapped", "date_of_birth": "same", "postcode": "same"},
        {},
        -3.0,
        None,
    ),
    "born on 1 January": (
        {"family_name": "same", "given_name": "same", "date_of_birth": "both_first_of_january"},
        {"family_name": -3.3, "given_name": -1.4},
        0.0,
        None,
    ),
    "only the age is known": (
        {"family_name": "same", "given_name": "same", "date_of_birth": "age_fits"},
        {"given_name": 0.8},
        0.0,
        None,
    ),
    "a telephone that a household shares": (
        {"mobile_phone": "same", "family_name": "same"},
        {"mobile_phone": -4.0},
        -3.5,
        None,
    ),
    "day and month exchanged": (
        FULL | {"date_of_birth": "day_month_swapped", "mobile_phone": "different"},
        {},
        -0.1,
        None,
    ),
    "nothing but names": (
        {"family_name": "same", "given_name": "same"},
        {"family_name": 3.0, "given_name": 2.0},
        0.0,
        "names_alone",
    ),
}


def pair(
    levels: dict[str, str], rare: dict[str, float], relatives: float, held: str | None
) -> Link:
    """A link with this evidence."""
    evidence = [("prior", "rarity_of_matches", PRIOR)]
    for field, level in levels.items():
        evidence.append((field, level, WORTH[field, level]))
        if field in rare:
            evidence.append((field, "rarity", rare[field]))
    evidence.append(("household", "could_be_relatives", relatives))
    total = sum(weight for *_, weight in evidence)
    if held:
        evidence.append(("caution", held, LINK - 0.001 - total))
    return made_link("a", "b", "link" if not held and total > LINK else "review", evidence)


def rescore(evidence: Sequence[FieldEvidence]) -> float:
    """Score by the table above; differing dates or given names never link."""
    total = PRIOR + sum(
        each["weight"] if each["level"] == "rarity" else WORTH[each["field"], each["level"]]
        for each in evidence
    )
    levels = {each["field"]: each["level"] for each in evidence}
    held = "different" in {levels.get("date_of_birth"), levels.get("given_name")}
    return min(total, LINK - 0.001) if held else total


def page(case: str) -> str:
    """A case as a coordinator reads it."""
    link = pair(*CASES[case])
    return "\n".join([*explain(link, rescore), "", picture(link)])


@pytest.mark.parametrize("case", CASES)
def test_the_wording_is_as_it_was_agreed(case: str) -> None:
    """Whoever changes a sentence shows the new one in explanations.txt."""
    pages = dict(
        part.split("\n\n", 1) for part in KEPT.read_text("utf-8").split("## ") if part.strip()
    )
    assert page(case) == pages[case].strip("\n")


def test_no_kept_page_is_left_over() -> None:
    """The file holds exactly the cases that are tested."""
    titles = [line[3:] for line in KEPT.read_text("utf-8").splitlines() if line.startswith("## ")]
    assert titles == list(CASES)


@pytest.mark.parametrize("case", CASES)
def test_the_steps_add_up_to_the_weight(case: str) -> None:
    """Each step's total is the sum so far, and the last is the link's weight."""
    link = pair(*CASES[case])
    steps, total = waterfall(link), 0.0
    for step in steps:
        total += step.weight
        assert step.total == pytest.approx(total, abs=1e-9)
    assert steps[-1].total == pytest.approx(link["weight"], abs=1e-6)
    assert len({step.field for step in steps}) == len(steps)


def test_every_level_has_words() -> None:
    """No level of any field is left to a fallback."""
    assert [
        (field.name, level)
        for field in at.FIELDS
        for level in field.levels
        if (field.name, level) not in WORDS
    ] == []


def test_what_is_unknown_is_never_repeated() -> None:
    """A value that somehow came in as a level or a field stays out of the words."""
    for field, level in (("family_name", "kovalenko"), ("kovalenko", "same")):
        evidence = FieldEvidence(field=field, level=level, weight=1.0)
        assert "kovalenko" not in clause(evidence)
        link = made_link("a", "b", "link", [(field, level, 3.0)])
        assert "kovalenko" not in " ".join([*explain(link, rescore_nothing), picture(link)]).lower()


def rescore_nothing(_: Sequence[FieldEvidence]) -> float:
    """Hold everything for certain."""
    return 99.0


def test_rarity_is_a_step_with_its_field() -> None:
    """The level and the rarity of a value are one step, and one clause."""
    link = pair(*CASES["a rare name"])
    steps = {step.field: step for step in waterfall(link)}
    assert steps["family_name"].words == "same family name, rare here"
    assert steps["family_name"].weight == pytest.approx(6.0 + 2.4)
    assert steps["given_name"].words == "same given name, common here"
    assert clause(FieldEvidence(field="street", level="rarity", weight=-1.0)) == (
        "street which many share here"
    )


def test_scoring_again_is_the_matchers_scoring() -> None:
    """Unaltered evidence scores what the link scores, under the shipped parameters."""
    parameters = load()
    scorer = Scorer(parameters)
    person: dict[str, Any] = {
        "given_names": "Amina",
        "family_name": "Kovalenko",
        "date_of_birth": "1984-03-12",
        "postcode": "CX1 2AB",
        "phones": ["07700900123"],
    }
    others: list[dict[str, Any]] = [
        {},
        {"given_names": "Nadia"},
        {"date_of_birth": "1951-11-30", "phones": []},
    ]
    for other in others:
        a, b = (scorer.row(words(**known)) for known in (person, person | other))
        link = made_link("a", "b", "link", weigh(a, b, parameters))
        known = [each for each in link["evidence"] if each["field"] in at_names()]
        assert rescoring(parameters)(known) == pytest.approx(link["weight"], abs=1e-6)


def at_names() -> set[str]:
    """Names of the compared fields."""
    return {field.name for field in at.FIELDS}


@pytest.mark.parametrize("case", CASES)
def test_what_would_have_changed_the_outcome_is_another_outcome(case: str) -> None:
    """A counterfactual never ends where the link already is."""
    link = pair(*CASES[case])
    ends = {"link": "been linked", "review": "gone to review", "apart": "been kept apart"}
    for sentence in counterfactuals(link, rescore):
        assert ends[link["band"]] not in sentence


def test_bands_follow_the_products_thresholds() -> None:
    """Posterior 0.9 links, 0.5 is looked at."""
    assert [band(weight) for weight in (LINK + 0.01, LINK, 0.01, 0.0)] == [
        "link",
        "review",
        "review",
        "apart",
    ]


def test_a_link_of_nothing_says_so() -> None:
    """No agreement is no phrase."""
    link = made_link("a", "b", "review", [("prior", "none", 0.0), ("sex", "different", -3.0)])
    assert summary(link) == "Nothing agrees."

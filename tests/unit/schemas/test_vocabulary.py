"""The vocabulary: codes, labels, spellings."""

from __future__ import annotations

import pytest

from schemas import vocabulary

VOCABULARIES = sorted(vocabulary.VOCABULARY)


@pytest.mark.parametrize("name", VOCABULARIES)
def test_every_code_has_a_label_and_spells_itself(name: str) -> None:
    """A code resolves to itself in any case, and its label says something."""
    for code in vocabulary.codes(name):
        assert vocabulary.label(name, code).strip()
        assert vocabulary.resolve(name, code) == code
        assert vocabulary.resolve(name, f" {code.upper()} ") == code
        assert vocabulary.resolve(name, code.lower()) == code


def test_every_target_belongs_to_a_strand() -> None:
    """What stands before the colon of a target is a strand."""
    for target in vocabulary.codes("target"):
        assert vocabulary.strand_of(target) in vocabulary.VOCABULARY["strand"]


def test_every_alias_means_a_code() -> None:
    """No alias leads nowhere."""
    for name, aliases in vocabulary._DATA["aliases"].items():
        assert set(aliases.values()) <= vocabulary.VOCABULARY[name]


@pytest.mark.parametrize("scheme", ["cst", "tell_mama"])
def test_monitors_categories_lead_to_hub_types(scheme: str) -> None:
    """Every category of a monitor has a hub incident type."""
    for category, code in vocabulary._DATA["mappings"][scheme].items():
        assert code in vocabulary.VOCABULARY["incident_type"]
        assert vocabulary.incident_type_of(scheme, category) == code


def test_a_monitors_category_is_read_in_its_own_spelling() -> None:
    """Ampersand, case and spaces make no difference; an unknown category has no type."""
    assert vocabulary.incident_type_of("cst", "Damage & Desecration") == "damage_desecration"
    assert vocabulary.incident_type_of("cst", "something else") is None


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [
        ("strand", "Sexual orientation", "sexual_orientation"),
        ("strand", "FAITH", "religion"),
        ("place_type", "public transport", "public_transport"),
        ("ethnicity", "o1", "A4"),
        ("gsc", "official sensitive", "OFFICIAL-SENSITIVE"),
        ("agency_type", "third party centre", "third-party-centre"),
        ("strand", "weather", None),
    ],
)
def test_usual_spellings_are_understood(name: str, text: str, code: str | None) -> None:
    """Case, separators and aliases do not matter; another word means no code."""
    assert vocabulary.resolve(name, text) == code


def test_the_nearest_code_is_one_of_the_vocabulary() -> None:
    """A misspelling gets a hint; something far away gets none."""
    assert vocabulary.nearest("strand", "relgion") == "religion"
    assert vocabulary.nearest("strand", "qqqqqq") is None


def test_the_rubric_has_fourteen_items_and_fifty_points() -> None:
    """Items 1 to 14, at most 50 points together, none of them negative."""
    assert list(vocabulary.RUBRIC) == [str(item) for item in range(1, 15)]
    assert sum(max(points) for points in vocabulary.RUBRIC.values()) == 50
    assert all(min(points) == 0 for points in vocabulary.RUBRIC.values())
    assert vocabulary.rubric_label("1") == "How often"


def test_an_unknown_code_is_its_own_label() -> None:
    """Labels are for people: a code of an originator's own is shown as it is."""
    assert vocabulary.label("outcome", "LOCAL-3") == "LOCAL-3"

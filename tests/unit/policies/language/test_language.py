"""The stored agreements are their own canonical text, and say what they said as data."""

from __future__ import annotations

from importlib import resources

import pytest

from policies.agreements import SUFFIX, Agreement, AgreementInvalid, load
from policies.agreements.language import digest, read, write
from policies.agreements.language.words import CATEGORIES, fields, plainly, sayable
from policies.examination.examples import run
from policies.fields import FIELDS

STORED = sorted(
    item.name
    for item in resources.files("policies").joinpath("agreements").iterdir()
    if item.name.endswith(SUFFIX)
)


def stored(name: str) -> str:
    """The text of an agreement that comes with the code."""
    return resources.files("policies").joinpath("agreements", name).read_text("utf-8")


@pytest.mark.parametrize("name", STORED)
def test_a_stored_agreement_is_its_canonical_text(name: str) -> None:
    """What an officer reads is byte for byte what the hub would write."""
    text = stored(name)
    agreement = read(text, name, status="live")
    assert write(agreement) == text
    assert agreement in load()
    assert agreement["examples"]


@pytest.mark.parametrize("name", STORED)
def test_layout_changes_neither_meaning_nor_address(name: str) -> None:
    """Windows line ends, trailing spaces, tabs for spaces and a lost last line end say the same."""
    text = stored(name)
    odd = "\ufeff" + text.replace("\n  ", "\n\t").replace("\n", "  \r\n").rstrip()
    assert read(odd) == read(text)
    assert digest(odd) == digest(text)


@pytest.mark.parametrize("agreement", load(), ids=lambda one: str(one["id"]))
def test_its_examples_come_true(agreement: Agreement) -> None:
    """What an agreement says of itself is what the engine decides under it alone."""
    assert [outcome for outcome in run(agreement) if not outcome.passed] == []


MISTAKES = {
    "they receive in full: alert": "they recieve in full: alert",
    "at a police force or a council": "at a polise force or a council",
    "name of the victim.": "naim of the victim.",
    "Consent must be recorded": "Consent should be recorded",
    "31 March 2027": "31 February 2027",
    "On accuracy:": "On acuracy:",
    "It covers records about a person, with": "It covers records about a parson, with",
    "Clause 2:": "Clause 3:",
    "It starts on 1 April 2025": "It starts on 1 April 2030",
    "for 1 year": "for 1 fortnight",
}


@pytest.mark.parametrize(
    ("right", "said"),
    [
        ("they receive in full: alert", "“recieve” cannot stand here after “they”"),
        ("at a police force or a council", "did you mean “a police force”?"),
        ("name of the victim.", "did you mean “name of the victim”?"),
        ("Consent must be recorded", "“should” cannot stand here after “Consent”"),
        ("31 March 2027", "there is no such day"),
        ("On accuracy:", "did you mean “On accuracy:”?"),
        ("It covers records about a person, with", "did you mean “a person”?"),
        ("Clause 2:", "this is clause 2"),
        ("It starts on 1 April 2025", "the review must lie between the start and the end"),
        ("for 1 year", "“fortnight” cannot stand here after “1”; what could: “day”, “days”"),
    ],
)
def test_a_mistake_is_told_with_its_word_and_the_nearest_right_one(right: str, said: str) -> None:
    """Where it is, what was found, what could stand there."""
    text = stored("cmarac-partnership.agreement")
    wrong = text.replace(right, MISTAKES[right], 1)
    assert wrong != text
    with pytest.raises(AgreementInvalid) as caught:
        read(wrong, "draft.agreement")
    (problem,) = caught.value.problems
    assert said in problem
    line = wrong[: wrong.index(MISTAKES[right])].count("\n") + 1
    assert problem.startswith(f"line {line}, column ")


def test_all_mistakes_of_a_text_are_told_at_once() -> None:
    """An officer mends a text in one go."""
    text = stored("cmarac-partnership.agreement")
    for right in ("On accuracy:", "at a police force or a council", "Consent must be recorded"):
        text = text.replace(right, MISTAKES[right])
    with pytest.raises(AgreementInvalid) as caught:
        read(text)
    assert len(caught.value.problems) == 1 + text.count("polise") + text.count("Consent should")


def test_a_missing_sentence_is_told_with_its_wording() -> None:
    """A clause that does not say which records it covers covers none."""
    text = stored("tension-monitoring.agreement")
    line = next(line for line in text.splitlines() if line.startswith("It covers records"))
    with pytest.raises(AgreementInvalid) as caught:
        read(text.replace(f"{line}\n", "", 1))
    (problem,) = caught.value.problems
    assert "a sentence is missing here: “It covers records about …" in problem


def test_a_field_that_was_just_added_needs_no_grammar() -> None:
    """It is said by rule, or by its own name where the rule would say another one's."""
    for kind, table in FIELDS.items():
        said = fields(kind).said
        assert set(said) == set(table)
        assert all(sayable(phrase) for phrase in said.values())
    assert plainly("victim_shoe_size") == "shoe size of the victim"
    assert plainly("household_ids") == "household identifiers"


def test_a_name_that_is_a_word_of_the_language_stands_in_quotes() -> None:
    """An officer may call a purpose as they like."""
    agreement = read(stored("tension-monitoring.agreement"))
    agreement["clauses"][0]["purposes"] = ["when", "an", "tension"]
    text = write(agreement)
    assert "For the purposes of “when”, “an” and tension," in text
    assert read(text) == agreement
    with pytest.raises(AgreementInvalid, match="if “when” is a name, put it in quotation marks"):
        read(text.replace("“when”", "when"))


@pytest.mark.parametrize(
    ("said", "days"),
    [
        ("14 days", 14), ("1 week", 7), ("6 months", 180), ("11 months", 330),
        ("12 months", 365), ("18 months", 545), ("24 months", 730), ("2 years", 730),
    ],
)  # fmt: skip
def test_twelve_months_are_a_year(said: str, days: int) -> None:
    """Else an agreement for twelve months would be shorter than one for a year."""
    text = stored(STORED[0]).replace("for 1 year and", f"for {said} and")
    assert read(text)["retention_days"] == days


def test_a_contact_without_an_address_is_told_how_one_is_written() -> None:
    """On the line of the contact."""
    text = stored(STORED[0]).replace(", reached at:", ",")
    with pytest.raises(AgreementInvalid) as error:
        read(text)
    (problem,) = error.value.problems
    line = text.split("\n").index("The contacts are:") + 2
    assert problem.startswith(f"line {line}, column 1: a contact says who, and how to reach them")


@pytest.mark.parametrize(
    "typed",
    [
        "cmarac\u2011case", "cmarac\u2013case", "\u2018cmarac-case\u2019", "cmarac-\u00adcase",
        "cmar\u00e2c-case",
    ],
)  # fmt: skip
def test_a_name_that_a_word_processor_changed_is_told_as_it_is_typed(typed: str) -> None:
    """The two look alike, so the error says which word is meant."""
    text = stored(STORED[0]).replace("purpose of cmarac-case,", f"purpose of {typed},", 1)
    with pytest.raises(AgreementInvalid, match="did you mean “cmarac-case”"):
        read(text)


def test_roles_are_read_as_categories_and_never_offered_as_such() -> None:
    """No record has them; texts of before have, and stay what they say."""
    excluding = stored(STORED[0]).replace(
        "They must give a justification.",
        "They must give a justification.\nIt leaves out records with data subjects in the "
        "category reporter.",
        1,
    )
    read_ = read(excluding)
    assert read_["clauses"][0]["exclude"]["subject_categories"] == ["reporter"]
    assert "in the category reporter." in write(read_)
    assert "reporter" in CATEGORIES.said
    assert set(CATEGORIES.offered) == {"victim", "suspect", "convicted", "witness", "other"}


@pytest.mark.parametrize(
    ("sentence", "opposite"),
    [
        ("It covers only records under the recording regime monitor.", "It leaves out"),
        ("It covers only records with the strand race.", "It leaves out"),
        ("Of an alert they receive in full: sex of the victim.", "wishes of the victim"),
        ("Of an alert they receive in full: age of the victim.", "name of the victim"),
    ],
)
def test_a_hint_never_says_the_opposite_or_another_thing(sentence: str, opposite: str) -> None:
    """An officer who follows it must not let go of what was to be kept."""
    text = stored(STORED[0]).replace("They must give a justification.", sentence, 1)
    with pytest.raises(AgreementInvalid) as error:
        read(text)
    (problem,) = error.value.problems
    assert f"did you mean “{opposite}" not in problem
    assert "; what could: " in problem

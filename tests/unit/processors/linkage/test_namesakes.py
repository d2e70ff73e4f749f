"""Who may be either of two persons of one name, and what is too little to say who it is."""

from __future__ import annotations

from typing import Any

import pytest

from processors.linkage import levels
from processors.linkage.comparison import birth_level
from processors.linkage.matcher import Matcher
from schemas.records import Person
from tests.unit.processors.linkage.builders import incident, live, matched, person, together, words

HOME = {"house": "135", "street": "Kingfisher Mount", "postcode": "CX11 1AP"}
AWAY = {"house": "8", "street": "Quarry View", "postcode": "CX30 2WZ"}
FATHER = person(
    given_names="Emmanuel",
    family_name="Kamara",
    date_of_birth="1976-02-17",
    emails=["emmanuel.kamara@example.com"],
    **HOME,
)
SON = person(given_names="Emmanuel", family_name="Kamarah", date_of_birth="2006-08-15", **HOME)


def alone(made: Matcher, number: int) -> bool:
    """Whether a mention is in an entity of its own."""
    return any(
        [member["incident_id"] for member in each["members"]] == [f"inc_{number:03d}"]
        for each in live(made)
        if each["kind"] == "person"
    )


def reviewed(made: Matcher, number: int) -> bool:
    """Whether a mention stands on a list for review."""
    name = f"inc_{number:03d}#0"
    return any(
        name in {link["left"], link["right"]} for each in live(made) for link in each["review"]
    )


def undated(family: str = "Kamara", **known: Any) -> Person:
    """A mention of one of that name without date or age."""
    return person(given_names="Emmanuel", family_name=family, **known)


def test_a_spelling_between_the_two_names_settles_nothing() -> None:
    """Reached at the father's address, spelt as the son is: a person has to say which it is."""
    asked = undated("Kamarah", emails=["emmanuel.kamara@example.com"], postcode="CX11 3AP")
    made = matched(incident(1, FATHER), incident(2, FATHER), incident(3, SON), incident(4, asked))
    assert alone(made, 4)
    assert reviewed(made, 4)


def test_a_son_born_on_his_fathers_birthday_is_another_person() -> None:
    """Day and month are the same, and of the year three digits differ, which is no slip."""
    son = Person(**{**FATHER, "date_of_birth": "2006-02-17"})
    reports = [incident(k, FATHER if k % 2 else son) for k in range(1, 7)]
    made = matched(*reports)
    assert together(made, 1, 3)
    assert together(made, 2, 4)
    assert not together(made, 1, 2)


@pytest.mark.parametrize(
    ("earlier", "later", "one"),
    [
        ("1999-12-15", "2009-12-15", True),
        ("1999-12-15", "2009-12-16", False),
        ("1989-12-15", "2010-12-15", False),
        ("1999-12-15", "2000-12-15", False),
    ],
)
def test_ten_years_more_are_a_slip_and_no_generation(
    earlier: str, later: str, *, one: bool
) -> None:
    """2009 for 1999 differs in three digits too; 1999 and 2019 are a generation."""
    here = person(given_names="Adaeze", family_name="Okoro", date_of_birth=earlier, **HOME)
    other = Person(**{**here, "date_of_birth": later})
    assert together(matched(incident(1, here), incident(2, other)), 1, 2) is one


def test_an_age_is_compared_with_the_year_of_a_date_alone() -> None:
    """The tenth year after it is nobody's year of birth."""
    born = words(given_names="Adaeze", date_of_birth="1990-12-15")
    assert birth_level(born, words(given_names="Adaeze", age=36)) == levels.BIRTH_AGE
    assert birth_level(born, words(given_names="Adaeze", age=26)) == levels.BIRTH_PART_DIFFERS


MANY = 30
"""Reports of a person, so that those of two do not fit into one working component."""


def at_work(who: Person, number: int) -> Person:
    """The same person in a report that is no copy of another."""
    return Person(**{**who, "occupation": f"trade {number}"})


@pytest.mark.parametrize("order", ["first", "between", "last"])
def test_a_namesake_in_dozens_of_reports_is_not_lost_sight_of(order: str) -> None:
    """Father and son are two clouds of look-alikes, and the undated report is in one of them."""
    fathers = [incident(k, at_work(FATHER, k)) for k in range(1, MANY)]
    sons = [incident(100 + k, at_work(SON, k)) for k in range(1, MANY)]
    asked = incident(999, undated(emails=FATHER["emails"], **HOME))
    places = {"first": 0, "between": len(fathers), "last": len(fathers) + len(sons)}
    told = [*fathers, *sons]
    told.insert(places[order], asked)
    made = matched(*told)
    assert together(made, 1, 2)
    assert together(made, 101, 102)
    assert alone(made, 999)
    assert reviewed(made, 999)


def test_a_name_that_cannot_be_read_settles_nothing_either() -> None:
    """One word, mistyped, from the father's address: it may be his son's report all the same."""
    asked = person(full_name="Kamra", emails=["emmanuel.kamara@example.com"], occupation="student")
    father = Person(**{**FATHER, "occupation": "student"})
    assert together(matched(incident(1, father), incident(4, asked)), 1, 4)
    made = matched(incident(1, father), incident(2, FATHER), incident(3, SON), incident(4, asked))
    assert alone(made, 4)
    assert reviewed(made, 4)


def test_a_short_form_that_no_list_knows_settles_nothing() -> None:
    """Tichi Moyo may be called Tichaona, as his son is; a list that says so need not exist."""
    father = person(
        given_names="Tichi", family_name="Moyo", date_of_birth="1976-02-17", sex="male", **HOME
    )
    son = person(
        given_names="Tichaona", family_name="Moyo", date_of_birth="2006-08-15", sex="male", **HOME
    )
    asked = person(given_names="Tichaona", family_name="Moyo", **HOME)
    assert together(matched(incident(2, son), incident(3, asked)), 2, 3)
    made = matched(incident(1, father), incident(2, son), incident(3, asked))
    assert alone(made, 3)
    assert reviewed(made, 3)


def test_a_namesake_who_lives_elsewhere_leaves_no_doubt() -> None:
    """In a small community many bear one name; that one of them lives here is plain."""
    elsewhere = person(
        given_names="Emmanuel", family_name="Kamara", date_of_birth="1998-11-30", **AWAY
    )
    made = matched(incident(1, FATHER), incident(2, elsewhere), incident(3, undated(**HOME)))
    assert together(made, 1, 3)
    assert alone(made, 2)


def test_a_son_who_has_moved_out_is_still_a_son() -> None:
    """Two who once had a home in common are no strangers."""
    moved = person(given_names="Emmanuel", family_name="Kamara", date_of_birth="2006-08-15", **AWAY)
    made = matched(
        incident(1, FATHER), incident(2, SON), incident(3, moved), incident(4, undated(**HOME))
    )
    assert together(made, 2, 3)
    assert alone(made, 4)


def test_whoever_bears_half_of_the_name_leaves_no_doubt() -> None:
    """A Kamara of the same home, of whom no given name is known, has another one as a rule."""
    half = person(family_name="Kamara", date_of_birth="1997-11-15", **HOME)
    made = matched(incident(1, FATHER), incident(2, half), incident(3, undated(**HOME)))
    assert together(made, 1, 3)
    assert not together(made, 2, 3)


def test_a_report_that_bears_the_family_name_alone_fits_both() -> None:
    """The only word that it knows is no given name, though it may stand in the place of one."""
    father = Person(**{**FATHER, "phones": ["07700 900358"]})
    asked = person(full_name="Kamara", phones=["07700 900358"])
    son = person(given_names="Emmanuel", family_name="Kamara", date_of_birth="2006-08-15", **HOME)
    assert together(matched(incident(1, father), incident(3, asked)), 1, 3)
    made = matched(incident(1, father), incident(2, son), incident(3, asked))
    assert alone(made, 3)
    assert reviewed(made, 3)


def test_a_son_whose_family_name_is_not_told_leaves_a_doubt() -> None:
    """In one home it is known all the same."""
    son = person(given_names="Emmanuel", date_of_birth="2006-08-15", **HOME)
    made = matched(incident(1, FATHER), incident(2, son), incident(3, undated(**HOME)))
    assert alone(made, 3)
    assert reviewed(made, 3)


def test_a_namesake_with_another_landline_lives_elsewhere() -> None:
    """Where no address is known, a landline or a tenancy tells one home from another."""
    here: dict[str, Any] = {"phones": ["01514 960523"]}
    there: dict[str, Any] = {"phones": ["01914 980785"]}
    father = person(
        given_names="Emmanuel", family_name="Kamara", date_of_birth="1976-02-17", **here, **HOME
    )
    other = person(
        given_names="Emmanuel", family_name="Kamara", date_of_birth="1998-11-30", **there
    )
    made = matched(incident(1, father), incident(2, other), incident(3, undated(**here, **HOME)))
    assert together(made, 1, 3)


def test_a_number_of_ones_own_outweighs_a_namesake_of_whom_no_home_is_known() -> None:
    """What is at home under a number is not doubted for a name somewhere; nor is it for nothing."""
    somewhere = person(given_names="Emmanuel", family_name="Kamara", date_of_birth="2006-08-15")
    father = Person(**{**FATHER, "phones": ["07700 900468"]})
    asked = undated(phones=["07700 900468"])
    assert together(matched(incident(1, father), incident(2, somewhere), incident(3, asked)), 1, 3)
    at_home = undated(**HOME)
    assert alone(matched(incident(1, father), incident(2, somewhere), incident(3, at_home)), 3)


@pytest.mark.parametrize(
    ("own", "other"),
    [("Sanjay", "Suresh"), ("Hassan", "Hodan"), ("Alexandra", "Alexandru")],
)
def test_a_relative_of_another_name_leaves_no_doubt(own: str, other: str) -> None:
    """Two listed names that no list brings together are no short and long form of one."""
    sex: dict[str, Any] = {"sex": "female"} if own == "Alexandra" else {}
    known: dict[str, Any] = {"family_name": "Marlow", "phones": ["01184 960806"], **HOME}
    here = person(given_names=own, date_of_birth="1992-09-29", **sex, **known)
    relative = person(given_names=other, date_of_birth="1978-11-01", sex="male", **known)
    asked = person(given_names=own, **sex, **known)
    made = matched(incident(1, here), incident(2, relative), incident(3, asked))
    assert together(made, 1, 3)
    assert not together(made, 1, 2)


@pytest.mark.parametrize(
    ("one", "two"),
    [
        pytest.param(
            {"given_names": "Uzma", "family_name": "Tahir", "age": 36},
            {"given_names": "Uzma", "family_name": "Tahir", "date_of_birth": "1990-02-01"},
            id="a name and an age",
        ),
        pytest.param(
            {"phones": ["01632 960024"]},
            {"given_names": "Uzma", "family_name": "Tahir", "phones": ["01632 960024"]},
            id="a landline and no name",
        ),
        pytest.param(
            {"age": 36, "sex": "female"},
            {"given_names": "Uzma", "date_of_birth": "1990-02-01", "sex": "female", **AWAY},
            id="an age and no name",
        ),
        pytest.param(
            {"given_names": "Uzma", "family_name": "Tahir", "age": 36, "sex": "female"},
            {"given_names": "Uzma", "family_name": "Aslam", "date_of_birth": "1990-02-01"},
            id="a given name and an age",
        ),
    ],
)
def test_what_many_share_links_nobody(one: dict[str, Any], two: dict[str, Any]) -> None:
    """Such a pair is for a person to decide at best."""
    assert not together(matched(incident(1, person(**one)), incident(2, person(**two))), 1, 2)


@pytest.mark.parametrize(
    ("one", "two"),
    [
        pytest.param(
            {"phones": ["01632 960024"], "age": 36},
            {"phones": ["01632 960024"], "given_names": "Uzma", "date_of_birth": "1990-02-01"},
            id="a landline",
        ),
        pytest.param(
            {"age": 36, "sex": "female", **HOME},
            {"given_names": "Uzma", "sex": "female", "date_of_birth": "1990-02-01", **HOME},
            id="a home",
        ),
        pytest.param(
            {"given_names": "Uzma", "family_name": "Tahir", "age": 36, **HOME},
            {
                "given_names": "Uzma",
                "family_name": "Aslam",
                "date_of_birth": "1990-02-01",
                "sex": "female",
                **HOME,
            },
            id="a home and another family name",
        ),
    ],
)
def test_an_age_tells_those_of_one_home_apart(one: dict[str, Any], two: dict[str, Any]) -> None:
    """Many are of one age, few in one home: it says which of them a report means."""
    assert together(matched(incident(1, person(**one)), incident(2, person(**two))), 1, 2)


def test_a_lone_family_name_does_not_bring_twins_together() -> None:
    """A report that knows "Boateng" alone fits both: it must not stand for a given name."""
    home = {"house": "36", "street": "Stone Street", "postcode": "CX12 7FE"}
    born = {"date_of_birth": "2012-08-03", "sex": "female"}
    one = person(
        given_names="Patience", family_name="Boateng", phones=["07700 900398"], **born, **home
    )
    two = person(given_names="Boateng", family_name="Kadiatu", **born, **home)
    lone = person(full_name="Boateng", phones=["07700 900398"], postcode="CX12 7FE")
    made = matched(incident(1, one), incident(2, two), incident(3, lone))
    assert not together(made, 1, 2)

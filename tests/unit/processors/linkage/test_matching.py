"""Who is linked, who goes to review and who stays apart, on the shipped parameters."""

from __future__ import annotations

import pytest

from schemas.records import Person
from tests.unit.processors.linkage.builders import (
    groups,
    incident,
    live,
    matched,
    person,
    review_pairs,
    ruling,
    together,
)

HOME = {"house": "12", "street": "Mill Road", "locality": "Dunmoor", "postcode": "CX5 1AA"}
FATHER = person(given_names="Imran", family_name="Qureshi", date_of_birth="1961-03-12", **HOME)
SON = person(given_names="Imran", family_name="Qureshi", date_of_birth="1989-11-30", **HOME)
TWIN = {"date_of_birth": "2001-04-17", **HOME}


@pytest.mark.parametrize(
    ("one", "two"),
    [
        pytest.param(
            person(given_names="Mohammed", family_name="Choudhury", date_of_birth="1984-03-12"),
            person(
                full_name="Muhammad Chowdhry", date_of_birth="1984-03-12", phones=["07700900123"]
            ),
            id="transliterations",
        ),
        pytest.param(
            person(given_names="Katarzyna", family_name="Kowalska", date_of_birth="1990-07-05"),
            person(given_names="Kasia", family_name="Kowalski", date_of_birth="1990-07-05"),
            id="short form and a Slavic ending",
        ),
        pytest.param(
            person(given_names="Siobhan", family_name="O'Dowd", postcode="CX5 1AA", house="3"),
            person(full_name="ODOWD, SIOBHAN", postcode="cx51aa", house="3", street="Mill Rd"),
            id="apostrophe and order",
        ),
        pytest.param(
            person(given_names="Nguyen", family_name="Thanh", date_of_birth="1979-02-20"),
            person(given_names="Thanh", family_name="Nguyen", date_of_birth="1979-02-20"),
            id="swapped names",
        ),
        pytest.param(
            person(given_names="Emlyn", family_name="Vaughan", phones=["07700 900602"]),
            person(given_names="Emlyn", family_name="Vaughan", phones=["+44 7700 900602"]),
            id="telephone number in two forms",
        ),
        pytest.param(
            person(given_names="Ruth", family_name="Abelson", date_of_birth="1950-10-09", **HOME),
            person(given_names="Ruth", family_name="Abelson", date_of_birth="1950-09-10", **HOME),
            id="day and month exchanged",
        ),
    ],
)
def test_one_person_under_two_spellings_is_linked(one: Person, two: Person) -> None:
    """What clerks make of one person ends in one entity."""
    assert together(matched(incident(1, one), incident(2, two)), 1, 2)


@pytest.mark.parametrize(
    ("one", "two"),
    [
        pytest.param(FATHER, SON, id="father and son of one name"),
        pytest.param(
            person(given_names="Sana", family_name="Mir", date_of_birth="2001-04-17", **HOME),
            person(given_names="Hira", family_name="Mir", date_of_birth="2001-04-17", **HOME),
            id="twins",
        ),
        pytest.param(
            person(given_names="Bethany", family_name="Penn", **HOME),
            person(given_names="Anthony", family_name="Penn", **HOME),
            id="names alike but for their beginning",
        ),
        pytest.param(
            person(given_names="Oliver", family_name="Penn", date_of_birth="2001-04-17", **HOME),
            person(given_names="Alice", family_name="Penn", date_of_birth="2004-09-02", **HOME),
            id="siblings",
        ),
        pytest.param(
            person(given_names="Daniel", family_name="Marsh", **HOME),
            person(given_names="Helen", family_name="Marsh", **HOME),
            id="a couple",
        ),
        pytest.param(
            person(given_names="Uzma", family_name="Tahir"),
            person(given_names="Uzma", family_name="Tahir"),
            id="namesakes of whom nothing else is known",
        ),
        pytest.param(
            person(full_name="Unknown", **HOME), person(full_name="Unknown", **HOME), id="unknown"
        ),
    ],
)
def test_two_persons_are_not_merged(one: Person, two: Person) -> None:
    """Sharing a home, a birthday or a name does not make two persons one."""
    assert not together(matched(incident(1, one), incident(2, two)), 1, 2)


def test_an_initial_stands_for_a_short_form_of_its_name() -> None:
    """C is Charlotte King, whom another report calls Lottie."""
    reports = [
        person(given_names=name, family_name="King", date_of_birth="1984-05-05", **HOME)
        for name in ("Charlotte", "Lottie", "C")
    ]
    made = matched(*(incident(number, each) for number, each in enumerate(reports, 1)))
    assert together(made, 1, 3)
    assert together(made, 2, 3)


def test_an_initial_does_not_bring_a_brother_and_a_sister_together() -> None:
    """V may be Tori, but he is no Victoria."""
    tori = person(given_names="Tori", family_name="King", sex="female", **TWIN)
    victor = person(given_names="V", family_name="King", sex="male", **TWIN)
    assert not together(matched(incident(1, tori), incident(2, victor)), 1, 2)


def test_undated_namesake_of_father_and_son_goes_to_review() -> None:
    """A mention that fits both men is put before a coordinator, linked to neither."""
    undated = person(given_names="Imran", family_name="Qureshi", **HOME)
    made = matched(incident(1, FATHER), incident(2, SON), incident(3, undated))
    assert frozenset({"inc_003#0"}) in groups(made)
    assert {("inc_001#0", "inc_003#0"), ("inc_002#0", "inc_003#0")} <= review_pairs(made)


def test_undated_mention_joins_the_only_person_that_it_fits() -> None:
    """Without a namesake in the home, a missing date of birth is no obstacle."""
    undated = person(given_names="Imran", family_name="Qureshi", **HOME)
    assert together(matched(incident(1, FATHER), incident(3, undated)), 1, 3)


def test_two_victims_of_one_incident_are_two_persons() -> None:
    """However alike, persons listed side by side in one role are not merged."""
    made = matched(incident(1, FATHER, FATHER))
    assert len(groups(made)) == 2


def test_victim_who_is_also_suspect_in_one_incident_is_flagged() -> None:
    """A contradiction in role goes to review on both sides."""
    suspect = Person(**{**FATHER, "role": "suspect"})
    made = matched(incident(1, FATHER, suspect))
    assert ("inc_001#0", "inc_001#1") in review_pairs(made)
    assert all(entity["flags"] == ["role-conflict"] for entity in live(made))


def test_counterparts_name_the_other_side() -> None:
    """A victim's member lists the suspect's entity and the other way round."""
    suspect = person("suspect", given_names="Zoe", family_name="Quill", date_of_birth="1990-05-05")
    made = matched(incident(1, FATHER, suspect), incident(2, suspect))
    victim, accused = sorted(live(made), key=lambda entity: len(entity["members"]))
    assert victim["members"][0]["counterparts"] == [accused["entity_id"]]
    assert accused["members"][0]["counterparts"] == [victim["entity_id"]]
    assert accused["members"][1]["counterparts"] == []


def test_coordinator_links_and_unlinks() -> None:
    """A ruling holds, survives new mentions and can be taken back."""
    stranger = person(given_names="Anneka", family_name="Voss", phones=["07700 900777"])
    made = matched(incident(1, FATHER), incident(2, FATHER), incident(3, stranger))
    made.decide(ruling("inc_001#0", "inc_003#0", "same", 1))
    made.decide(ruling("inc_001#0", "inc_002#0", "different", 1))
    assert together(made, 1, 3)
    assert not together(made, 1, 2)
    made.apply(incident(4, stranger))
    assert together(made, 1, 3)
    made.decide(ruling("inc_001#0", "inc_003#0", "open", 2))
    made.decide(ruling("inc_001#0", "inc_002#0", "open", 2))
    assert together(made, 1, 2)
    assert not together(made, 1, 3)


def test_ruled_different_pair_leaves_the_review_list() -> None:
    """What a coordinator has decided is not asked again."""
    undated = person(given_names="Imran", family_name="Qureshi", **HOME)
    made = matched(incident(1, FATHER), incident(2, SON), incident(3, undated))
    made.decide(ruling("inc_002#0", "inc_003#0", "different"))
    assert ("inc_002#0", "inc_003#0") not in review_pairs(made)


def test_retraction_takes_the_member_away_and_amendment_moves_it() -> None:
    """The entity is what its current members make it."""
    made = matched(incident(1, FATHER), incident(2, FATHER), incident(3, FATHER))
    made.apply(incident(2, retracted=True, version=2))
    made.apply(incident(3, SON, version=2))
    assert groups(made) == {frozenset({"inc_001#0"}), frozenset({"inc_003#0"})}


def test_a_late_older_version_changes_nothing() -> None:
    """A superseded version that arrives after its successor announces no change."""
    made = matched(incident(1, SON, version=2))
    assert made.apply(incident(1, FATHER, version=1)) == set()


def test_absorbed_id_leads_to_its_heir_and_unknown_id_is_dissolved() -> None:
    """Every id that was ever given out still has an answer."""
    made = matched(incident(1, FATHER), incident(2, FATHER))
    by_status = {entity["status"]: entity for entity in made.entities()}
    assert by_status["absorbed"]["heir"] == by_status["live"]["entity_id"]
    assert made.entity("ent_nobody")["status"] == "dissolved"
    assert made.entity("plc_nowhere")["kind"] == "place"


def test_places_are_one_where_their_tokens_are_equal() -> None:
    """Incidents at one place form a place entity whose evidence adds up."""
    made = matched(
        incident(1, place=b"here"), incident(2, place=b"here"), incident(3, place=b"there")
    )
    sizes = sorted(len(entity["members"]) for entity in live(made, "place"))
    assert sizes == [1, 2]
    (link,) = [link for entity in live(made, "place") for link in entity["links"]]
    assert link["weight"] == sum(each["weight"] for each in link["evidence"])


def test_incident_that_may_not_be_correlated_has_no_persons() -> None:
    """Where the regime forbids correlation, nobody is matched."""
    closed = incident(1, FATHER)
    closed["linkable"] = False
    assert groups(matched(closed)) == set()


def test_bare_common_names_in_thousands_stay_apart() -> None:
    """Over-common keys die: five hundred bare John Smiths are five hundred entities."""
    bare = person(given_names="John", family_name="Smith")
    made = matched(*(incident(number, bare) for number in range(500)))
    assert len(groups(made)) == 500


def test_one_person_mentioned_two_hundred_times_is_one_entity() -> None:
    """Equal, identifying encodings are one row however often they come."""
    made = matched(*(incident(number, FATHER) for number in range(200)))
    assert len(groups(made)) == 1


def test_shared_address_of_a_hostel_is_flagged_not_merged() -> None:
    """An over-common address links nobody and says so."""
    given = ("Amina", "Boris", "Chidi", "Dorota", "Esther", "Farhan", "Gwen", "Hamish", "Ingrid")
    family = ("Oyelaran", "Petrov", "Quigley", "Rasmussen", "Szabo", "Tamura", "Underwood", "Vas")
    residents = [
        person(given_names=one, family_name=other, **HOME) for one in given for other in family
    ]
    made = matched(*(incident(number, each) for number, each in enumerate(residents)))
    assert len(groups(made)) == len(residents)
    assert all("overcommon-key" in entity["flags"] for entity in live(made))

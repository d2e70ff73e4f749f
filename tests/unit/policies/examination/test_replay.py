"""Past decisions under a draft, in words, numbers and samples that hold no value."""

from __future__ import annotations

from datetime import date
from typing import Any

from policies.agreements import Agreement
from policies.bundle import assemble
from policies.decided import Decided
from policies.embedded import RegorusEngine
from policies.examination.questions import question_of
from policies.examination.replay import Replay, replay
from policies.examination.versions import with_draft, without
from tests.unit.policies.examination.made import CLAUSE, CONSENTED, agreement

LIVE = (agreement(),)
DAY = 20_600


def past(count: int = 6, day: int = DAY) -> list[Decided]:
    """Give decisions about alerts of tenants, every other with consent recorded, one elsewhere."""
    engine = RegorusEngine(assemble(LIVE))
    made = []
    for number in range(count):
        consent = {"state": "given" if number % 2 else "not_asked", "scope": ["any"]}
        facts: dict[str, Any] = {
            "kind": "alert",
            "id": f"alt_{number}",
            "consent": consent,
            "tenant_of": ["hill-homes"] if number else [],
        }
        asker = {"agency": "hill-homes", "agency_type": "housing", "role": "housing-officer"}
        document = question_of(facts, asker, purpose="support", epoch_day=day)
        document["requester"]["subject"] = f"Ann Example {number}"
        document["justification"] = f"case of Ann Example {number}"
        answer = engine.answer(document)
        made.append(Decided(number, facts["id"], document, answer.permit, answer.fields))
    return made


def under(draft: Agreement, decisions: list[Decided]) -> Replay:
    """Put decisions again under a draft."""
    return replay(decisions, LIVE, with_draft(LIVE, draft))


def test_what_stops_is_counted_and_shown() -> None:
    """By agency, role, purpose, kind and field, with the reason of the draft."""
    result = replay(past(), LIVE, without(LIVE, "tenants"))
    assert (
        result.summary() == "Of 6 past decisions, 5 releases would stop; 1 would stay as they are."
    )
    assert result.by["stop"]["agency"] == {"hill-homes": 5}
    assert result.by["stop"]["field"]["victim_name"] == 3
    told = result.as_json()
    assert told["effects"]["stop"] == 5
    assert told["samples"]["stop"][0]["record_id"] == "alt_1"
    assert told["samples"]["stop"][0]["why"] == ("No agreement knows this purpose.",)


def test_what_starts_names_the_clause_that_lets_it() -> None:
    """An agreement that gives more."""
    result = under(agreement({**CLAUSE, "relation": "any"}, CONSENTED), past())
    assert result.effects == {"start": 1}
    assert result.samples["start"][0].why == ("tenants, clause 1",)
    assert result.samples["start"][0].sequence == 0


def test_fields_that_are_lost_gained_coarser_and_finer_are_told_apart() -> None:
    """Of releases that stay releases."""
    items = {"alert": {"since": "generalise:week", "level": "mask", "rule": "release"}}
    result = under(agreement({**CLAUSE, "items": items}), past())
    assert result.effects == {"lose": 3, "gain": 5, "coarser": 5, "finer": 5}
    assert "3 would lose a field, 5 would gain one" in result.summary()
    assert result.by["coarser"]["field"] == {"level": 5}


def test_nothing_changes_where_nothing_is_changed() -> None:
    """Nor is anything asked."""
    result = under(agreement(), past())
    assert result.summary() == "Of 6 past decisions, none would change."
    assert (result.asked, result.unchanged) == (0, 6)


def test_a_day_can_be_given_for_all() -> None:
    """On its own day the draft, which begins later, permits nothing; on its first day it does."""
    draft = agreement(starts="2027-06-01", review="2027-12-01")
    own = replay(past(), LIVE, with_draft(LIVE, draft))
    assert own.effects == {"stop": 5}
    on_its_day = replay(past(), LIVE, with_draft(LIVE, draft), on=date(2027, 6, 1))
    assert on_its_day.unchanged == 6


def test_malformed_inputs_are_counted_and_never_asked() -> None:
    """Both versions refuse them."""
    odd = Decided(9, "alt_9", {"purpose": "support"}, permit=False, fields={})
    result = replay([odd, *past()], LIVE, without(LIVE, "tenants"), on=date(2026, 6, 1))
    assert (result.decisions, result.unaskable, result.effects["stop"]) == (7, 1, 5)


def test_alike_questions_are_asked_once_and_progress_is_told() -> None:
    """However many people ask them, for whatever reason."""
    told: list[int] = []
    result = replay(past(3_000), LIVE, without(LIVE, "tenants"), progress=told.append)
    assert result.asked < 5
    assert told == [1_000, 2_000, 3_000, 3_000]


def test_a_result_holds_nobody_and_no_reason_that_was_given() -> None:
    """Record ids and ledger numbers are all that leads to a decision."""
    result = replay(past(), LIVE, without(LIVE, "tenants"))
    assert "Ann Example" not in str(result.as_json())

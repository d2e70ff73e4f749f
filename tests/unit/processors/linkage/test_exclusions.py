"""Over-common values are found, listed with a count, and restored by a person's word."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from processors.linkage import exclusions
from processors.linkage.agent import LinkageCore
from processors.linkage.exclusions import DeadKey, Exclusions, at_least
from processors.log import LogRecord
from schemas.records import HubIncident, LinkReview
from tests.unit.processors.linkage.builders import NOON, incident, matched, person

FIRST = ("Amina", "Boris", "Chidi", "Dorota", "Esther", "Farhan", "Gwen", "Hamish", "Ingrid")
LAST = ("Oyelaran", "Petrov", "Quigley", "Rasmussen", "Szabo", "Tamura", "Underwood", "Vas")


def hostel() -> list[HubIncident]:
    """Seventy-two persons of one telephone."""
    names = [(one, other) for one in FIRST for other in LAST]
    return [
        incident(at, person(given_names=one, family_name=other, phones=["07700 900123"]))
        for at, (one, other) in enumerate(names)
    ]


def said(decision: str, exclusion: str, minute: int = 0) -> LinkReview:
    """A person's decision about a value."""
    return LinkReview(
        left=exclusion,
        right="",
        decision=decision,
        by="psn_test",
        reason="the hostel has closed",
        decided_at=NOON + timedelta(minutes=minute),
        agency="north",
        purpose="link-review",
        weight=0.0,
        evidence=[],
    )


class RestoringIndex:
    """An index that knows one over-common value and can restore it."""

    def __init__(self) -> None:
        """Held by many."""
        self.dead = [DeadKey(77, "mobile", 345, 60)]
        self.restored: list[int] = []

    def dead_keys(self) -> list[DeadKey]:
        """What is over-common and not restored."""
        return [each for each in self.dead if each.key not in self.restored]

    def restore(self, key: int) -> None:
        """Compare by it all the same."""
        self.restored.append(key)

    def unrestore(self, key: int) -> None:
        """No more."""
        self.restored.remove(key)


def surveyed(kept: Exclusions, index: Any) -> set[str]:
    """Survey and do what it asks for, as the matcher does."""
    restore, leave, changed = kept.survey(index)
    for key in restore:
        index.restore(key)
    for key in leave:
        index.unrestore(key)
    return changed


class Worker:
    """A core on a log whose records are written minute by minute."""

    def __init__(self) -> None:
        """Surveys whenever it is asked for changes."""
        self.core = LinkageCore(matched(), clock=lambda: 0.0)
        self._at = 0

    def take(self, topic: str, *values: Any, whole: bool = False) -> dict[str, Any]:
        """Publish what follows from these records."""
        for value in values:
            self._at += 1
            self.core.apply(LogRecord(topic, 0, self._at, "", value, self.now))
        self.core._survey_at = 0.0
        return {each["entity_id"]: each for each in self.core.changes(whole=whole)}

    @property
    def now(self) -> datetime:
        """The moment of the last record."""
        return NOON + timedelta(minutes=self._at)


def values(published: dict[str, Any]) -> list[Any]:
    """The excluded values among what was published."""
    return [each for each in published.values() if each["kind"] == "value"]


def test_a_shared_telephone_is_listed_with_kind_count_cap_and_moment() -> None:
    """And without the number; a crowd that grows a little is no news."""
    worker = Worker()
    (found,) = values(worker.take("hub.incident.v1", *hostel()[:65]))
    assert found["status"] == "excluded"
    told = found["exclusion"]
    assert told == {"kind": "mobile", "count": 60, "cap": 60, "since": worker.now}
    assert values(worker.take("hub.incident.v1", *hostel()[65:68])) == []
    (more,) = values(worker.take("hub.incident.v1", *hostel()[68:]))
    assert more["exclusion"] == {**told, "count": 70}


def test_a_value_that_fewer_share_again_is_no_longer_listed() -> None:
    """Retractions bring it back to life."""
    worker = Worker()
    (found,) = values(worker.take("hub.incident.v1", *hostel()))
    gone = [incident(at, version=2, retracted=True) for at in range(20)]
    (after,) = values(worker.take("hub.incident.v1", *gone))
    assert (after["entity_id"], after["status"]) == (found["entity_id"], "dissolved")
    assert after["exclusion"] is None


def test_a_worker_that_starts_again_keeps_the_moment() -> None:
    """It reads what stands before it says anything."""
    first, second = Worker(), Worker()
    (found,) = values(first.take("hub.incident.v1", *hostel()))
    second.core.stood(found["entity_id"], found)
    second._at = 5_000
    assert values(second.take("hub.incident.v1", *hostel(), whole=True)) == []


def test_a_value_is_restored_and_left_out_again() -> None:
    """By decisions in any order; the last one stands."""
    name = exclusions.exclusion_id(DeadKey(77, "mobile", 345, 60))
    index, kept = RestoringIndex(), Exclusions()
    assert surveyed(kept, index) == {name}
    assert kept.entity(name, "v")["exclusion"]["count"] == 300  # type: ignore[index]
    assert kept.decide(said("restore", name, 1))
    assert surveyed(kept, index) == {name}
    assert index.restored == [77]
    assert kept.entity(name, "v")["status"] == "restored"
    assert list(kept.ids()) == [name]
    assert surveyed(kept, index) == set()
    assert kept.decide(said("open", name, 3))
    assert not kept.decide(said("restore", name, 2))
    assert surveyed(kept, index) == {name}
    assert index.restored == []
    assert surveyed(kept, index) == {name}
    assert kept.entity(name, "v")["status"] == "excluded"


def test_a_decision_that_comes_before_the_value_is_over_common_counts() -> None:
    """As on a replay, where decisions may be read first."""
    index, kept = RestoringIndex(), Exclusions()
    kept.decide(said("restore", exclusions.exclusion_id(index.dead[0])))
    surveyed(kept, index)
    assert index.restored == [77]


def test_the_engine_compares_by_a_restored_value_and_no_more_when_it_is_taken_back() -> None:
    """By the coordinator's word on the log."""
    worker = Worker()
    (found,) = values(worker.take("hub.incident.v1", *hostel()))
    name, engine = found["entity_id"], worker.core._matcher._state.engine
    (restored,) = values(worker.take("hub.link-review.v1", said("restore", name, 1)))
    assert (restored["entity_id"], restored["status"]) == (name, "restored")
    assert len(engine.restored()) == 1
    assert engine.dead_keys() == []
    (again,) = values(worker.take("hub.link-review.v1", said("open", name, 2)))
    assert (again["entity_id"], again["status"]) == (name, "excluded")
    assert engine.restored() == []


def test_counts_are_told_to_one_figure() -> None:
    """Rounded down, so that “at least” is true."""
    assert [at_least(count) for count in (7, 61, 99, 100, 3_456)] == [7, 60, 90, 100, 3_000]

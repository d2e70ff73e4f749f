"""The states of an agreement's versions: a pure function of what happened and of the day.

Nothing has to run at midnight for an agreement to begin or to lapse. What happened is a list of
events; the day does the rest. A version that has been live and is superseded, withdrawn or lapsed
never comes back.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, Literal

State = Literal["draft", "tested", "approved", "live", "superseded", "withdrawn", "lapsed"]
Step = Literal["test", "approve", "withdraw"]

SEEDED: Final = "seeded"
"""The file of this text stands in the operator's folder."""
UNSEEDED: Final = "unseeded"
"""It stood there and no longer does."""
OF_THE_DAY: Final = frozenset({"live", "superseded", "lapsed"})
"""States that dates and newer versions bring about, without anybody acting."""
OF_OFFICERS: Final = frozenset({"approved", "withdrawn"})
"""Events after which an agreement is no longer the folder's but the officers'."""

POSSIBLE: Final[Mapping[Step, frozenset[State]]] = {
    "test": frozenset({"draft", "tested"}),
    "approve": frozenset({"tested"}),
    "withdraw": frozenset({"draft", "tested", "approved", "live"}),
}
"""From which states each step leads on."""


@dataclass(frozen=True, slots=True)
class Version:
    """One text. `agreement` is what it means (`policies.agreements.Agreement`)."""

    digest: str
    agreement_id: str
    number: int
    content: str
    origin: str
    author: str
    author_agency: str
    written_at: datetime
    agreement: Mapping[str, Any]

    def day(self, name: str) -> date:
        """The day on which it starts, is to be reviewed, or ends."""
        return date.fromisoformat(self.agreement[name])


@dataclass(frozen=True, slots=True)
class Event:
    """What happened to a text. An empty `actor` is the hub."""

    sequence: int
    digest: str
    agreement_id: str
    version: int
    kind: str
    actor: str
    agency: str
    reason: str
    detail: Mapping[str, Any]
    at: datetime


@dataclass(slots=True)
class _Course:
    """How far officers or the folder have brought one text. `over`: officers ended it for good."""

    state: State = "draft"
    over: bool = False
    withdrawn_on: date | None = None


def states(versions: Iterable[Version], events: Iterable[Event], today: date) -> dict[str, State]:
    """Tell the state of each version of one agreement, by digest, on a day."""
    ordered = sorted(versions, key=lambda each: each.number)
    courses = {version.digest: _Course() for version in ordered}
    for event in sorted(events, key=lambda each: each.sequence):
        if event.digest in courses:
            _advance(courses[event.digest], event)
    found: dict[str, State] = {}
    begun = False  # a later version has been in force
    for version in reversed(ordered):
        course = courses[version.digest]
        found[version.digest] = _on(version, course, today, begun=begun)
        begun = begun or _has_begun(version, course, today)
    return found


_REACHED: Final[Mapping[str, State]] = {
    "tested": "tested",
    "test-failed": "draft",
    "approved": "approved",
    "withdrawn": "withdrawn",
    "replaced": "superseded",
    SEEDED: "approved",
    UNSEEDED: "withdrawn",
}


def _advance(course: _Course, event: Event) -> None:
    if course.over or event.kind not in _REACHED:
        return
    if event.kind == "withdrawn" and course.state == "approved":
        course.withdrawn_on = event.at.date()
    course.state = _REACHED[event.kind]
    course.over = event.kind in {"withdrawn", "replaced"}


def _has_begun(version: Version, course: _Course, today: date) -> bool:
    """Tell whether it was ever in force, up to today."""
    start = version.day("starts")
    if course.state == "approved":
        return start <= today
    return course.withdrawn_on is not None and start <= course.withdrawn_on


def _on(version: Version, course: _Course, today: date, *, begun: bool) -> State:
    if course.state != "approved":
        return course.state
    if begun:
        return "superseded"
    if version.day("ends") < today:
        return "lapsed"
    return "live" if version.day("starts") <= today else "approved"


def governed(events: Iterable[Event]) -> bool:
    """Tell whether officers have acted on an agreement, so that the folder no longer decides."""
    return any(event.kind in OF_OFFICERS for event in events)


def standing(versions: Sequence[Version], found: Mapping[str, State]) -> tuple[Version, State]:
    """Give the version that speaks for an agreement: the live one, or the one nearest to it.

    A draft speaks for nobody. Raises LookupError where nothing but drafts is there.
    """
    order: tuple[State, ...] = ("live", "approved", "lapsed", "withdrawn", "superseded")
    for state in order:
        fitting = [v for v in versions if found[v.digest] == state]
        if fitting:
            return max(fitting, key=lambda each: each.number), state
    raise LookupError("nothing but drafts")


@dataclass(frozen=True, slots=True)
class Reminder:
    """An agreement that somebody should look at. `due` is its day of review, or of its end."""

    agreement_id: str
    version: int
    title: str
    what: Literal["review", "end"]
    due: date
    days: int


def reminders(
    in_force: Iterable[Mapping[str, Any]], today: date, ahead: int
) -> tuple[Reminder, ...]:
    """List live agreements whose review or end is at most `ahead` days away, the next one first.

    A review that is overdue stays on the list until a new version is live; `days` is then negative.
    """
    found = []
    for one in in_force:
        review, end = (date.fromisoformat(one[name]) for name in ("review", "ends"))
        starts = date.fromisoformat(one["starts"])
        if one["status"] != "live" or not starts <= today <= end:
            continue
        what: Literal["review", "end"]
        for what, due in (("review", review), ("end", end)):
            days = (due - today).days
            if days <= ahead:
                found.append(Reminder(one["id"], one["version"], one["title"], what, due, days))
    return tuple(sorted(found, key=lambda each: (each.due, each.agreement_id, each.what)))

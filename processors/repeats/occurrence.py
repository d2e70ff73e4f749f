"""An incident as one entity took part in it: several mentions of one incident are one occurrence.

Counting is by occurrence, so a person mentioned twice in an incident is counted once. Two
records of one real event by two agencies stay two occurrences: folding them would need a
judgement that belongs to a person.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from schemas.records import Member


@dataclass(frozen=True, slots=True)
class Occurrence:
    """What the rules need to know of one incident. Collections are sorted; days are UTC days."""

    at: datetime
    day: date
    incident_id: str
    agency: str
    severity: int
    strands: tuple[str, ...]
    districts: tuple[str, ...]
    immediate: tuple[str, ...]
    counterparts: tuple[str, ...]
    mention_ids: tuple[str, ...]
    referrals: tuple[datetime, ...]
    rubric: Mapping[str, int]


def occurrences(
    members: Iterable[Member], roles: Collection[str] | None = None
) -> tuple[Occurrence, ...]:
    """Return the incidents of `members` in one of `roles` (None: any), sorted by time and id."""
    mentions: dict[str, list[Member]] = {}
    for member in members:
        if roles is None or member["role"] in roles:
            mentions.setdefault(member["incident_id"], []).append(member)
    found = [_occurrence(group) for group in mentions.values()]
    return tuple(sorted(found, key=lambda one: (one.at, one.incident_id)))


def _occurrence(group: list[Member]) -> Occurrence:
    answers: dict[str, int] = {}
    for member in group:
        for item, points in member["rubric"].items():
            answers[item] = max(points, answers.get(item, points))
    at = min(member["occurred_from"] for member in group)
    return Occurrence(
        at=at,
        day=at.astimezone(UTC).date(),
        incident_id=group[0]["incident_id"],
        agency=min(member["agency"] for member in group),
        severity=max(member["severity"] for member in group),
        strands=_united(member["strands"] for member in group),
        districts=_united([member["district"]] for member in group),
        immediate=_united(member["immediate"] for member in group),
        counterparts=_united(member["counterparts"] for member in group),
        mention_ids=_united([member["mention_id"]] for member in group),
        referrals=tuple(sorted({m["referred_at"] for m in group if m["referred_at"] is not None})),
        rubric=answers,
    )


def _united(groups: Iterable[Iterable[str | None]]) -> tuple[str, ...]:
    return tuple(sorted({value for group in groups for value in group if value is not None}))

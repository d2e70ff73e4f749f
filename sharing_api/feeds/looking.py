"""Looking through the store for feeds: what changed gets a number in every feed that shows it.

Nothing leaves here. What is numbered is put before the gate again when somebody is shown it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from sqlalchemy import Connection

from sharing_api.answers import jsonable
from sharing_api.feeds import places
from sharing_api.feeds.places import LEVEL, SIGNAL, Changed, Numbered, Shown
from sharing_api.feeds.views import View
from sharing_api.levels import reading as levels
from sharing_api.records import signal_of
from sharing_api.release import Subject
from sharing_api.release.subjects import level_subject
from sharing_api.services import Services
from sharing_api.store.upsert import chunks, in_session

KINDS: Final = (SIGNAL, LEVEL)
MOMENTS: Final = ("outcome_at", "decided_at", "as_of")
"""Fields that say of when a record is; the first that is shown counts."""

Found = Mapping[str, tuple[int, Subject]]
"""Records by id as they stand, each with the change that made it so."""


@dataclass(frozen=True, slots=True)
class Look:
    """What one feed has after a number. `more`: there is more than was asked for."""

    numbered: Sequence[Numbered]
    subjects: Found
    more: bool


async def look(
    services: Services, views: Mapping[str, View], wanted: Iterable[tuple[str, int]], limit: int
) -> dict[tuple[str, int], Look | None]:
    """Number what changed in these feeds, and give what each has after a number.

    `wanted` are feeds and numbers; of each at most `limit` entries. None where the feed's askers
    are not covered any more. Raises GateClosed.
    """
    wanted, covered = list(wanted), set(views)
    while True:
        pending, last = await _pending(services, covered)
        if pending:
            covered -= await _number(services, views, pending)
            continue
        looks: dict[tuple[str, int], Look | None] = {}
        for view, after in wanted:
            if view not in covered:
                looks[view, after] = None
            elif last[view] <= after:
                looks[view, after] = Look((), {}, more=False)
            else:
                looks[view, after] = await _after(services, view, after, limit)
        if not any(each and each.more and not each.numbered for each in looks.values()):
            return looks


async def _after(services: Services, view: str, after: int, limit: int) -> Look:
    """Entries up to the first record that changed again since it was numbered."""
    async with services.reading() as session:
        numbered = await in_session(session, places.numbered, view, after, limit + 1)
    found = numbered[:limit]
    subjects = await _subjects(services, [_changed(each) for each in found if not each.gone])
    until = next(
        (n for n, each in enumerate(found) if _newer(each, subjects)),
        len(found),
    )
    return Look(found[:until], subjects, more=until < len(numbered))


def _newer(each: Numbered, subjects: Found) -> bool:
    return not each.gone and each.id in subjects and subjects[each.id][0] != each.place


async def _pending(
    services: Services, views: Collection[str]
) -> tuple[dict[str, tuple[int, list[Changed]]], dict[str, int]]:
    """What changed since each feed was looked through, and each feed's last number."""
    async with services.reading() as session:
        stand = await in_session(session, places.positions, views)
        begin = min((position for position, _ in stand.values()), default=0)
        found = await in_session(session, places.changed, begin) if stand else []
    pending = {
        view: (position, [each for each in found if each.place > position])
        for view, (position, _) in stand.items()
    }
    return (
        {view: each for view, each in pending.items() if each[1]},
        {view: last for view, (_, last) in stand.items()},
    )


async def _number(
    services: Services,
    views: Mapping[str, View],
    pending: Mapping[str, tuple[int, list[Changed]]],
) -> set[str]:
    """Number what changed, each record once for all feeds; which feeds' askers are not covered."""
    shown: dict[str, dict[str, Shown] | None] = {view: {} for view in pending}
    every = max(pending.values(), key=lambda each: len(each[1]))[1]
    for some in chunks(every):
        subjects = await _subjects(services, some)
        for view, (begin, _) in pending.items():
            known = shown[view]
            if known is None:
                continue
            mine = [each for each in some if each.place > begin and each.id in subjects]
            told = await _shown(services, views[view], mine, subjects)
            shown[view] = None if told is None else known | told
    give = {
        view: (*pending[view], told)
        for view, told in shown.items()
        if told is not None
    }  # fmt: skip
    if give:
        await services.numbering.run(partial(_give, give=give))
    return set(pending) - set(give)


def _give(
    connection: Connection, give: Mapping[str, tuple[int, list[Changed], dict[str, Shown]]]
) -> None:
    for view in sorted(give):
        begin, found, shown = give[view]
        places.number(connection, view, begin, found, shown)


async def _shown(
    services: Services, view: View, changes: Sequence[Changed], subjects: Found
) -> dict[str, Shown] | None:
    """How a feed shows what changed, by record id; None where its askers are not covered.

    A record whose id is not shown as it is goes under a name that this agency alone has for it.
    """
    removed = {each.id for each in changes if each.removed}
    pseudonym, agency = services.parts.pseudonyms.pseudonym, view.asker.agency
    shown: dict[str, Shown] = {}
    for kind in KINDS:
        mine = [subjects[each.id][1] for each in changes if each.kind == kind]
        if not mine and kind != SIGNAL:
            continue
        told = await services.gate.outlines(
            view.statement, view.purpose, mine, kind=kind, wanted=view.chosen.of_kind(kind)
        )
        if told is None and kind == SIGNAL:
            return None
        for name, fields in (told or {}).items():
            digest = places.GONE if name in removed else _digest(fields)
            known = name if fields.get(places.ID_FIELD[kind]) == name else pseudonym(agency, name)
            shown[name] = Shown(subjects[name][0], digest, _moment(fields), known)
    return shown


async def _subjects(
    services: Services, wanted: Iterable[Changed]
) -> dict[str, tuple[int, Subject]]:
    """The records as they stand now, each with the change that made it so."""
    listed = list(wanted)
    ids = {kind: [each.id for each in listed if each.kind == kind] for kind in KINDS}
    async with services.reading() as session:
        signals = await in_session(session, places.as_stored, ids[SIGNAL])
        told = await in_session(session, levels.by_id, services.reader.decode, ids[LEVEL])
    out: dict[str, tuple[int, Subject]] = {}
    for each in listed:
        if each.kind == LEVEL and each.id in told:
            out[each.id] = (each.place, level_subject(told[each.id]))
        elif each.id in signals:
            row = signals[each.id]
            out[each.id] = (row.sequence, signal_of(services, row.message))
    return out


def _changed(each: Numbered) -> Changed:
    return Changed(each.place, each.kind, each.id, removed=False)


def _digest(fields: Mapping[str, Any]) -> str:
    """Of what is shown. Obligations are left out: their days move on from day to day."""
    told = json.dumps(jsonable(fields), sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()


def _moment(fields: Mapping[str, Any]) -> str:
    return next((str(fields[name]) for name in MOMENTS if fields.get(name)), "")

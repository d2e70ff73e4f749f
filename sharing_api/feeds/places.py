"""Numbers of a feed: kept in the store, given only for what was shown.

The store counts every change; an agreement lets some of them be seen. Subscribers get numbers that
count what they were shown, so that a change of what they may not see changes none of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, literal, select, union_all, update

from sharing_api.feeds.rows import FeedNumberRow, FeedViewRow
from sharing_api.levels.rows import LevelRow
from sharing_api.store.tables import SignalRow
from sharing_api.store.upsert import chunks, insert_new, table_of, upsert

SIGNAL, LEVEL = "signal", "level"
GONE: Final = ""
"""Digest of what is no longer shown."""
ID_FIELD: Final[Mapping[str, str]] = {SIGNAL: "signal_id", LEVEL: "level_id"}
_VIEWS = table_of(FeedViewRow)
_NUMBERS = table_of(FeedNumberRow)
_SIGNALS = table_of(SignalRow)
_LEVELS = table_of(LevelRow)


@dataclass(frozen=True, slots=True)
class Changed:
    """A record that changed, as the store has it now."""

    place: int
    kind: str
    id: str
    removed: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """How a record is shown in a feed: the change it is as of, a digest, and its moment and name.

    The name is what the record is called there: its id, where that is shown.
    """

    place: int
    digest: str
    moment: str
    name: str


@dataclass(frozen=True, slots=True)
class Numbered:
    """A record's number and name in a feed, and the change it was given for."""

    number: int
    kind: str
    id: str
    place: int
    gone: bool
    name: str


def positions(connection: Connection, views: Iterable[str]) -> dict[str, tuple[int, int]]:
    """How far the store was looked through for each of these feeds, and its last number."""
    found = dict.fromkeys(views, (0, 0))
    for some in chunks(found):
        query = select(_VIEWS).where(_VIEWS.c.view_id.in_(some))
        found |= {r.view_id: (r.position, r.last) for r in connection.execute(query)}
    return found


def changed(connection: Connection, after: int) -> list[Changed]:
    """Everything that changed in the store after a place, in order."""
    signals = select(
        _SIGNALS.c.sequence.label("place"),
        literal(SIGNAL).label("kind"),
        _SIGNALS.c.signal_id.label("id"),
        _SIGNALS.c.removed.label("removed"),
    ).where(_SIGNALS.c.sequence > after)
    levels = select(
        _LEVELS.c.sequence, literal(LEVEL), _LEVELS.c.level_id, literal(value=False)
    ).where(_LEVELS.c.sequence > after)
    both = union_all(signals, levels).subquery()
    query = select(both).order_by(both.c.place)
    return [Changed(r.place, r.kind, r.id, bool(r.removed)) for r in connection.execute(query)]


def number(
    connection: Connection,
    view: str,
    begin: int,
    found: Sequence[Changed],
    shown: Mapping[str, Shown],
) -> bool:
    """Give numbers to what is shown otherwise than before; False if another node came first.

    `shown` has what may be seen, or could be before it went away. What never could be seen gets no
    number when it goes away. The order of the numbers depends on what is shown and on nothing else:
    a record that changed out of sight as well keeps its turn.
    """
    if begin == 0:
        insert_new(connection, FeedViewRow, {"view_id": view, "position": 0, "last": 0})
    mine = _VIEWS.c.view_id == view
    moved = connection.execute(
        update(_VIEWS)
        .where(mine, _VIEWS.c.position == begin)
        .values(position=found[-1].place)
        .returning(_VIEWS.c.last)
    ).first()
    if moved is None:
        return False
    before = _standing(connection, view, [each.id for each in found])
    last, rows = int(moved.last), []
    turns = [(shown.get(each.id, Shown(each.place, GONE, "", each.id)), each) for each in found]
    for look, each in sorted(turns, key=_turn):
        known = before.get(each.id)
        if known is None and each.id not in shown:
            continue
        name = _called(look, known)
        if known is not None and (known.digest, _name(known)) == (look.digest, name):
            given = known.number
        else:
            last = given = last + 1
        rows.append(
            {
                "view_id": view, "record_id": each.id, "kind": each.kind, "number": given,
                "place": look.place, "digest": look.digest, "called": name,
            }
        )  # fmt: skip
    for some in chunks(rows):
        upsert(connection, FeedNumberRow, some)
    connection.execute(update(_VIEWS).where(mine).values(last=last))
    return True


def _called(look: Shown, known: Any) -> str:
    """What a record is called from now on; what goes away, what it was called."""
    return _name(known) if look.digest == GONE and known is not None else look.name


def _name(row: Any) -> str:
    """What a numbered record is called in its feed."""
    return str(row.called or row.record_id)


def _turn(one: tuple[Shown, Changed]) -> tuple[bool, str, str, str]:
    """What went away comes last; before it, records by the moment that is shown, then by id."""
    look, each = one
    return look.digest == GONE, look.moment if look.digest != GONE else "", each.kind, each.id


def numbered(
    connection: Connection, view: str, after: int, limit: int | None = None
) -> list[Numbered]:
    """What was shown under numbers after this one."""
    query = (
        select(_NUMBERS)
        .where(_NUMBERS.c.view_id == view, _NUMBERS.c.number > after)
        .order_by(_NUMBERS.c.number)
        .limit(limit)
    )
    return [
        Numbered(r.number, r.kind, r.record_id, r.place, r.digest == GONE, _name(r))
        for r in connection.execute(query)
    ]


def _standing(connection: Connection, view: str, ids: Sequence[str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for some in chunks(ids):
        query = select(_NUMBERS).where(_NUMBERS.c.view_id == view, _NUMBERS.c.record_id.in_(some))
        found |= {r.record_id: r for r in connection.execute(query)}
    return found


def as_stored(connection: Connection, ids: Sequence[str]) -> dict[str, Any]:
    """Signals by id: place, message, whether removed."""
    found: dict[str, Any] = {}
    for some in chunks(ids):
        rows = connection.execute(select(_SIGNALS).where(_SIGNALS.c.signal_id.in_(some)))
        found |= {row.signal_id: row for row in rows}
    return found

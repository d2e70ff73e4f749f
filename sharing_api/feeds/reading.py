"""The feed of tension under an agreement, whatever its format: signals and levels, in order.

Everything passes the gate and has its entry in the ledger each time somebody is shown it, a
tombstone included. A feed belongs to all who ask alike; each of them comes back with the last
number they saw, and many who wait are answered together.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sharing_api.answers import jsonable
from sharing_api.auth.requests import Stated
from sharing_api.feeds.looking import Look, look
from sharing_api.feeds.places import ID_FIELD, LEVEL, SIGNAL, Numbered
from sharing_api.feeds.views import View
from sharing_api.filters import SignalFilter
from sharing_api.release import Alike, Asker, Batch, Refusal, Release, Subject
from sharing_api.services import Services

CHUNK: Final = 100
_SENT: Final = "feed"
"""What an entry says of a page that a feed sends out by itself."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One record of a feed as this subscriber may see it, under the name that it has there.

    Of one that is gone only the name.
    """

    number: int
    kind: str
    id: str
    removed: bool
    fields: Mapping[str, Any]
    obligations: Sequence[Mapping[str, Any]] = ()
    agreement: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """Entries after a number; `last` is where to go on, `more` whether there is more already.

    `outcome` is None where the gate was not asked, or nobody wants to know of the entry it made.
    """

    entries: tuple[Entry, ...]
    last: int
    more: bool
    outcome: Batch | None


@dataclass(frozen=True, slots=True)
class Want:
    """Somebody wants the entries of a feed after a number."""

    view: View
    after: int


class Feed:
    """What one asker may follow for one purpose."""

    def __init__(
        self, services: Services, asker: Asker, stated: Stated, chosen: SignalFilter
    ) -> None:
        """Nothing is asked yet."""
        self._services = services
        self.view = View(asker, stated, chosen)

    async def admitted(self) -> Batch | Refusal:
        """Ask the gate about the feed itself, before anything is sent. Raises GateClosed."""
        (alike,) = await _gate(self._services, [Want(self.view, 0)], SIGNAL, ())
        return alike.answer

    async def read(self, after: int, limit: int = CHUNK) -> Page | Refusal:
        """What this asker may see after a number, each record once, as it stands.

        Raises GateClosed.
        """
        want = Want(self.view, after)
        return (await read_together(self._services, [want], limit, quiet=False))[0]


async def read_together(
    services: Services, wants: Sequence[Want], limit: int = CHUNK, *, quiet: bool
) -> list[Page | Refusal]:
    """Answer all of these as if each had asked alone, with one look at the store for all.

    At most `limit` entries each. With `quiet` nothing is asked, nor entered in the ledger, where
    nothing is new, and entries say that nobody asked just then. Entries that several are shown
    alike are one object. Raises GateClosed: then nobody has been shown anything.
    """
    groups: dict[tuple[str, int], list[int]] = {}
    for place, want in enumerate(wants):
        groups.setdefault((want.view.id, want.after), []).append(place)
    looks = await look(services, {want.view.id: want.view for want in wants}, groups, limit)
    answers: list[Page | Refusal | None] = [None] * len(wants)

    async def answer(key: tuple[str, int]) -> None:
        mine = [wants[place] for place in groups[key]]
        for place, page in zip(
            groups[key], await _shown(services, mine, looks[key], quiet=quiet), strict=True
        ):
            answers[place] = page

    await asyncio.gather(*(answer(key) for key in groups))
    return [page for page in answers if page is not None]


async def _shown(
    services: Services, wants: Sequence[Want], found: Look | None, *, quiet: bool
) -> list[Page | Refusal]:
    """What each is shown of one look; all want the same feed after the same number."""
    numbered = found.numbered if found else ()
    if found and quiet and not numbered:
        return [Page((), wants[0].after, found.more, None)] * len(wants)
    subjects = {
        kind: [
            found.subjects[each.id][1]
            for each in numbered
            if each.kind == kind and not each.gone and each.id in found.subjects
        ]
        for kind in ID_FIELD
        if found
    }
    unasked = _SENT if quiet else ""
    asked: dict[str, list[Alike]] = {}
    if subjects.get(SIGNAL) or not subjects.get(LEVEL) or any(each.gone for each in numbered):
        asked[SIGNAL] = await _gate(services, wants, SIGNAL, subjects.get(SIGNAL, ()), unasked)
    if subjects.get(LEVEL):
        asked[LEVEL] = await _gate(services, wants, LEVEL, subjects[LEVEL], unasked)
    pages = _Pages(numbered, wants[0].after, more=bool(found and found.more))
    return [pages.of(place, asked, quiet=quiet) for place in range(len(wants))]


class _Pages:
    """Makes the page of each from what the gate answered; once for all who were answered alike."""

    def __init__(self, numbered: Sequence[Numbered], after: int, *, more: bool) -> None:
        self._numbered = numbered
        self._last = numbered[-1].number if numbered else after
        self._more = more
        self._made: dict[tuple[int, ...], tuple[Entry, ...]] = {}
        self._where: dict[str, dict[int, tuple[Alike, int]]] = {}

    def of(
        self, place: int, asked: Mapping[str, Sequence[Alike]], *, quiet: bool
    ) -> Page | Refusal:
        """One page. A refusal of levels alone leaves levels out."""
        if not self._where:
            self._where = {
                kind: {each: (alike, n) for alike in alikes for n, each in enumerate(alike.places)}
                for kind, alikes in asked.items()
            }
        mine = {kind: where[place] for kind, where in self._where.items()}
        signals = mine.get(SIGNAL)
        if signals and isinstance(signals[0].answer, Refusal):
            refused = signals[0].of(signals[1])
            assert isinstance(refused, Refusal)
            return refused
        given = {k: alike for k, (alike, _) in mine.items() if isinstance(alike.answer, Batch)}
        key = tuple(id(alike) for alike in given.values())
        if key not in self._made:
            self._made[key] = self._entries([alike.answer for alike in given.values()])
        outcome = None
        if not quiet:
            outcome = _outcome([mine[kind] for kind in given])
        return Page(self._made[key], self._last, self._more, outcome)

    def _entries(self, batches: Sequence[Batch | Refusal]) -> tuple[Entry, ...]:
        released = {
            one.record_id: one
            for batch in batches
            if isinstance(batch, Batch)
            for one in batch.releases
        }
        entries = (_entry(each, released.get(each.id)) for each in self._numbered)
        return tuple(entry for entry in entries if entry is not None)


def _outcome(mine: Sequence[tuple[Alike, int]]) -> Batch | None:
    for alike, index in reversed(mine):
        answer = alike.of(index)
        if isinstance(answer, Batch):
            return answer
    return None


def _entry(each: Numbered, release: Release | None) -> Entry | None:
    if each.gone:
        fields = {ID_FIELD[each.kind]: each.name}
        return Entry(each.number, each.kind, each.name, removed=True, fields=fields)
    if release is None:
        return None
    return Entry(
        each.number,
        each.kind,
        each.name,
        removed=False,
        fields=jsonable(release.fields),
        obligations=jsonable(release.obligations),
        agreement=release.agreement,
    )


async def _gate(
    services: Services,
    wants: Sequence[Want],
    kind: str,
    subjects: Sequence[Subject],
    unasked: str = "",
) -> list[Alike]:
    first = wants[0].view
    return await services.gate.release_to_each(
        [want.view.statement for want in wants],
        first.purpose,
        subjects,
        kind=kind,
        wanted=first.chosen.of_kind(kind),
        unasked=unasked,
    )

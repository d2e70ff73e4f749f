"""Lists through the gate: rows in, one page of releases out, filled with what may be seen.

One pass and one entry in the ledger for each page, whatever the asker filters by.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

from starlette.responses import Response

from sharing_api.answers import page, refused
from sharing_api.auth.requests import Stated
from sharing_api.release import Asker, Batch, Refusal, Release, Subject, Wanted
from sharing_api.services import Services

Fetch = Callable[[str | None, int], Awaitable[Sequence[tuple[str, Subject]]]]


ROWS = 200
"""Rows fetched at once, at most."""


async def released_page(
    services: Services,
    asker: Asker,
    stated: Stated,
    kind: str,
    fetch: Fetch,
    *,
    after: str | None,
    limit: int,
    wanted: Wanted | None = None,
) -> tuple[Batch, list[Release], str | None]:
    """Releases of one page, and the position after which the next one begins (None at the end).

    `fetch(after, count)` gives the next rows as (position, subject); it narrows by nothing that an
    agreement could withhold. `wanted` does, in the gate. Raises Problem 403 where the
    asker is not covered at all, GateClosed.
    """
    positions: dict[str, str] = {}
    batch = await services.gate.release_all(
        asker,
        stated.purpose,
        _stream(fetch, after, ROWS if wanted else min(limit + 1, ROWS), positions),
        kind=kind,
        limit=limit,
        wanted=wanted,
        **stated.terms(),
    )
    if isinstance(batch, Refusal):
        raise refused(services, kind, batch)
    services.metrics.permitted(kind, len(batch.releases))
    further = positions[batch.next_after] if batch.next_after is not None else None
    return batch, list(batch.releases), further


async def answered_page(
    services: Services,
    asker: Asker,
    stated: Stated,
    kind: str,
    fetch: Fetch,
    *,
    cursor: str | None,
    limit: int,
    place: str | None = None,
    wanted: Wanted | None = None,
) -> Response:
    """The answer of a list: one page, and the cursor of the next one. Raises as `released_page`.

    `place` names the list in its cursors (its kind, if not given); a cursor of another list is
    refused.
    """
    listed = place or kind
    batch, released, further = await released_page(
        services,
        asker,
        stated,
        kind,
        fetch,
        after=services.cursors.read(listed, cursor),
        limit=min(limit, services.settings.page_max),
        wanted=wanted,
    )
    next_ = services.cursors.write(listed, further) if further is not None else None
    return page(batch, released, next_)


async def _stream(
    fetch: Fetch, after: str | None, count: int, positions: dict[str, str]
) -> AsyncIterator[Subject]:
    while rows := await fetch(after, count):
        for position, subject in rows:
            positions[subject.id] = position
            yield subject
            after = position
        if len(rows) < count:
            return

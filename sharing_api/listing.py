"""Lists through the gate: rows in, one page of releases out, filled with what may be seen.

A filter narrows in the store, and what the gate releases is checked against it once more: a field
that is withheld or coarsened cannot be found out by filtering for it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any

from sharing_api.answers import refused
from sharing_api.auth.requests import Stated
from sharing_api.release import Asker, Batch, Refusal, Release, Subject
from sharing_api.services import Services

Fetch = Callable[[str | None, int], Awaitable[Sequence[tuple[str, Subject]]]]
Shown = Callable[[dict[str, Any]], bool]


async def released_page(
    services: Services,
    asker: Asker,
    stated: Stated,
    kind: str,
    fetch: Fetch,
    *,
    after: str | None,
    limit: int,
    shown: Shown | None = None,
) -> tuple[Batch, list[Release], str | None]:
    """Releases of one page, and the position after which the next one begins (None at the end).

    `fetch(after, count)` gives the next rows as (position, subject). Raises Problem 403 where the
    asker is not covered at all, GateClosed.
    """
    kept: list[Release] = []
    positions: dict[str, str] = {}
    while True:
        batch = await services.gate.release_all(
            asker,
            stated.purpose,
            _stream(fetch, after, limit, positions),
            kind=kind,
            limit=limit - len(kept),
            **stated.terms(),
        )
        if isinstance(batch, Refusal):
            raise refused(services, kind, batch)
        services.metrics.permitted(kind, len(batch.releases))
        kept += [r for r in batch.releases if shown is None or shown(dict(r.fields))]
        after = positions[batch.next_after] if batch.next_after is not None else None
        if after is None or len(kept) >= limit:
            return batch, kept, after


async def _stream(
    fetch: Fetch, after: str | None, limit: int, positions: dict[str, str]
) -> AsyncIterator[Subject]:
    count = min(limit + 1, 200)
    while rows := await fetch(after, count):
        for position, subject in rows:
            positions[subject.id] = position
            yield subject
            after = position
        if len(rows) < count:
            return

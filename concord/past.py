"""Past decisions of a hub's ledger, read from its database page by page, outside an event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Final

from policies.decided import Decided
from sharing_api.store.decision_inputs import decided
from sharing_api.store.engine import make_engine, make_reading_sessions

PAGE: Final = 5_000
"""Decisions read from the store at once."""


def decisions(url: str) -> Iterator[Decided]:
    """Read all decisions in the order of the ledger. Raises SQLAlchemyError, OSError."""
    engine = make_engine(url)

    async def page(after: int) -> list[Decided]:
        async with make_reading_sessions(engine)() as session:
            return await decided(session, after=after, limit=PAGE)

    with asyncio.Runner() as runner:
        after = 0
        try:
            while rows := runner.run(page(after)):
                yield from rows
                after = rows[-1].sequence
        finally:
            runner.run(engine.dispose())

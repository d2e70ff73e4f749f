"""Asking linkage over the log: a lookup goes out, and whoever waits for its answer is told.

Each API process reads every answer, knows those that it waits for, and forgets the rest. Without an
answer in time nobody is told anything: a silence would be taken for "not known".
"""

from __future__ import annotations

import asyncio
from typing import Any, Final

import structlog

from schemas import codec, envelope
from schemas.records import Lookup
from schemas.registry import SchemaIds
from sharing_api.projector.log import Log
from sharing_api.projector.messages import MessageReader, Unreadable
from sharing_api.services import Outgoing, Publisher, PublisherAway

log = structlog.get_logger(__name__)

QUESTIONS: Final = "hub.lookup.v1"
ANSWERS: Final = "hub.lookup-answer.v1"
RECORD: Final = "lookup.v1"
_LOOK_AGAIN_SECONDS: Final = 2.0


class LookupAway(Exception):
    """Linkage did not answer in time, or could not be asked."""


class Correspondence:
    """Sends lookups and hands over their answers; run `run` as one task."""

    def __init__(
        self, source: Log, publisher: Publisher, reader: MessageReader, schema_ids: SchemaIds
    ) -> None:
        """`source` reads the log and is used for nothing else."""
        self._source = source
        self._publisher = publisher
        self._reader = reader
        self._ids = schema_ids
        self._waiting: dict[str, asyncio.Future[list[str]]] = {}
        self._listening = asyncio.Event()

    async def ask(self, lookup: Lookup, seconds: float) -> list[str]:
        """Mention ids of whoever the lookup is about; none if nobody. Raises LookupAway."""
        answer: asyncio.Future[list[str]] = asyncio.get_running_loop().create_future()
        self._waiting[lookup["lookup_id"]] = answer
        try:
            async with asyncio.timeout(seconds):
                await self._listening.wait()
                await self._publisher.publish([self._message(lookup)])
                return await answer
        except (TimeoutError, PublisherAway):
            raise LookupAway from None
        finally:
            del self._waiting[lookup["lookup_id"]]

    async def run(self) -> None:
        """Follow the answers; come back by itself after any failure."""
        try:
            while True:
                try:
                    await self._follow()
                except Exception as error:  # noqa: BLE001 - broker, registry or ours: try again
                    log.warning("lookups.waiting", fault=type(error).__name__)
                self._listening.clear()
                await asyncio.sleep(_LOOK_AGAIN_SECONDS)
        finally:
            await self._source.close()

    async def _follow(self) -> None:
        await self._source.close()
        await self._source.open()
        found = [one for one in await self._source.partitions() if one[0] == ANSWERS]
        if not found:
            return
        self._source.assign(dict.fromkeys(found, 0))
        while True:
            for message in await self._source.fetch():
                self._take(message)
            self._listening.set()

    def _take(self, message: Any) -> None:
        try:
            record = self._reader.read(message).record
        except Unreadable as fault:
            log.warning("lookups.unreadable", fault=str(fault))
            return
        waiting = self._waiting.get(record["lookup_id"]) if record else None
        if record is not None and waiting is not None and not waiting.done():
            waiting.set_result(list(record["mention_ids"]))

    def _message(self, lookup: Lookup) -> Outgoing:
        key = lookup["lookup_id"]
        framed = codec.frame(self._ids.id_of(RECORD), codec.encode(RECORD, lookup))
        headers = envelope.headers(
            id_=key, source="/hub/api", type_=RECORD, time=lookup["asked_at"]
        )
        return Outgoing(QUESTIONS, key.encode(), framed, headers)

"""Lookups on the log: the encoding of a person in, the mentions held to be that person out.

An answer says what linkage would say of an incident, and nothing is kept of the person. What of it
anybody may be told is decided elsewhere, by the release gate.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, Protocol

import structlog

from processors.log import LogRecord
from schemas.encoding import EncodingError, decode
from schemas.records import Lookup, LookupAnswer
from schemas.sealing import SealError, encoding_aad

if TYPE_CHECKING:
    from processors.linkage.agent import LinkageCore
    from processors.linkage.matcher import Opens

Log = structlog.get_logger

QUESTIONS: Final = "hub.lookup.v1"
ANSWERS: Final = "hub.lookup-answer.v1"
STALE: Final = timedelta(seconds=60)
"""Age at which nobody waits for the answer any more."""


class Sends(Protocol):
    """What publishes answers."""

    async def send(self, topic: str, key: str, record: Any | None) -> None:
        """Collect a record."""

    async def flush(self) -> None:
        """Send what was collected."""


class Lookups:
    """Answers lookups from what linkage knows at the moment."""

    def __init__(self, core: LinkageCore, opener: Opens, publisher: Sends) -> None:
        """`opener` holds the linkage key."""
        self._core = core
        self._opener = opener
        self._publisher = publisher

    async def answer_all(self, records: Sequence[LogRecord]) -> None:
        """Answer those that somebody still waits for."""
        oldest = datetime.now(UTC) - STALE
        for record in records:
            question: Any = record.value
            if question is None or record.written_at < oldest:
                continue
            found = self.answer(question)
            if found is not None:
                await self._publisher.send(ANSWERS, found["lookup_id"], found)
        await self._publisher.flush()

    def answer(self, question: Lookup) -> LookupAnswer | None:
        """The answer to one lookup; None where it holds no encoding that opens here."""
        try:
            sealed = self._opener.open(
                question["linkage_key_id"],
                question["linkage_wrapped_key"],
                question["encoding"],
                encoding_aad(question["lookup_id"], 0),
            )
            words = decode(sealed).words
        except (SealError, EncodingError) as error:
            Log().warning("lookup-unreadable", fault=type(error).__name__)
            return None
        mentions, version = self._core.probe(words, question["asked_at"])
        return {
            "lookup_id": question["lookup_id"],
            "mention_ids": mentions,
            "parameters": version,
        }

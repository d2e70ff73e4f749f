"""Decision inputs: kept in the transaction of their ledger entry, read to decide again.

An entry's inputs are one canonical JSON document that names a question and, by digest, the facts
of each record; the entry holds the SHA-256 of it. Replay and recall read them as `Decided`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, bindparam, insert, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from policies.decided import Decided
from sharing_api.store.decision_tables import DecisionInputs, DecisionPart

_ENTRIES: Final = 500
"""Entries that are read at once."""
_PART: Final = text(
    "INSERT INTO decision_parts (digest, content) VALUES (:digest, :content) ON CONFLICT DO NOTHING"
)
_ENTRY: Final = insert(DecisionInputs.__table__)  # type: ignore[arg-type]
_PARTS: Final = select(DecisionPart.digest, DecisionPart.content).where(
    DecisionPart.digest.in_(bindparam("digests", expanding=True))
)


@dataclass(frozen=True, slots=True)
class Inputs:
    """What was asked and answered for one ledger entry.

    `content` is canonical JSON: `question` (a digest), `decided`, groups of records with equal
    facts and an equal answer, and `agreements`, texts by name and version. `parts` has the text
    behind every digest that it names.
    """

    content: str
    parts: Mapping[str, str]
    permits: bool

    @property
    def digest(self) -> str:
        """SHA-256 of the content, as hex: what the ledger entry holds."""
        return part_digest(self.content)


def part_digest(content: str) -> str:
    """Address a text: SHA-256 of its UTF-8, as hex."""
    return hashlib.sha256(content.encode("utf-8")).hexdigest()


def write_inputs(
    connection: Connection, kept: Sequence[tuple[int, Inputs]], known: Container[str] = ()
) -> None:
    """Keep the inputs of entries by their number, within the transaction that appends them.

    `known` are digests of parts that are certainly in the store.
    """
    if not kept:
        return
    parts = {digest: part for _, inputs in kept for digest, part in inputs.parts.items()}
    new = [{"digest": d, "content": parts[d]} for d in sorted(parts) if d not in known]
    if new:
        connection.execute(_PART, new)
    connection.execute(
        _ENTRY,
        [
            {
                "sequence": sequence,
                "digest": inputs.digest,
                "permits": inputs.permits,
                "content": inputs.content,
            }
            for sequence, inputs in kept
        ],
    )


async def decided(
    session: AsyncSession, *, after: int = 0, limit: int = 1000, permitted: bool | None = None
) -> list[Decided]:
    """Past decisions in ledger order, from entries after number `after`; empty at the end.

    An entry is never split: whoever goes on `after` the last one's `sequence` misses nothing, and
    the last entry may exceed `limit`. `permitted` keeps only those that permitted, or refused.
    """
    found: list[Decided] = []
    while len(found) < limit:
        rows = await _rows(session, after, limit - len(found), permits=permitted)
        if not rows:
            break
        for sequence, document, parts in rows:
            found += [
                each
                for each in _read(sequence, document, parts)
                if permitted is None or each.permit == permitted
            ]
            after = sequence
            if len(found) >= limit:
                break
    return found


async def inputs_of(session: AsyncSession, sequence: int) -> Inputs | None:
    """The inputs of one entry with all their parts; None where the entry had none."""
    query = select(DecisionInputs.permits, DecisionInputs.content).where(
        DecisionInputs.sequence == sequence
    )
    row = (await session.execute(query)).first()
    if row is None:
        return None
    return Inputs(row.content, await _parts(session, named_parts(row.content)), row.permits)


def _read(
    sequence: int, document: Mapping[str, Any], parts: Mapping[str, Any]
) -> Iterator[Decided]:
    """Read the decisions of one entry from its parsed parts; they share what is equal.

    Raises KeyError for a part that is missing.
    """
    question = parts[document["question"]]
    for group in document["decided"]:
        facts, reasons = parts[group["facts"]], tuple(group["reasons"])
        alike = (document["question"], group["facts"])
        for record_id in group["records"]:
            yield Decided(
                sequence=sequence,
                record_id=record_id,
                document={**question, "record": {**facts, "id": record_id}},
                permit=group["permit"],
                fields=group["fields"],
                reasons=reasons,
                alike=alike,
            )


def named_parts(content: str) -> list[str]:
    """Give the digests that a document of inputs names, each once, agreements included."""
    document = json.loads(content)
    return sorted({*_asked_parts(document), *document["agreements"].values()})


def _asked_parts(document: Mapping[str, Any]) -> set[str]:
    return {document["question"], *(group["facts"] for group in document["decided"])}


async def _rows(
    session: AsyncSession, after: int, limit: int, *, permits: bool | None
) -> list[tuple[int, Mapping[str, Any], Mapping[str, Any]]]:
    """Entries with about `limit` decisions, parsed, and the parsed parts of all of them."""
    query = (
        select(DecisionInputs.sequence, DecisionInputs.content)
        .where(DecisionInputs.sequence > after)
        .order_by(DecisionInputs.sequence)
        .limit(min(limit, _ENTRIES))
    )
    if permits:
        query = query.where(DecisionInputs.permits.is_(True))
    rows: list[tuple[int, Mapping[str, Any]]] = []
    for number, content in (await session.execute(query)).all():
        if limit <= 0:
            break
        document = json.loads(content)
        limit -= sum(len(group["records"]) for group in document["decided"])
        rows.append((number, document))
    texts = await _parts(session, sorted({d for _, each in rows for d in _asked_parts(each)}))
    parts = {digest: json.loads(content) for digest, content in texts.items()}
    return [(number, document, parts) for number, document in rows]


async def _parts(session: AsyncSession, digests: Sequence[str]) -> dict[str, str]:
    found: dict[str, Any] = {}
    for begin in range(0, len(digests), _ENTRIES):
        chunk = digests[begin : begin + _ENTRIES]
        rows = (await session.execute(_PARTS, {"digests": chunk})).all()
        found.update((row.digest, row.content) for row in rows)
    return found

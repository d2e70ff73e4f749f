"""Entries of the ledger: their content, and the chain of hashes that they form."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple

from sharing_api.store.decision_inputs import Inputs

GENESIS: Final = "0" * 64
"""Hash before the first entry."""
OPERATIONS: Final = frozenset(
    {"collection", "alteration", "consultation", "disclosure", "combination", "erasure"}
)
"""The six operations of DPA 2018 s.62."""
UNASKED: Final = "unasked"
"""Name in an entry's detail: nobody asked just then; what follows says why there is an entry."""
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)
_INSIDE: Final = {"key", "inputs"}
"""Parts of an entry that no asker of the ledger is shown."""


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """What was done or refused, by whom, about which records. `at` None means now.

    `key` makes the append idempotent: a second entry of the same key is the first one.
    `inputs` are kept beside the entry, in its transaction; the entry holds their digest alone.
    """

    operation: str
    actor: str
    agency: str
    purpose: str | None = None
    justification: str | None = None
    decision: str = "permit"
    input_digest: str | None = None
    agreement: str | None = None
    policy_revision: str | None = None
    record_ids: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    detail: Mapping[str, str] = field(default_factory=dict)
    at: datetime | None = None
    key: str | None = None
    inputs: Inputs | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerRow(LedgerEntry):
    """An entry as it stands in the ledger. `at` is UTC, in milliseconds.

    `reference` is what askers are told of it (`ledger_references`); empty if it was not looked up.
    """

    sequence: int
    reference: str = ""
    previous_hash: str
    hash: str

    def columns(self) -> dict[str, Any]:
        """Give name and value of everything that an asker of the ledger can be shown."""
        return {f.name: getattr(self, f.name) for f in fields(self) if f.name not in _INSIDE}


class Entered(NamedTuple):
    """Where an entry stands: its place among all entries, and the reference that askers are told.

    The place counts what everybody does and is for those who may see the whole ledger.
    """

    sequence: int
    reference: str


@dataclass(frozen=True, slots=True)
class Verification:
    """Result of reading the whole chain. `fault` None means that it holds."""

    entries: int
    head: str
    fault: str | None = None
    sequence: int | None = None


_CANONICAL: Final = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _text(value: Any) -> str:
    return _CANONICAL.encode(value)


def chained(entry: LedgerEntry, sequence: int, previous: str) -> tuple[dict[str, Any], bytes]:
    """Write an entry as the columns of its row, behind the entry whose hash is `previous`.

    Beside them, what `entry_bytes` makes of the row: the tree hashes it too.
    """
    at = entry.at or datetime.now(UTC)
    row = {
        "sequence": sequence,
        "at": (at - _EPOCH) // _MILLISECOND,
        "operation": entry.operation,
        "actor": entry.actor,
        "agency": entry.agency,
        "purpose": entry.purpose,
        "justification": entry.justification,
        "decision": entry.decision,
        "input_digest": entry.input_digest,
        "agreement": entry.agreement,
        "policy_revision": entry.policy_revision,
        "record_ids": _text(entry.record_ids),
        "fields": _text(entry.fields),
        "reasons": _text(entry.reasons),
        "detail": _text(dict(entry.detail)),
        "key": entry.key,
        "previous_hash": previous,
    }
    content = _text(row).encode("utf-8")
    row["hash"] = hashlib.sha256(content).hexdigest()
    return row, content


def entry_bytes(row: Mapping[Any, Any]) -> bytes:
    """Write an entry as canonical JSON of all its columns but `hash`: what every hash covers."""
    return _text({name: value for name, value in row.items() if name != "hash"}).encode("utf-8")


def entry_hash(row: Mapping[Any, Any]) -> str:
    """Hash an entry for the chain: SHA-256 of its bytes, as hex."""
    return hashlib.sha256(entry_bytes(row)).hexdigest()


def row_of(row: Mapping[Any, Any], reference: str = "") -> LedgerRow:
    """Read an entry from the columns of its row, and its reference if that was looked up."""
    lists = {name: tuple(json.loads(row[name])) for name in ("record_ids", "fields", "reasons")}
    at = _EPOCH + row["at"] * _MILLISECOND
    detail = json.loads(row["detail"])
    return LedgerRow(**{**row, **lists, "detail": detail, "at": at, "reference": reference})


def fault(row: Mapping[Any, Any], expected: int, previous: str) -> str | None:
    """Say what is wrong with the row that should be number `expected`; None if it fits."""
    if row["sequence"] != expected:
        return "an entry is missing"
    if row["previous_hash"] != previous:
        return "the entry does not follow the one before it"
    if row["hash"] != entry_hash(row):
        return "the entry's content is not what was written"
    return None

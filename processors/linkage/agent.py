"""Linkage on the log: sealed incidents and reviews in, whole entities out. The matcher links."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from math import inf
from typing import Any

from processors.linkage.matcher import Matcher
from processors.linkage.parameters import load
from processors.linkage.scoring import warm_up
from processors.log import LogRecord
from schemas import codec
from schemas.identifiers import stable_id
from schemas.keyring import Keyring
from schemas.records import AuditEntry, Entity


class LinkageCore:
    """Holds the matcher and a digest of what stands for each entity."""

    name = "linkage"
    inputs = ("hub.incident.v1", "hub.link-review.v1")
    output = "hub.entity.v1"
    key = "entity_id"
    pause = 0.0
    patience = inf

    def __init__(self, matcher: Matcher) -> None:
        """Begin with a fresh matcher."""
        self._matcher = matcher
        self._standing: dict[str, bytes] = {}
        self._touched: set[str] = set()

    @classmethod
    def from_keyring(cls, keyring: Keyring) -> LinkageCore:
        """Make a core with the shipped parameters. Raises KeyMissing without the linkage key."""
        return cls(Matcher(load(), keyring.linkage_opener()))

    def warm_up(self) -> None:
        """Compile what compares records now, so that the first incident does not wait for it."""
        warm_up(self._matcher.parameters)

    def stood(self, key: str, value: dict[str, Any]) -> None:
        """Learn what the entity topic holds."""
        self._standing[key] = _digest(value)

    def apply(self, record: LogRecord) -> None:
        """Take an incident as it now stands, or a person's decision about a pair."""
        value: Any = record.value
        if value is None:
            return
        if record.topic == "hub.link-review.v1":
            self._touched |= self._matcher.decide(value)
        else:
            self._touched |= self._matcher.apply(value)

    def changes(self, *, whole: bool = False) -> Sequence[Mapping[str, Any]]:
        """Give the touched entities, or all, whose snapshot differs from what stands."""
        entities: Iterable[Entity]
        if whole:
            current = {entity["entity_id"]: entity for entity in self._matcher.entities()}
            gone = sorted(self._standing.keys() - current.keys())
            entities = [*current.values(), *(self._matcher.entity(key) for key in gone)]
        else:
            entities = [self._matcher.entity(key) for key in sorted(self._touched)]
        self._touched = set()
        return [entity for entity in entities if self._differs(entity)]

    def _differs(self, entity: Entity) -> bool:
        key, digest = entity["entity_id"], _digest(entity)
        if self._standing.get(key) == digest:
            return False
        if key not in self._standing and entity["status"] == "dissolved":
            return False
        self._standing[key] = digest
        return True

    def audit(self, output: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:
        """Record the combination of records (DPA 2018 s.62) that a linked person is."""
        members = [member["mention_id"] for member in output["members"]]
        if output["kind"] != "person" or len(members) < 2:
            return ()
        entry: AuditEntry = {
            "audit_id": stable_id("aud", "combination", output["entity_id"], *members),
            "operation": "combination",
            "at": None,
            "actor": "hub/linkage",
            "subject_ids": [output["entity_id"], *members],
            "detail": {"parameters": output["parameters"]},
        }
        return (entry,)


def _digest(entity: Mapping[str, Any]) -> bytes:
    return hashlib.blake2b(codec.encode("entity.v1", entity), digest_size=16).digest()

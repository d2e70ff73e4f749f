"""Linkage on the log: sealed incidents and reviews in, whole entities out. The matcher links."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from time import monotonic
from typing import Any, Final

import structlog

from processors.linkage import figures
from processors.linkage.exclusions import PREFIX, UNDATED
from processors.linkage.matcher import Matcher
from processors.linkage.parameters import Parameters, ParametersError, load
from processors.linkage.scoring import warm_up
from processors.log import LogRecord
from schemas import codec
from schemas.identifiers import stable_id
from schemas.keyring import Keyring
from schemas.records import AuditEntry, Entity

Log = structlog.get_logger

SURVEY_SECONDS: Final = 10.0
"""How often over-common values are looked for; less often where that takes long."""
_SHARE: Final = 20
"""A survey may take one part in so many of the time."""
_PROGRESS: Final = 5_000


class LinkageCore:
    """Holds the matcher and a digest of what stands for each entity.

    New parameters take effect on the log's word, `relink`: everything known is linked anew in
    memory and the difference is published.
    """

    name = "linkage"
    inputs = ("hub.incident.v1", "hub.link-review.v1")
    output = "hub.entity.v1"
    key = "entity_id"
    pause = 0.0
    patience = SURVEY_SECONDS

    def __init__(
        self,
        matcher: Matcher,
        parameters: Callable[[], Parameters] = load,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        """Begin with a fresh matcher; `parameters` gives those in force when asked to relink."""
        self._matcher = matcher
        self._parameters = parameters
        self._clock = clock
        self._survey_at = 0.0
        self._begun = False
        self._relink = False
        self._now = UNDATED
        self._since: dict[str, datetime] = {}
        self._standing: dict[str, bytes] = {}
        self._touched: set[str] = set()

    @classmethod
    def from_keyring(
        cls, keyring: Keyring, parameters: Callable[[], Parameters] = load
    ) -> LinkageCore:
        """Make a core with the parameters in force. Raises KeyMissing without the linkage key."""
        return cls(Matcher(parameters(), keyring.linkage_opener()), parameters)

    def warm_up(self) -> None:
        """Compile what compares records now, so that the first incident does not wait for it."""
        warm_up(self._matcher.parameters)

    def stood(self, key: str, value: dict[str, Any]) -> None:
        """Learn what the entity topic holds."""
        self._standing[key] = _digest(value)
        if value["exclusion"] is not None:
            self._since[key] = value["exclusion"]["since"]

    def apply(self, record: LogRecord) -> None:
        """Take an incident as it now stands, or a person's decision."""
        value: Any = record.value
        if value is None:
            return
        self._now = max(self._now, record.written_at)
        figures.RECORDS.inc()
        if record.topic != "hub.link-review.v1":
            self._touched |= self._matcher.apply(value)
        elif value["decision"] == "relink":
            self._relink = self._begun  # what was asked before this worker began is done
        elif value["left"].startswith(PREFIX):
            self._touched |= self._matcher.restore(value)
        else:
            self._touched |= self._matcher.decide(value)

    def probe(self, words: tuple[int, ...], moment: datetime) -> tuple[list[str], str]:
        """Mentions of whoever these words are held to be, and the parameters' version."""
        return self._matcher.probe(words, moment), self._matcher.parameters.version

    def changes(self, *, whole: bool = False) -> Sequence[Mapping[str, Any]]:
        """Give the touched entities, or all, whose snapshot differs from what stands."""
        whole = self._relinked() or whole
        if whole or self._clock() >= self._survey_at:
            self._survey()
        self._begun |= whole
        entities: Iterable[Entity]
        if whole:
            current = {entity["entity_id"]: entity for entity in self._matcher.entities()}
            gone = sorted(self._standing.keys() - current.keys())
            entities = [*current.values(), *(self._matcher.entity(key) for key in gone)]
        else:
            entities = [self._matcher.entity(key) for key in sorted(self._touched)]
        self._touched = set()
        return [self._dated(entity) for entity in entities if self._differs(entity)]

    def _survey(self) -> None:
        begun = self._clock()
        self._touched |= self._matcher.survey()
        figures.show(self._matcher.figures())
        took = self._clock() - begun
        self._survey_at = begun + max(SURVEY_SECONDS, _SHARE * took)

    def _relinked(self) -> bool:
        """Link everything anew if that was asked for and the parameters can be used."""
        if not self._relink:
            return False
        self._relink = False
        try:
            parameters = self._parameters()
        except (ParametersError, OSError) as error:
            Log().error("relink-refused", fault=str(error))
            return False
        count = self._matcher.known()
        figures.TO_RELINK.set(count)
        Log().info("relinking", parameters=parameters.version, records=count)
        with figures.RELINKING.track_inprogress():
            self._matcher = self._matcher.relinked(parameters, _say_relinked)
        figures.RELINKS.inc()
        Log().info("relinked", parameters=parameters.version, records=count)
        return True

    def _differs(self, entity: Entity) -> bool:
        key, digest = entity["entity_id"], _digest(entity)
        if self._standing.get(key) == digest:
            return False
        if key not in self._standing and entity["status"] == "dissolved":
            return False
        self._standing[key] = digest
        return True

    def _dated(self, entity: Entity) -> Entity:
        """An excluded value with the moment since when it is left out: history, not compared."""
        told = entity["exclusion"]
        if told is not None:
            told["since"] = self._since.setdefault(entity["entity_id"], self._now)
        elif entity["kind"] == "value":
            self._since.pop(entity["entity_id"], None)
        return entity

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


def _say_relinked(count: int) -> None:
    if count % _PROGRESS == 0:
        Log().info("relinking", records=count)
    figures.RELINKED.set(count)


def _digest(entity: Mapping[str, Any]) -> bytes:
    told = entity["exclusion"]
    if told is not None:
        entity = {**entity, "exclusion": {**told, "since": UNDATED}}
    return hashlib.blake2b(codec.encode("entity.v1", entity), digest_size=16).digest()

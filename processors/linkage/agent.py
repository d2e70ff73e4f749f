"""Linkage on the log: sealed incidents and reviews in, whole entities out. The matcher links."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from time import monotonic
from typing import Any, Final

import structlog

from processors.linkage import figures
from processors.linkage.engine.refusal import DumpError
from processors.linkage.exclusions import PREFIX, UNDATED
from processors.linkage.matcher import Matcher
from processors.linkage.parameters import Parameters, ParametersError, load
from processors.linkage.remembering import Pieces, as_json, opened, parts, section
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
_DIGEST: Final = 16
_PIECE: Final = 50_000
_KEY: Final = 3
"""Bars in the key of a decision: two mentions, the moment, who decided."""


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
        self._candidates: int | None = 0
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
        """Learn what the entity topic holds; what is not known to stand is compared again."""
        digest = _digest(value)
        if self._standing.get(key) != digest:
            self._standing[key] = digest
            self._touched.add(key)
        if value["exclusion"] is not None:
            self._since[key] = value["exclusion"]["since"]

    def apply(self, record: LogRecord) -> None:
        """Take an incident as it now stands, or a person's decision."""
        value: Any = record.value
        if value is None:
            self._erased(record)
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

    def _erased(self, record: LogRecord) -> None:
        """Let go of a decision that was removed from the log (sharing_api writes its key)."""
        if record.topic == "hub.link-review.v1" and record.key.count("|") == _KEY:
            left, right, _, by = record.key.split("|")
            self._touched |= self._matcher.forget(left, right, by)

    @property
    def parameters(self) -> Parameters:
        """The parameters under which records are linked."""
        return self._matcher.parameters

    def known(self) -> int:
        """How many incidents it knows."""
        return self._matcher.known()

    def frozen(self) -> Pieces:
        """What it knows and what stands, as of now, in pieces that may be taken later.

        To be asked for when all changes are published.
        """
        matcher = self._matcher.frozen()
        told = {"now": self._now, "since": dict(self._since)}
        standing = dict(self._standing)

        def pieces() -> Pieces:
            yield from section([as_json(told)])
            yield from section(_pieces(standing))
            yield from matcher.pieces()

        return pieces()

    def recall(self, pieces: Pieces) -> None:
        """Know what was frozen, and nothing else. Raises DumpError, and then knows nothing."""
        try:
            told = json.loads(b"".join(opened(pieces)))
            standing = _standing(opened(pieces))
            self._matcher.recall(pieces)
            now = datetime.fromisoformat(told["now"])
            since = {key: datetime.fromisoformat(each) for key, each in told["since"].items()}
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            fault = str(error) if isinstance(error, DumpError) else type(error).__name__
            raise DumpError(fault) from None
        self._now, self._since, self._standing = now, since, standing
        self._candidates = None

    def probe(self, words: tuple[int, ...], moment: datetime) -> tuple[list[str], str]:
        """Mentions of whoever these words are held to be, and the parameters' version."""
        return self._matcher.probe(words, moment), self._matcher.parameters.version

    def changes(self, *, whole: bool = False) -> Sequence[Mapping[str, Any]]:
        """Give the touched entities, or all, whose snapshot differs from what stands."""
        whole = self._relinked() or whole
        if whole or self._clock() >= self._survey_at:
            self._survey()
        self._begun = True
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
        found = self._matcher.figures()
        figures.show(found, self._candidates)
        self._candidates = found.candidates
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


def _pieces(standing: dict[str, bytes]) -> Pieces:
    for some in parts(list(standing.items()), _PIECE):
        yield "\n".join(key for key, _ in some).encode()
        yield b"".join(digest for _, digest in some)


def _standing(pieces: Pieces) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for keys, digests in zip(pieces, pieces, strict=True):
        data = bytes(digests)
        each = (data[at : at + _DIGEST] for at in range(0, len(data), _DIGEST))
        found.update(zip(bytes(keys).decode().split("\n"), each, strict=True))
    return found


def _say_relinked(count: int) -> None:
    if count % _PROGRESS == 0:
        Log().info("relinking", records=count)
    figures.RELINKED.set(count)


def _digest(entity: Mapping[str, Any]) -> bytes:
    told = entity["exclusion"]
    if told is not None:
        entity = {**entity, "exclusion": {**told, "since": UNDATED}}
    return hashlib.blake2b(codec.encode("entity.v1", entity), digest_size=_DIGEST).digest()

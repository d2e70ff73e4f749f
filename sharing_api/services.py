"""What the composition root hands in, and what the API opens from it; no route logic here."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from time import monotonic
from typing import Any, Protocol

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy.ext.asyncio import AsyncEngine

from policies.engine import PolicyEngine
from schemas.envelope import Header
from schemas.identifiers import Pseudonyms
from schemas.keyring import KeyMissing
from schemas.records import Lookup, Person
from schemas.registry import SchemaIds
from schemas.sealing import Opener
from sharing_api.agreements.keeper import Following, Keeper
from sharing_api.auth.developer import UnsafeDevelopmentIssuer
from sharing_api.auth.tokens import TokenVerifier
from sharing_api.feeds.changes import Changes
from sharing_api.geography import Geography
from sharing_api.metrics import Metrics
from sharing_api.open_feed.publishing import Press, press_of
from sharing_api.paging import Cursors
from sharing_api.projector.log import Log
from sharing_api.projector.messages import MessageReader
from sharing_api.projector.progress import Progress
from sharing_api.release import GateForMany
from sharing_api.settings import ApiSettings
from sharing_api.store import queries
from sharing_api.store.direct import DirectWriter
from sharing_api.store.engine import make_reading_sessions, make_sessions
from sharing_api.store.ledger import Ledger
from sharing_api.trigger_windows import TriggerWindow

AGENCY_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message: framed value (empty: a tombstone) and CloudEvents headers, not yet signed."""

    topic: str
    key: bytes
    value: bytes
    headers: list[Header]


class PublisherAway(Exception):
    """The broker did not acknowledge; some of the messages may have been written all the same."""


class Publisher(Protocol):
    """Writes events to the broker on behalf of the agencies that hand them in over HTTP."""

    async def publish(self, messages: Sequence[Outgoing]) -> None:
        """Sign and send; returns when the broker has acknowledged all. Raises PublisherAway."""


class Answering(Protocol):
    """Says which mentions are held to be a person (`lookup.correspondence.Correspondence`)."""

    async def ask(self, lookup: Lookup, seconds: float) -> list[str]:
        """Mention ids, none if nobody is known. Raises LookupAway without an answer in time."""


class Streaming(Protocol):
    """Answers whoever waits on a live feed (`feeds.streaming.Streams`)."""

    async def told(self, view: Any, before: Any, holds: Any) -> Any:
        """Wait for what is new in a feed; None where the stream is at its end."""

    async def run(self) -> None:
        """Answer, for ever."""


class SealedEncoding(Protocol):
    """A person as linkage compares persons (`lookup.identifiers.SealedEncoding`)."""

    @property
    def encoding(self) -> bytes:
        """Encrypted to the linkage key."""

    @property
    def key_id(self) -> str:
        """Which linkage key."""

    @property
    def wrapped_key(self) -> bytes:
        """The content key, wrapped."""


class PolicyBundle(Protocol):
    """What a policy engine fetches (`policies.bundle.Bundle` is one)."""

    @property
    def revision(self) -> str:
        """Digest of the content."""

    def archive(self) -> bytes:
        """OPA's tar.gz."""


def utc_now() -> datetime:
    """The time, aware, in UTC."""
    return datetime.now(UTC)


def _none() -> int:
    return 0


def _no_key() -> Ed25519PrivateKey:
    raise KeyMissing("signing.key is not at hand")


@dataclass(frozen=True, slots=True)
class LookupParts:
    """What asking linkage takes: a log for the answers, sealing for the questions.

    `seal` encodes a person under the id of a lookup, to the linkage key. Answers bear the stamp of
    `log_secret`.
    """

    log: Log
    seal: Callable[[Person, str, datetime], SealedEncoding]
    log_secret: bytes | None = None


@dataclass(frozen=True, kw_only=True)
class Parts:
    """What the API is made of. `engine` may be an async context manager; it is opened with the app.

    `opener` gives the release key or raises KeyMissing; it is asked again until it gives one.
    `agreements_left_out` counts agreement files that cannot be used and so permit nothing.
    `following` is told what officers decide about agreements; None: they decide nothing here.
    `publisher` None: events are not taken in. `log` None: no projector in this process.
    `lookups` None: nobody can ask whether a person is known.
    `log_secret`: where given, the projector passes over what does not bear its stamp.
    `signer` gives the key that signs webhooks and checkpoints of the ledger, or raises KeyMissing.
    `geography` None: there is no open feed. `open_tables`: its definitions, if not the usual ones.
    `trigger_windows` stand in calendars. `projects_only`: this process writes the store and answers
    nobody; whoever answers also decides, recalls, erases and delivers, by the agreements in force.
    """

    engine: PolicyEngine
    opener: Callable[[], Opener]
    pseudonyms: Pseudonyms
    schema_ids: SchemaIds
    bundle: Callable[[], PolicyBundle]
    agreements: Callable[[], Sequence[Mapping[str, Any]]]
    agreements_left_out: Callable[[], int] = _none
    following: Following | None = None
    publisher: Publisher | None = None
    log: Log | None = None
    log_secret: bytes | None = None
    lookups: LookupParts | None = None
    clock: Callable[[], datetime] = utc_now
    signer: Callable[[], Ed25519PrivateKey] = _no_key
    geography: Geography | None = None
    open_tables: str | None = None
    trigger_windows: Sequence[TriggerWindow] = ()
    projects_only: bool = False


@dataclass
class Services:
    """The opened API: one for each app, kept in its state."""

    settings: ApiSettings
    parts: Parts
    database: AsyncEngine
    verifier: TokenVerifier
    issuer: UnsafeDevelopmentIssuer | None
    policy: PolicyEngine
    changes: Changes = field(default_factory=Changes)
    progress: Progress = field(default_factory=Progress)
    migrated: bool = False
    closing: bool = False
    lookups: Answering | None = None
    streams: Streaming = field(init=False)
    _gate: GateForMany | None = None
    _agencies: tuple[float, Mapping[str, str]] | None = None

    def __post_init__(self) -> None:
        """Make what needs no connection."""
        self.replaying = asyncio.Lock()
        self.sessions = make_sessions(self.database)
        self.reading = make_reading_sessions(self.database)
        self.ledger = Ledger(self.sessions, self.reading)
        self.numbering = DirectWriter(self.database, "feeds")
        self.keeper = _keeper(self)
        self.reader = MessageReader(self.parts.schema_ids)
        self.cursors = Cursors(self.parts.pseudonyms)
        self.metrics = Metrics(self.progress)
        self.metrics.agreements_left_out.set_function(self.parts.agreements_left_out)

    @cached_property
    def press(self) -> Press | None:
        """What the open feed is made with; None without areas.

        Raises TablesInvalid or BudgetOverspent for tables that cannot be published.
        """
        return press_of(self.parts.geography, self.parts.open_tables, self.parts.schema_ids)

    @property
    def gate(self) -> GateForMany:
        """The release gate; without a release key a closed one, until the key is there."""
        if self._gate is not None:
            return self._gate
        opener = self._opener()
        gate = GateForMany(
            self.policy,
            self.ledger,
            opener,
            self.parts.pseudonyms,
            clock=self.parts.clock,
            agreements=self.parts.agreements,
        )
        if opener is not None:
            self._gate = gate
        return gate

    def key_present(self) -> bool:
        """Whether sealed fields can be opened."""
        return self._gate is not None or self._opener() is not None

    def _opener(self) -> Opener | None:
        try:
            return self.parts.opener()
        except KeyMissing:
            return None

    async def agency_status(self, agency: str) -> str | None:
        """Status of an agency, at most two seconds old; None if the hub does not know it."""
        if self._agencies is None or monotonic() - self._agencies[0] > AGENCY_SECONDS:
            async with self.reading() as session:
                self._agencies = (monotonic(), await queries.agencies(session))
        return self._agencies[1].get(agency)


def _keeper(services: Services) -> Keeper | None:
    parts = services.parts
    if parts.following is None:
        return None
    return Keeper(parts.following, services.sessions, services.reading, parts.clock)

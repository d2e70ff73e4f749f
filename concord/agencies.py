"""Agencies are rows: adding, suspending and rotating keys, without a line of code.

A row lives on `hub.agency.v1`; intake and store read it there, so a new agency is taken in while
everything runs. The private signing key is made here, goes into the onboarding file and is not
kept.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from concord.broker import Broker, agency_user
from concord.settings import Settings
from processors.log import Decoder, LogReader, LogRecord
from processors.publisher import Publisher
from schemas.keyring import HUB_KEY_ID
from schemas.records import Agency, AgencyKey
from schemas.topics import AGENCY_ID, agency_topics, topic_for
from schemas.vocabulary import codes

TOPIC = "hub.agency.v1"
_GRACE = timedelta(days=7)


class AgencyFault(ValueError):
    """What is wrong with a request about an agency, for its user to read."""


@dataclass(frozen=True, slots=True)
class Onboarding:
    """What a partner needs to publish; holds secrets, so hand it over as you would a password."""

    document: Mapping[str, Any]


def new_key(agency: str, number: int, now: datetime) -> tuple[AgencyKey, str]:
    """Make a signing key: the public row and the private half as PEM."""
    private = Ed25519PrivateKey.generate()
    row: AgencyKey = {
        "key_id": f"{agency}-{number}",
        "public_key": private.public_key().public_bytes_raw(),
        "valid_from": now,
        "valid_to": None,
    }
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return row, pem.decode("ascii")


def new_row(
    agency: str,
    name: str,
    type_: str,
    key: AgencyKey,
    now: datetime,
    *,
    regime: str | None = None,
    require_signature: bool = False,
    defaults: Mapping[str, str] | None = None,
    contact: str | None = None,
) -> Agency:
    """Make an agency's row. Raises AgencyFault naming the field, the rule and what is accepted."""
    if not AGENCY_ID.fullmatch(agency):
        raise AgencyFault("id: 2 to 32 lower-case letters, digits and hyphens, a letter first")
    if agency == HUB_KEY_ID:
        raise AgencyFault(f"id: {HUB_KEY_ID} is the hub itself, in the ledger too")
    if not name.strip():
        raise AgencyFault("name: required")
    if contact is not None and not 3 <= len(contact.strip()) <= 200:
        raise AgencyFault("contact: a mailbox or telephone of a team, 3 to 200 characters")
    if type_ not in codes("agency_type"):
        raise AgencyFault(f"type: one of {', '.join(sorted(codes('agency_type')))}")
    if regime is not None and regime not in codes("recording_regime"):
        known = ", ".join(sorted(codes("recording_regime")))
        raise AgencyFault(f"recording regime: one of {known}")
    return {
        "agency": agency,
        "name": name.strip(),
        "type": type_,
        "status": "active",
        "signature": "required" if require_signature else "optional",
        "keys": [key],
        "recording_regime": regime or usual_regime(type_),
        "defaults": dict(defaults or {}),
        "updated_at": now,
        "contact": contact.strip() if contact else None,
    }


def usual_regime(type_: str) -> str:
    """Give the recording regime that an agency of a type usually works under."""
    return {
        "police": "police-hate-crime",
        "monitor": "monitor",
        "third-party-centre": "third-party-report",
    }.get(type_, "partner-report")


class Agencies:
    """Reads and writes agencies' rows on a hub."""

    def __init__(self, settings: Settings) -> None:
        """Nothing is connected yet."""
        self._settings = settings
        self._ids = settings.schema_ids()

    async def rows(self) -> dict[str, Agency]:
        """Read every row, by id."""
        found: dict[str, Any] = {}

        def note(record: LogRecord) -> None:
            if record.value is not None:
                found[record.key] = record.value

        reader = LogReader(self._settings.admin_connection, (TOPIC,), Decoder(self._ids))
        await reader.start()
        try:
            await reader.catch_up(note)
        finally:
            await reader.stop()
        return found

    async def row(self, agency: str) -> Agency:
        """Read one row. Raises AgencyFault if there is none."""
        rows = await self.rows()
        if agency not in rows:
            known = ", ".join(sorted(rows)) or "none yet"
            raise AgencyFault(f"id: no such agency; known: {known}")
        return rows[agency]

    async def write(self, rows: list[Agency]) -> None:
        """Publish rows."""
        publisher = Publisher(
            self._settings.admin_connection,
            self._ids,
            self._settings.keyring,
            "/hub/agencies",
        )
        await publisher.start()
        try:
            for row in rows:
                await publisher.send(TOPIC, row["agency"], row)
            await publisher.flush()
        finally:
            await publisher.stop()

    async def add(self, row: Agency, pem: str) -> Onboarding:
        """Create topics, user and rights, then the row; give the onboarding document.

        Raises AgencyFault if the id is taken.
        """
        return (await self.add_all([(row, pem)]))[0]

    async def add_all(self, pairs: list[tuple[Agency, str]]) -> list[Onboarding]:
        """Add several agencies at once."""
        rows = await self.rows()
        taken = [row["agency"] for row, _ in pairs if row["agency"] in rows]
        if taken:
            raise AgencyFault(f"id: {', '.join(taken)} is taken")
        out = []
        with self._broker() as broker:
            for row, pem in pairs:
                agency = row["agency"]
                broker.ensure_topics(agency_topics(agency))
                password = None
                if broker.secured:
                    password = secrets.token_urlsafe(24)
                    broker.admit_agency(agency, password)
                out.append(self._onboarding(row, pem, password))
        if self._settings.registry_url:
            self._register([row["agency"] for row, _ in pairs])
        await self.write([row for row, _ in pairs])
        return out

    def _broker(self) -> Broker:
        return Broker(self._settings.admin_connection, self._settings.kafka_replication)

    def _register(self, agencies: list[str]) -> None:
        from schemas.registry import ConfluentRegistry  # noqa: PLC0415

        assert isinstance(self._ids, ConfluentRegistry)
        for agency in agencies:
            self._ids.register(agency_topics(agency))

    async def suspend(self, agency: str) -> Agency:
        """Refuse the agency's events from now on."""
        return await self._set_status(agency, "suspended")

    async def resume(self, agency: str) -> Agency:
        """Take the agency's events again."""
        return await self._set_status(agency, "active")

    async def _set_status(self, agency: str, status: str) -> Agency:
        row = await self.row(agency)
        row["status"] = status
        row["updated_at"] = _now()
        with self._broker() as broker:
            if broker.secured and status == "suspended":
                broker.close_agency(agency)
            elif broker.secured:
                broker.open_agency(agency)
        await self.write([row])
        return row

    async def rotate(self, agency: str, *, revoke_old: bool = False) -> Onboarding:
        """Make a new signing key and password; the old key verifies for seven days more.

        With `revoke_old` it ends now, as it must where somebody else may have it.
        """
        row = await self.row(agency)
        now = _now()
        last = now if revoke_old else now + _GRACE
        for old in row["keys"]:
            old["valid_to"] = min(old["valid_to"] or last, last)
        key, pem = new_key(agency, len(row["keys"]) + 1, now)
        row["keys"].append(key)
        row["updated_at"] = now
        password = None
        with self._broker() as broker:
            if broker.secured:
                password = secrets.token_urlsafe(24)
                broker.admit_agency(agency, password)
                if row["status"] == "suspended":
                    broker.close_agency(agency)
        await self.write([row])
        return self._onboarding(row, pem, password)

    def _onboarding(self, row: Agency, pem: str, password: str | None) -> Onboarding:
        settings, agency = self._settings, row["agency"]
        security: dict[str, Any] = {"protocol": settings.kafka_security_protocol}
        if password is not None:
            security |= {
                "mechanism": "SCRAM-SHA-512",
                "username": agency_user(agency),
                "password": password,
            }
        return Onboarding(
            {
                "agency": agency,
                "name": row["name"],
                "bootstrap_servers": settings.kafka_bootstrap,
                "security": security,
                "topics": {
                    kind: topic_for(kind, agency)
                    for kind in ("incident", "tension", "receipt", "notice")
                },
                "registry_url": settings.registry_url or settings.public_url,
                "api_url": settings.public_url,
                "signing_key_pem": pem,
                "key_id": row["keys"][-1]["key_id"],
                "hub_public_key": settings.keyring.signing_public.public_bytes_raw().hex(),
            }
        )


def _now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)

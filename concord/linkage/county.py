"""A made-up county as the hub keeps it: intake's own rules and seals, without broker or files.

For measurements that need the truth beside the encodings: who is linked, and what leaks.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Final, cast

from concord.agencies import new_row
from concord.scenario import Scenario, generate
from concord.scenario.families import USUAL, Families
from processors.intake import normalise
from processors.intake.acceptance import Acceptance
from processors.intake.regimes import Regimes
from processors.intake.seal import Sealing
from schemas.encoding import encode
from schemas.identifiers import Pseudonyms, mention_id
from schemas.records import Agency, AgencyKey, HubIncident, Incident
from schemas.sealing import Opener, PrivateKey, Sealer

UNTIL: Final = date(2026, 6, 30)
_LONG_AGO: Final = datetime(2019, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class SealedCounty:
    """A scenario, its incidents on the hub's topic in order, and the keys that were used."""

    scenario: Scenario
    incidents: tuple[HubIncident, ...]
    linkage: Opener
    encoding_secret: bytes
    pseudonyms: Pseudonyms

    def truth(self) -> Iterator[tuple[str, Any]]:
        """Each mention's id and what is true of it."""
        for one in self.scenario.truth.mentions:
            incident = self.pseudonyms.incident_id(one.agency, one.reference)
            yield mention_id(incident, one.position), one


def secret(purpose: str, seed: int) -> bytes:
    """A secret that is none: the same seed gives the same figures."""
    return hashlib.blake2b(f"{purpose} {seed}".encode(), digest_size=32).digest()


def sealed_county(
    incidents: int, seed: int, until: date = UNTIL, families: Families = USUAL
) -> SealedCounty:
    """Tell a scenario and let intake's own rules keep, encode and seal it."""
    scenario = generate(incidents, seed, until, families=families)
    key, encoding_secret = PrivateKey.generate("linkage"), secret("encoding", seed)
    release = Sealer(PrivateKey.generate("release").public)
    pseudonyms = Pseudonyms(secret("pseudonym", seed))
    sealing = Sealing(release, Sealer(key.public), encode, encoding_secret)
    accept, regimes = Acceptance(pseudonyms, sealing), Regimes.shipped()
    rows = {one.id: _row(one.id, one.name, one.type) for one in scenario.agencies}
    kept = []
    for value in scenario.incidents():
        record, row = cast("Incident", value), rows[value["agency"]]
        standing = accept.standing(record, value["event_id"].encode())
        if record["retracted"]:
            outcome = accept.withdraw_incident(
                record["event_id"], record["agency"], record["reference"], standing
            )
        else:
            regime, _ = regimes.applied(record, row)
            outcome = accept.incident(
                normalise.incident(record, row, regime)[0], standing, regime, []
            )
        if outcome.incident is not None:
            kept.append(outcome.incident)
    return SealedCounty(
        scenario, tuple(kept), Opener({"linkage": key}), encoding_secret, pseudonyms
    )


def _row(agency: str, name: str, type_: str) -> Agency:
    key = AgencyKey(key_id=agency, public_key=b"", valid_from=_LONG_AGO, valid_to=None)
    return new_row(agency, name, type_, key, _LONG_AGO)

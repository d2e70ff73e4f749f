"""Opening sealed incidents: which persons, under which field names, and nobody else.

Witnesses, reporters and other persons are never opened.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Final

from schemas.identifiers import mention_id
from schemas.sealing import Opener, details_aad, identity_aad
from sharing_api.release.answers import Sealed

Row = Mapping[str, Any]

_PREFIXES: Final[Mapping[str, str]] = {
    "victim": "victim",
    "complainant": "victim",
    "suspect": "suspect",
    "subject": "suspect",
    "perpetrator": "suspect",
}
_IN_LOCATION: Final = ("uprn", "street", "postcode")
_IN_DETAILS: Final = frozenset(
    {"reference", "narrative", "other_strands", "source_code", "handling_conditions", *_IN_LOCATION}
)


def opening(incidents: Sequence[Row], mentions: Collection[str]) -> Sealed:
    """Make the function that opens these incidents' details and these mentions' identities."""

    def opened(
        opener: Opener, names: frozenset[str], *, consent_set_aside: bool
    ) -> Mapping[str, Any]:
        values = _details(opener, incidents, names) if names & _IN_DETAILS else {}
        personal = names - _IN_DETAILS
        if personal:
            allowed = [
                row for row in incidents if consent_set_aside or row["consent"]["state"] == "given"
            ]
            values |= _people(opener, allowed, mentions, personal)
        return values

    return opened


def sides(compared: Mapping[str, tuple[Row, str]]) -> Sealed:
    """Make the function that opens two mentions side by side: prefix -> incident and mention id.

    `left_name` is the name of the mention under `left`. A mention whose incident has no consent
    recorded stays closed.
    """

    def opened(
        opener: Opener, names: frozenset[str], *, consent_set_aside: bool
    ) -> Mapping[str, Any]:
        found: dict[str, Any] = {}
        for prefix, (row, mention) in compared.items():
            wanted = {name for name in names if name.startswith(f"{prefix}_")}
            if wanted and (consent_set_aside or row["consent"]["state"] == "given"):
                identity = _identity(opener, row, mention)
                found |= {name: _part(identity, name[len(prefix) + 1 :]) for name in wanted}
        return found

    return opened


def _identity(opener: Opener, row: Row, mention: str) -> Row:
    """Open one mention; empty where it is nobody who may be opened."""
    for _, person, _ in _mentioned([row], {mention}):
        plaintext = opener.open(
            row["release_key_id"],
            row["release_wrapped_key"],
            person["identity"],
            identity_aad(row["incident_id"], person["position"]),
        )
        identity: Row = json.loads(plaintext)
        return identity
    return {}


def _details(opener: Opener, incidents: Sequence[Row], names: frozenset[str]) -> dict[str, Any]:
    found: dict[str, list[Any]] = {name: [] for name in sorted(names & _IN_DETAILS)}
    for row in incidents:
        plaintext = opener.open(
            row["release_key_id"],
            row["release_wrapped_key"],
            row["details"],
            details_aad(row["incident_id"]),
        )
        details = json.loads(plaintext)
        location = details.get("location") or {}
        for name, values in found.items():
            value = location.get(name) if name in _IN_LOCATION else details.get(name)
            if value is not None and value not in values:
                values.append(value)
    return {name: _single(values) for name, values in found.items()}


def _people(
    opener: Opener, incidents: Sequence[Row], mentions: Collection[str], names: frozenset[str]
) -> dict[str, Any]:
    """Collect the asked fields over the mentions, each distinct value once, in their order."""
    found: dict[str, list[Any]] = {name: [] for name in sorted(names)}
    wanted = {name.partition("_")[0] for name in names}
    for row, person, prefix in _mentioned(incidents, mentions):
        if prefix not in wanted:
            continue
        identity = json.loads(
            opener.open(
                row["release_key_id"],
                row["release_wrapped_key"],
                person["identity"],
                identity_aad(row["incident_id"], person["position"]),
            )
        )
        for name, values in found.items():
            if name.startswith(f"{prefix}_"):
                _collect(values, _part(identity, name.removeprefix(f"{prefix}_")))
    return dict(found)


def _mentioned(
    incidents: Sequence[Row], mentions: Collection[str]
) -> Iterator[tuple[Row, Row, str]]:
    for row in sorted(incidents, key=lambda row: str(row["incident_id"])):
        for person in row["persons"]:
            prefix = _PREFIXES.get(person["role"])
            if prefix and mention_id(row["incident_id"], person["position"]) in mentions:
                yield row, person, prefix


def _part(identity: Row, part: str) -> list[Any]:
    """Give the values of one part of an identity, as a list."""
    if part == "name":
        parts = [identity.get("given_names"), identity.get("family_name")]
        name = identity.get("full_name") or " ".join(text for text in parts if text)
        return [name] if name else []
    value = identity.get(part)
    if value is None:
        return []
    return list(value) if isinstance(value, list) else [value]


def _collect(values: list[Any], more: list[Any]) -> None:
    values.extend(value for value in more if value not in values)


def _single(values: list[Any]) -> Any:
    return values[0] if len(values) == 1 else values or None

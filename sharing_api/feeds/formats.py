"""One page of a feed in the formats that people already have: pure functions of its entries.

Whatever the format, an entry has the same number, and what is gone is a tombstone.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from schemas.shape import timestamp
from sharing_api.feeds import atom
from sharing_api.feeds.csv_text import csv_text
from sharing_api.feeds.reading import Entry, Page
from sharing_api.feeds.signals import told
from sharing_api.geography import Geography

COLUMNS: Final = (
    "sequence",
    "kind",
    "removed",
    "id",
    "area",
    "area_name",
    "area_level",
    "strand",
    "group",
    "signal_kind",
    "status",
    "colour",
    "level",
    "proposed_level",
    "observed",
    "expected",
    "probability",
    "quiet_at",
    "ratio",
    "rising_since",
    "methods",
    "trigger_windows",
    "as_of",
    "window_from",
    "review_by",
    "expires_at",
    "decided_at",
    "outcome",
    "reason",
    "reasons",
    "grades",
    "agencies",
    "obligations",
)
_LEVELS: Final = ("", "imminent", "high", "raised", "moderate", "minor", "normal")


def as_json(page: Page) -> dict[str, Any]:
    """Entries, and where to go on."""
    return {
        "items": [told(entry) for entry in page.entries],
        "last": page.last,
        "more": page.more,
    }


def as_csv(page: Page, geography: Geography | None) -> str:
    """One line for each entry; columns that an agreement withholds are empty."""
    return csv_text(COLUMNS, (_row(entry, geography) for entry in page.entries))


def as_geojson(page: Page, geography: Geography | None) -> dict[str, Any]:
    """One feature for each entry (RFC 7946); without a boundary its geometry is null."""
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "id": entry.id,
                "geometry": _geometry(entry, geography),
                "properties": {
                    **entry.fields,
                    **({"signal_kind": kind} if (kind := entry.fields.get("kind")) else {}),
                    **({"area_name": name} if (name := _name(entry, geography)) else {}),
                    **{key: value for key, value in told(entry).items() if key != "fields"},
                },
            }
            for entry in page.entries
        ],
        "last": page.last,
        "more": page.more,
    }


def as_atom(page: Page, geography: Geography | None, where: str, link: str) -> bytes:
    """Entries for a feed reader (RFC 4287), tombstones as RFC 6721 has them."""
    moments = [moment for entry in page.entries if (moment := _moment(entry)) is not None]
    updated = max(moments, default=datetime(1970, 1, 1, tzinfo=UTC))
    return atom.feed(
        id_=f"{where}/v1/tension/feed",
        title="Community tension",
        updated=updated,
        link=link,
        next_link=f"{link.partition('?')[0]}?format=atom&after={page.last}" if page.more else None,
        entries=[_atom_entry(entry, geography, where, updated) for entry in page.entries],
    )


def _row(entry: Entry, geography: Geography | None) -> dict[str, Any]:
    return {
        **entry.fields,
        "sequence": entry.number,
        "kind": entry.kind,
        "removed": entry.removed,
        "id": entry.id,
        "area_name": _name(entry, geography),
        "signal_kind": entry.fields.get("kind"),
        "methods": [_method(each) for each in _parts(entry, "methods")],
        "reasons": [each.get("text", "") for each in _parts(entry, "reasons")],
        "obligations": [str(each.get("code", "")) for each in entry.obligations],
    }


def _parts(entry: Entry, name: str) -> list[Mapping[str, Any]]:
    """The parts of a field that is a list of them; none where the agreement masks it."""
    value = entry.fields.get(name)
    return [each for each in value if isinstance(each, Mapping)] if isinstance(value, list) else []


def _method(said: Mapping[str, Any]) -> str:
    """What a method says, for a cell: its number, and from where on it speaks."""
    spoke = "spoke" if said["fired"] else "silent"
    return f"{said['name']} {said['statistic']:.3g} against {said['threshold']:.3g} ({spoke})"


def _atom_entry(
    entry: Entry, geography: Geography | None, where: str, otherwise: datetime
) -> atom.Entry:
    lines = [f"{name}: {value}" for name, value in _row(entry, None).items() if name in _TOLD]
    return atom.Entry(
        id=f"{where}/v1/tension/{entry.kind}/{entry.id}",
        updated=_moment(entry) or otherwise,
        title=title(entry, geography),
        text="\n".join(line for line in lines if not line.endswith((": ", ": []", ": None"))),
        categories=tuple(
            str(entry.fields[name])
            for name in ("colour", "strand", "group")
            if entry.fields.get(name)
        ),
        removed=entry.removed,
    )


_TOLD: Final = frozenset(COLUMNS) - {"removed"}


def title(entry: Entry, geography: Geography | None) -> str:
    """Place, strand or group, and what is the case there, in a few words."""
    parts = [_name(entry, geography) or str(entry.fields.get("area", "")), _whom(entry)]
    if entry.fields.get("kind") == "silence":
        parts.append("silence")
    level = entry.fields.get("level")
    if isinstance(level, int) and 1 <= level <= 6:
        parts.append(f"level {level} ({_LEVELS[level]}) set")
    elif entry.fields.get("colour"):
        parts.append(f"{entry.fields['colour']} {entry.fields.get('status', '')}".strip())
    return ", ".join(part for part in parts if part) or entry.id


def _whom(entry: Entry) -> str:
    """The group, where the signal is about one; otherwise the strand."""
    if isinstance(group := entry.fields.get("group"), str):
        return group.replace("_", " ").replace(":", ": ")
    strand = str(entry.fields.get("strand", ""))
    return "all strands" if strand == "all" else strand.replace("_", " ")


def _name(entry: Entry, geography: Geography | None) -> str:
    area = entry.fields.get("area")
    return geography.name_of(area) if geography is not None and isinstance(area, str) else ""


def _geometry(entry: Entry, geography: Geography | None) -> Mapping[str, Any] | None:
    area = entry.fields.get("area")
    known = geography is not None and isinstance(area, str)
    return geography.geometry_of(area) if known and geography and isinstance(area, str) else None


def _moment(entry: Entry) -> datetime | None:
    """When the record says that it is of; nothing where that is withheld or coarser."""
    for name in ("outcome_at", "decided_at", "as_of"):
        try:
            return timestamp(entry.fields[name])
        except (KeyError, TypeError, ValueError):
            continue
    return None

"""The hub's topics, read from `topics.toml`: what travels where, and whose it is."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from types import MappingProxyType
from typing import Final

AGENCY_ID: Final = re.compile(r"[a-z][a-z0-9-]{0,30}[a-z0-9]")
"""Form of an agency's id: it is part of topic names and of ACLs."""

_CONCRETE: Final = re.compile(r"agency\.([a-z][a-z0-9-]{0,30}[a-z0-9])\.([a-z-]+)\.v(\d+)")


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic, or one for each agency where the name holds `{agency}`."""

    name: str
    record: str
    key: str
    partitions: int
    cleanup: str
    retention_seconds: int | None
    written_by: tuple[str, ...]
    read_by: tuple[str, ...]

    @property
    def per_agency(self) -> bool:
        """Whether each agency has its own."""
        return "{agency}" in self.name

    def of(self, agency: str) -> Topic:
        """Give the concrete topic of one agency. Raises ValueError for an ill-formed id."""
        if not AGENCY_ID.fullmatch(agency):
            raise ValueError("agency id: 2 to 32 lower-case letters, digits and hyphens")
        return Topic(
            self.name.replace("{agency}", agency),
            self.record,
            self.key,
            self.partitions,
            self.cleanup,
            self.retention_seconds,
            self.written_by,
            self.read_by,
        )


def _load() -> Mapping[str, Topic]:
    text = resources.files("schemas").joinpath("topics.toml").read_text("utf-8")
    return MappingProxyType(
        {
            name: Topic(
                name,
                row["record"],
                row["key"],
                row["partitions"],
                row["cleanup"],
                row.get("retention_seconds"),
                tuple(row["written_by"]),
                tuple(row["read_by"]),
            )
            for name, row in tomllib.loads(text)["topics"].items()
        }
    )


TOPICS: Final = _load()
"""All topics by name, templates included."""


def topic_for(kind: str, agency: str) -> str:
    """Name an agency's topic: kind is incident, tension, receipt or notice."""
    return TOPICS[f"agency.{{agency}}.{kind}.v1"].of(agency).name


def agency_topics(agency: str) -> tuple[Topic, ...]:
    """Give the topics of one agency."""
    return tuple(topic.of(agency) for topic in TOPICS.values() if topic.per_agency)


def hub_topics() -> tuple[Topic, ...]:
    """Give the topics of which there is one."""
    return tuple(topic for topic in TOPICS.values() if not topic.per_agency)


def agency_of(topic: str) -> str | None:
    """Name the agency whose topic this is; None for a hub topic."""
    match = _CONCRETE.fullmatch(topic)
    return match.group(1) if match else None


def record_of(topic: str) -> str:
    """Name the record that travels on a concrete topic. Raises KeyError for an unknown one."""
    match = _CONCRETE.fullmatch(topic)
    name = f"agency.{{agency}}.{match.group(2)}.v{match.group(3)}" if match else topic
    return TOPICS[name].record

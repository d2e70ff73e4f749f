"""Accepted items to look back on: of a partner's file, taken in as the hub would, or of the hub."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from concord.agencies import new_key, new_row
from concord.settings import Settings
from processors.intake.inbound import Inbound
from processors.intake.intake import Intake
from processors.log import Decoder, LogReader, LogRecord
from processors.tension.incidents import item_of
from producers.check import check
from producers.formats import Format
from schemas import codec, envelope
from schemas.keyring import Keyring
from schemas.records import TensionItem
from schemas.registry import ShippedSchemaIds
from schemas.topics import topic_for

_KINDS = {"incident.v1": "incident", "tension-report.v1": "tension"}
_LONG_AGO = datetime(1990, 1, 1, tzinfo=UTC)


class NothingAccepted(ValueError):
    """A file holds nothing that intake would accept."""


def of_file(
    path: Path, format_: Format, agency: str = "some-agency", type_: str = "other"
) -> list[TensionItem]:
    """What intake makes of a file, sorted by when it was recorded. Raises NothingAccepted.

    The keys are made for the occasion and gone afterwards.
    """
    with tempfile.TemporaryDirectory() as folder:
        keyring = Keyring.create(Path(folder))
        ids = ShippedSchemaIds()
        intake = Intake.from_keyring(keyring, ids)
        key, _ = new_key(agency, 1, _LONG_AGO)
        intake.agencies[agency] = new_row(agency, agency, type_, key, _LONG_AGO)
        found = list(_taken(intake, ids, check(path, format_, agency).events))
    if not found:
        raise NothingAccepted(f"{path.name}: nothing in it is accepted; see `concord check`")
    return sorted(found, key=_recorded)


def _taken(intake: Intake, ids: ShippedSchemaIds, events: Any) -> Iterator[TensionItem]:
    now = datetime.now(UTC)
    for event in events:
        value = event.value
        framed = codec.frame(ids.id_of(event.record), codec.encode(event.record, value))
        headers = envelope.headers(
            id_=value["event_id"], source=f"/agency/{value['agency']}", type_=event.record,
            time=value["recorded_at"],
        )  # fmt: skip
        topic = topic_for(_KINDS[event.record], value["agency"])
        inbound = Inbound(topic, 0, 0, value["reference"].encode(), framed, headers, now)
        outcome = intake.take(inbound)
        if outcome.incident is not None:
            yield item_of(outcome.incident)
        if outcome.tension_item is not None:
            yield outcome.tension_item


async def of_hub(settings: Settings) -> list[TensionItem]:
    """What stands on a running hub's topics, sorted by when it was recorded."""
    names = ["hub.incident.v1", "hub.tension.v1"]
    reader = LogReader(
        settings.connection, names, Decoder(settings.schema_ids()), settings.keyring.log_secret
    )
    found: dict[str, TensionItem] = {}

    def take(record: LogRecord) -> None:
        value: Any = record.value
        if value is not None:
            item = item_of(value) if record.topic == "hub.incident.v1" else value
            found[item["item_id"]] = item

    await reader.start()
    try:
        await reader.catch_up(take)
    finally:
        await reader.stop()
    return sorted(found.values(), key=_recorded)


def _recorded(item: TensionItem) -> tuple[datetime, str]:
    return (item["recorded_at"], item["item_id"])

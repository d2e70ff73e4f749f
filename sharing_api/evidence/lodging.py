"""A checkpoint of the ledger as a notice on another agency's topic: the hub cannot undo it."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from schemas import codec, envelope
from schemas.identifiers import stable_id
from schemas.records import Notice
from schemas.registry import SchemaIds
from schemas.topics import topic_for
from sharing_api.evidence.checkpoint import Checkpoint
from sharing_api.services import Outgoing

RECORD: Final = "notice.v1"
KIND: Final = "checkpoint"
KEEP: Final = (
    "Keep this: it shows what the hub's ledger was. "
    "`concord ledger compare --lodged-with {agency}` tells whether today's ledger continues it."
)


def message(
    agency: str, checkpoint: Checkpoint, moment: datetime, schema_ids: SchemaIds
) -> Outgoing:
    """The notice, as it travels; the same checkpoint to the same agency has the same id."""
    record = Notice(
        notice_id=stable_id("ntc", agency, KIND, checkpoint.note),
        agency=agency,
        kind=KIND,
        disclosure_id=None,
        fact=KIND,
        record_ids=[],
        issued_at=moment,
        acknowledge_by=None,
        record_kind="ledger",
        action="keep",
        fields=[],
        ledger_sequences=[],
        ledger_references=[],
        instruction=KEEP.format(agency=agency),
        reminder=0,
        checkpoint=checkpoint.note,
    )
    framed = codec.frame(schema_ids.id_of(RECORD), codec.encode(RECORD, record))
    headers = envelope.headers(
        id_=record["notice_id"], source="/hub/ledger", type_=RECORD, time=moment
    )
    topic = topic_for("notice", agency)
    return Outgoing(topic, record["notice_id"].encode(), framed, headers)

"""What free text of a return loses before it leaves intake, and what it keeps."""

from __future__ import annotations

import json
from typing import Any

import pytest

from processors.intake.sanitising import sanitised
from schemas import codec
from schemas.sealing import details_aad
from tests.unit.processors.intake.example import intake, message, opener, report

MARKERS = [
    "Zebulon Quill",
    "Quill",
    "zebulon.quill@example.org",
    "07700 900123",
    "+44 7700 900456",
    "0113 496 0999",
    "14 Larkspur Road",
    "LS1 4AP",
    "Mrs Tanqueray",
    "AB12 CDE",
    "QQ 12 34 56 C",
    "@zebquill",
]
TEXT = (
    "Zebulon Quill (zebulon.quill@example.org, @zebquill) of 14 Larkspur Road, LS1 4AP, rang from "
    "07700 900123. His brother can be had at +44 7700 900456 or 0113 496 0999. Mrs Tanqueray, "
    "whose car is AB12 CDE and whose number is QQ 12 34 56 C, heard Mohammed and a man called "
    "quillon say so."
)


@pytest.mark.parametrize("marker", [*MARKERS, "Mohammed", "quillon", "Larkspur"])
def test_persons_are_taken_out(marker: str) -> None:
    """Names, telephone numbers, addresses, e-mail, handles, numbers of persons and cars."""
    assert marker.casefold() not in (sanitised(TEXT) or "").casefold()


@pytest.mark.parametrize(
    "text",
    [
        "Shopkeepers say that young people gather and shout in the evening.",
        "Posts in a Facebook group name the Mosque on the High Street.",
        "The Council and the Police met residents on Friday.",
        "Stickers on lamp posts. Parents report remarks at the school gate, 12 in March 2026.",
        "About 150 people marched; 3 were arrested.",
    ],
)
def test_what_happened_stays(text: str) -> None:
    """A monitor can still read it."""
    assert sanitised(text) == text


def test_nothing_stays_nothing() -> None:
    """None is None, and what was taken out once is not taken out again."""
    assert sanitised(None) is None
    once = sanitised(TEXT)
    assert sanitised(once) == once


@pytest.mark.parametrize(
    "field",
    ["source_of_tension", "trigger_event", "platform", "detail", "partner_action", "origin_ref"],
)
def test_no_marker_leaves_intake(field: str) -> None:
    """Not in the item, not in the receipt, not in the audit entry, not even under the seal."""
    outcome = intake().take(message(report(**{field: TEXT[:290]})))
    item: Any = outcome.tension_item
    assert item is not None
    aad = details_aad(item["item_id"])
    opened = json.loads(
        opener().open(item["release_key_id"], item["release_wrapped_key"], item["details"], aad)
    )
    out = codec.encode("tension-item.v1", item).decode("latin-1")
    out += json.dumps(opened) + str(outcome.receipt) + str(outcome.audit)
    assert "[name]" in str(opened[field])
    assert not [marker for marker in MARKERS if marker in TEXT[:290] and marker in out]

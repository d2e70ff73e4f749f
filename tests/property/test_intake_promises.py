"""What intake promises for every input: it never fails, never depends on order, never tells."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from processors.intake import normalise
from processors.intake.inbound import Inbound, Outcome
from processors.intake.regimes import Regimes
from schemas import codec
from schemas.shape import from_json
from schemas.validation import validate_incident
from tests.unit.processors.intake.example import (
    AGENCY,
    NOW,
    agency,
    incident,
    intake,
    message,
    person,
    report,
)

TOPICS = [f"agency.{AGENCY}.incident.v1", f"agency.{AGENCY}.tension.v1", "agency.x-y.incident.v1"]
HEADER_NAMES = ["ce_id", "ce_source", "ce_time", "concord_key_id", "concord_signature", "x"]
GOOD = [message(incident()).value or b"", message(report()).value or b""]

headers = st.lists(st.tuples(st.sampled_from(HEADER_NAMES), st.binary(max_size=80)), max_size=6)
framed = st.builds(codec.frame, st.integers(0, 20), st.binary(max_size=300))


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A good event with some bytes exchanged, cut off or put in."""
    value = bytearray(draw(st.sampled_from(GOOD)))
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, len(value) - 1))
        value[at : at + draw(st.integers(0, 3))] = draw(st.binary(max_size=4))
    return bytes(value)


inbounds = st.builds(
    Inbound,
    topic=st.sampled_from(TOPICS),
    partition=st.just(0),
    offset=st.integers(0, 9),
    key=st.none() | st.just(b"REF-1") | st.binary(max_size=20),
    value=st.none() | st.binary(max_size=200) | framed | damaged() | st.sampled_from(GOOD),
    headers=headers,
    received_at=st.just(NOW),
)


@given(inbounds)
@settings(max_examples=400)
def test_take_answers_every_message(inbound: Inbound) -> None:
    """Whatever the bytes: one receipt that can be encoded, accepted or rejected with reasons."""
    outcome = intake().take(inbound)
    assert codec.encode("receipt.v1", outcome.receipt)
    if outcome.receipt["status"] == "accepted":
        assert outcome.dead_letter is None
    else:
        assert outcome.receipt["faults"]
        assert outcome.incident is None
        assert outcome.tension_item is None
    assert "internal-error" not in {fault["code"] for fault in outcome.receipt["faults"]}


@given(inbounds)
def test_a_receipt_depends_on_the_event_alone(inbound: Inbound) -> None:
    """Not on what the hub has seen before, nor on a second taking."""
    fresh, busy = intake(), intake()
    busy.take(message(incident(version=7, event_id="evt-7")))
    first = fresh.take(inbound).receipt
    assert fresh.take(inbound).receipt == first
    assert busy.take(inbound).receipt == first


versions = st.lists(
    st.builds(
        lambda version, day, kind, retracted, event: message(
            incident(
                version=version,
                kind=kind,
                retracted=retracted,
                event_id=f"evt-{event}",
                recorded_at=datetime(2026, 2, 20, tzinfo=UTC) + timedelta(days=day),
                occurred={"from": datetime(2026, 2, 1, tzinfo=UTC)},
                persons=[],
            )
        ),
        st.integers(1, 3),
        st.integers(0, 3),
        st.sampled_from(["crime", "incident"]),
        st.sampled_from([False, False, False, True]),
        st.integers(1, 3),
    )
    | st.just(message(incident(), value=None, headers=[("ce_id", b"evt-gone")])),
    min_size=1,
    max_size=6,
)


@given(st.data())
def test_versions_may_come_in_any_order_and_twice(data: st.DataObject) -> None:
    """The same standing and the same last record, whatever way the events came."""
    events = data.draw(versions)
    doubled = data.draw(st.permutations(events + data.draw(st.lists(st.sampled_from(events)))))
    assert final(events) == final(doubled)


def final(events: list[Inbound]) -> tuple[Any, Any]:
    """What stands in the end, and the last record, without its random parts."""
    hub = intake()
    outcomes: list[Outcome] = [hub.take(event) for event in events]
    last: Any = [one.incident for one in outcomes if one.incident is not None][-1]
    drop = {"details", "release_wrapped_key", "linkage_wrapped_key"}
    return dict(hub.current), {k: v for k, v in last.items() if k not in drop}


names = st.text(
    st.characters(min_codepoint=0x41, max_codepoint=0x17F, categories=["L"]),
    min_size=6,
    max_size=20,
).map(lambda text: f"Qž{text}")  # no code or field name of the hub begins like this


@given(names, names, names, names, st.sampled_from(["crime", "incident"]))
def test_no_name_or_text_comes_out_in_clear(
    given_names: str, family: str, street: str, narrative: str, kind: str
) -> None:
    """Neither in the hub's record nor in receipt or audit."""
    record = incident(
        kind=kind,
        persons=[person(given_names=given_names, family_name=family)],
        narrative=narrative,
        location={"street": street, "postcode": "LS9 8QQ"},
    )
    outcome: Any = intake().take(message(record))
    out = codec.encode("hub-incident.v1", outcome.incident)
    out += codec.encode("receipt.v1", outcome.receipt) + repr(outcome.audit).encode()
    for text in (given_names, family, street, narrative):
        assert text.encode() not in out


@given(
    st.lists(st.sampled_from(["Race", "race", " RELIGION", "Sexual Orientation", "faith"])),
    st.lists(st.sampled_from(["religion:Muslim", "race:black"])),
)
def test_canonical_form_is_sorted_once_and_stays(strands: list[str], targets: list[str]) -> None:
    """Order, case and repeats of codes make no difference; a second pass changes nothing."""
    row, regime = agency(), Regimes.shipped()["partner-report"]
    record = incident(strands=strands, perceived_target=targets)
    once, _ = normalise.incident(record, row, regime)
    assert once["strands"] == sorted(set(once["strands"]))
    assert normalise.incident(once, row, regime)[0] == once
    turned = incident(strands=strands[::-1] * 2, perceived_target=targets[::-1])
    assert normalise.incident(turned, row, regime)[0] == once


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(sorted(incident())), json_values, max_size=6))
def test_what_has_the_right_shape_can_be_validated(changes: dict[str, Any]) -> None:
    """Validation answers, whatever the values."""
    record, departures = from_json("incident.v1", dict(incident()) | changes)
    assert (record is None) == bool(departures)
    if record is not None:
        for fault in validate_incident(record, now=NOW):  # type: ignore[arg-type]
            assert fault["code"]
            assert fault["rule"]

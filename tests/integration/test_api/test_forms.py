"""The form of a tension return: a minute to fill in, and nothing typed is lost."""

from __future__ import annotations

from typing import Any

from schemas import codec
from tests.integration.test_api.world import World

DISTRICT = "X08000002"


async def test_a_return_in_a_minute(county: World) -> None:
    """A nil return is one button; a return goes to the agency's topic; faults are told."""
    page = (await county.client.get("/forms/tension-return")).text
    assert "<script" not in page
    assert "No program finds every name" in page
    who = {"agency": "north-council", "agency_type": "council", "role": "partner"}
    token = county.token(who)["Authorization"].removeprefix("Bearer ")
    nil = {"token": token, "district": DISTRICT, "nil": "yes"}
    assert (await county.client.post("/forms/tension-return", data=nil)).status_code == 201
    told = {**nil, "nil": "no", "category": "racial", "eep": "experienced", "detail": "Stickers"}
    assert (await county.client.post("/forms/tension-return", data=told)).status_code == 201
    assert [m.topic for m in county.publisher.sent] == ["agency.north-council.tension.v1"] * 2
    for wrong, status in (({**nil, "token": "x"}, 401), ({**nil, "district": ""}, 422),
                          ({**told, "ward": "X05000001"}, 422)):  # fmt: skip
        assert (await county.client.post("/forms/tension-return", data=wrong)).status_code == status


async def test_a_return_says_group_ward_and_condition_and_nothing_typed_is_lost(
    county: World,
) -> None:
    """What is refused comes back filled in, but for the token; a condition makes it handling C."""
    who = {"agency": "north-council", "agency_type": "council", "role": "partner"}
    token = county.token(who)["Authorization"].removeprefix("Bearer ")
    told = {
        "token": token, "district": DISTRICT, "ward": "X05000025", "nil": "no", "eep": "evidenced",
        "category": "religious", "group": "religion:muslim", "source": "1", "intelligence": "B",
        "conditions": "Ask us first", "origin": "a <meeting>", "detail": "Stickers",
    }  # fmt: skip
    refused = await county.client.post("/forms/tension-return", data={**told, "district": ""})
    assert refused.status_code == 422
    for kept in ('value="Ask us first"', 'value="a &lt;meeting&gt;"', ">Stickers</textarea>",
                 '"religion:muslim" selected', '"X05000025" selected', '"1" selected'):  # fmt: skip
        assert kept in refused.text
    assert token not in refused.text
    taken = await county.client.post("/forms/tension-return", data=told)
    assert taken.status_code == 201, taken.text
    _, body = codec.unframe(county.publisher.sent[-1].value)
    report: Any = codec.decode("tension-report.v1", body)
    assert (report["group_affected"], report["strands"]) == ("religion:muslim", ["religion"])
    assert (report["ward"], report["origin_ref"]) == ("X05000025", "a <meeting>")
    assert report["grading"] == {
        "source": 1, "intelligence": "B", "handling": "C", "conditions": "Ask us first",
    }  # fmt: skip

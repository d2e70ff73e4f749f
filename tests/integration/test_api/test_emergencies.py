"""An emergency over HTTP: one asks, another confirms, it holds for minutes, a third looks at it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from sharing_api.emergency.requests import LASTS, OPEN_FOR
from tests.integration.test_api.governed import Governed, governed
from tests.integration.test_api.world import ACCOUNT, CASE, COORDINATOR, STRANGER, alert, incident

REQUESTS = "/v1/emergency-requests"
REVIEWS = "/v1/emergency-reviews"
URGENT = {"Concord-Purpose": "emergency", "Concord-Justification": "It cannot wait"}
WHY = {"reason": "He stands before her door"}
ASKER = {**COORDINATOR, "sub": "ada"}
SUPERVISOR = {**COORDINATOR, "sub": "ben", "role": "duty-supervisor"}
OFFICER = {"agency": "north-council", "agency_type": "council", "role": "governance-officer",
           "sub": "cleo"}  # fmt: skip
HUB_OFFICER = {**OFFICER, "role": "hub-governance-officer"}


@pytest.fixture
async def hub(tmp_path: Path, database_url: str) -> AsyncIterator[Governed]:
    """A hub with one alert about a victim who was not asked for consent."""
    async with governed(tmp_path, database_url) as made:
        unasked = {"state": "not_asked", "scope": []}
        await made.put("hub-incident.v1", incident(made.ring, "inc_a", "Zebedee", consent=unasked))
        await made.put("alert.v1", alert("alt_1", ["inc_a"]))
        yield made


async def opened(hub: Governed) -> str:
    """Ask for an emergency."""
    answer = await hub.post(REQUESTS, ASKER, URGENT, {**WHY, "purpose": "cmarac-case"})
    assert answer.status_code == 201, answer.text
    assert answer.json()["fields"]["status"] == "open"
    return str(answer.json()["id"])


async def confirmed(hub: Governed, request: str, who: Any = SUPERVISOR) -> int:
    """Confirm it as somebody."""
    answer = await hub.post(f"{REQUESTS}/{request}/confirm", who, URGENT, WHY)
    return answer.status_code


async def asked(hub: Governed, request: str | None, who: Any = ASKER, **stated: str) -> Any:
    """Ask for the alert, in an emergency or not."""
    urgent = {"Concord-Emergency": request} if request else {}
    return await hub.get("/v1/alerts/alt_1", who, {**CASE, **stated, **urgent})


async def test_an_emergency_that_another_person_confirmed_opens_what_consent_kept_closed(
    hub: Governed,
) -> None:
    """For minutes; each use is in the queue, and an officer who took no part gives the verdict."""
    assert "victim_name" not in (await asked(hub, None)).json()["fields"]
    request = await opened(hub)
    early = await asked(hub, request)
    assert (early.status_code, early.json()["reasons"][0]["code"]) == (
        403, "second-approver-missing",
    )  # fmt: skip
    assert await confirmed(hub, request) == 201
    shown = await asked(hub, request)
    assert shown.json()["fields"]["victim_name"] == ["Zebedee"], shown.text
    assert "emergency-consent-set-aside" in shown.json()["reasons"]
    assert "after-review" in shown.headers.get_list("Concord-Obligation")
    hub.clock.now += LASTS
    assert (await asked(hub, request)).status_code == 403
    queue = await hub.get(REVIEWS, OFFICER, ACCOUNT, status="open")
    (use,) = [item["fields"] for item in queue.json()["items"]]
    assert (use["asker"], use["confirmed_by"], use["request_id"]) == ("ada", "ben", request)
    assert use["record_ids"] == ["alt_1"]
    assert use["set_aside"] == ["emergency-consent-set-aside"]
    path = f"{REVIEWS}/{use['review_id']}"
    verdict = {**WHY, "verdict": "justified"}
    for involved in ("ada", "ben"):
        answer = await hub.post(path, {**OFFICER, "sub": involved}, ACCOUNT, verdict)
        assert answer.status_code == 403
    assert (await hub.post(path, OFFICER, ACCOUNT, verdict)).status_code == 201
    assert (await hub.post(path, HUB_OFFICER, ACCOUNT, verdict)).status_code == 409
    after = await hub.get(REVIEWS, HUB_OFFICER, ACCOUNT)
    assert [item["fields"]["verdict"] for item in after.json()["items"]] == ["justified"]
    assert (await hub.get(REVIEWS, OFFICER, ACCOUNT, status="open")).json()["items"] == []


async def test_it_is_the_askers_own_for_its_purpose_and_confirmed_by_an_entitled_other(
    hub: Governed,
) -> None:
    """Nobody confirms their own; no colleague and no other purpose can use it."""
    request = await opened(hub)
    own = {**SUPERVISOR, "sub": "ada"}
    for who in (own, ASKER, STRANGER):
        assert await confirmed(hub, request, who) == 403
    assert await confirmed(hub, request) == 201
    assert await confirmed(hub, request, {**SUPERVISOR, "sub": "dan"}) == 409
    assert (await asked(hub, request, {**ASKER, "sub": "eve"})).status_code == 403
    other = await asked(hub, request, **{"Concord-Purpose": "tenancy-support"})
    assert other.status_code == 403
    assert (await asked(hub, "emr_" + "0" * 24)).status_code == 403
    assert (await asked(hub, "anything")).status_code == 422
    named = await hub.get("/v1/alerts/alt_1", ASKER, {**CASE, "Concord-Second-Approver": "ben"})
    assert "victim_name" not in named.json()["fields"]


async def test_a_request_is_seen_by_its_agency_and_by_those_who_may_confirm(hub: Governed) -> None:
    """Nobody else; one that nobody confirmed is over after a while."""
    request = await opened(hub)
    for who, status in ((ASKER, 200), (SUPERVISOR, 200), (STRANGER, 403)):
        assert (await hub.get(f"{REQUESTS}/{request}", who, URGENT)).status_code == status
    listed = await hub.get(REQUESTS, SUPERVISOR, URGENT, status="open")
    assert [item["fields"]["request_id"] for item in listed.json()["items"]] == [request]
    assert (await hub.get(REQUESTS, STRANGER, URGENT)).json()["items"] == []
    hub.clock.now += OPEN_FOR + timedelta(seconds=1)
    assert await confirmed(hub, request) == 409
    assert await confirmed(hub, "emr_unknown") == 403


@pytest.mark.parametrize(
    "deed",
    [
        "UPDATE emergency_requests SET asker = 'x'",
        "DELETE FROM emergency_confirmations",
        (
            "INSERT INTO emergency_confirmations SELECT request_id, asker, agency, '', opened_at, "
            "opened_at FROM emergency_requests"
        ),
    ],
)
async def test_the_database_itself_refuses(hub: Governed, deed: str) -> None:
    """Change, deletion, and a confirmation by whoever asked."""
    request = await opened(hub)
    if "INSERT" not in deed:
        assert await confirmed(hub, request) == 201
    with pytest.raises(DBAPIError, match=r"append-only|four eyes"):
        async with hub.services.database.begin() as connection:
            await connection.execute(text(deed))

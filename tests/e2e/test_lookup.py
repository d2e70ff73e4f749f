"""A pointer lookup through a running hub: asked of linkage over the log, answered by the gate."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from concord.askers import Client
from tests.e2e.hubs import COORDINATOR, Peopled

pytestmark = pytest.mark.timeout(240)

ASKING = replace(COORDINATOR, purpose="pointer-lookup", justification="She came to our desk")
NAMED = ("given_names", "family_name", "full_name", "date_of_birth")
TRIES = 8


def told_of(county: Peopled) -> Iterator[tuple[str, dict[str, Any]]]:
    """Victims with a whole date of birth who agreed that partners be told, and who reported it."""
    retracted = {one.value["reference"] for one in county.scenario.events if one.value["retracted"]}
    for event in county.scenario.events:
        value = event.value
        if event.record != "incident.v1" or value["reference"] in retracted:
            continue
        agreed = value["consent"]["state"] == "given" and "any" in value["consent"]["scope"]
        if not agreed or value["handling"]["code"] != "P" or value["victim_wishes"]:
            continue
        for person in value["persons"]:
            born, named = person["date_of_birth"], person["family_name"] or person["full_name"]
            if person["role"] == "victim" and named and len(born or "") == len("1984-03-12"):
                yield value["agency"], {name: person[name] for name in NAMED if person[name]}


def ask(client: Client, person: dict[str, Any]) -> dict[str, Any]:
    """Look a person up."""
    answer = client._http.post("/v1/lookups", json={"person": person})
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def test_a_victim_who_agreed_is_pointed_at_and_a_stranger_is_not(county: Peopled) -> None:
    """The agency that reported is among those to ask; nothing else of the person leaves."""
    client = county.client(ASKING)
    try:
        found = []
        for agency, person in list(told_of(county))[:TRIES]:
            body = ask(client, person)
            assert set(body) == {"agencies", "ledger_reference", "policy_revision"}
            found.append(agency in [one["agency"] for one in body["agencies"]])
        assert any(found), found
        stranger = {"full_name": "Quentin Featherstonehaugh", "date_of_birth": "1931-02-11"}
        assert ask(client, stranger)["agencies"] == []
    finally:
        client.close()
    county.hub.check()

"""The way to the hub over HTTP, for agencies without Kafka: same events, same receipts."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Sequence
from itertools import groupby
from typing import Any

import httpx

from producers.onboarding import Onboarding
from producers.records import Event
from producers.transport import HubAwayError, HubRefusesError
from schemas import shape

_PURPOSE = {"Concord-Purpose": "participation"}
_AT_ONCE = 200
_BYTES_AT_ONCE = 2**21
_WAIT_SECONDS = 20
_LOOK_AGAIN_SECONDS = 5.0


class HttpTransport:
    """Posts to /v1/events and reads /v1/receipts and /v1/notices."""

    def __init__(self, onboarding: Onboarding, client: httpx.AsyncClient | None = None) -> None:
        """Raises ValueError if the onboarding names no API. `client` replaces the usual one."""
        if not onboarding.api_url:
            raise ValueError("the onboarding names no API")
        self._agency = onboarding.agency
        self._url = onboarding.api_url.rstrip("/")
        self._headers = dict(_PURPOSE)
        if onboarding.token:
            self._headers["Authorization"] = f"Bearer {onboarding.token}"
        self._client = client or httpx.AsyncClient(timeout=_WAIT_SECONDS + 15.0)
        self._refused: dict[str, dict[str, Any]] = {}

    async def start(self) -> None:
        """Ask whether the hub is there."""
        answer = await self._call("GET", "/healthz")
        if answer.is_error:
            raise HubAwayError(f"the hub is not well ({answer.status_code})")

    async def stop(self) -> None:
        """Disconnect."""
        await self._client.aclose()

    async def send(self, events: Sequence[Event]) -> None:
        """Post and wait until the hub has taken all of them.

        What it rejects at once for its shape has its receipt in `receipts`.
        """
        for record, batch in _batches(events):
            lines = [
                json.dumps(shape.to_json(record, event.value), ensure_ascii=False)
                for event in batch
            ]
            answer = await self._call(
                "POST",
                "/v1/events",
                params={"record": record, "wait_seconds": 0},
                content="\n".join(lines).encode(),
                headers={"Content-Type": "application/x-ndjson"},
            )
            if answer.status_code not in {200, 201, 202, 422}:
                raise _refusal(answer)
            body = answer.json()
            if "receipts" not in body:
                raise _refusal(answer)
            for receipt in body["receipts"]:
                if receipt["status"] == "rejected":
                    self._refused[receipt["event_id"]] = receipt

    async def receipts(self, *, follow: bool) -> AsyncGenerator[dict[str, Any], None]:
        """Give the receipts that the hub keeps, and with `follow` those to come."""
        for receipt in list(self._refused.values()):
            yield receipt
        cursor: str | None = None
        while True:
            parameters: dict[str, Any] = {"limit": _AT_ONCE}
            if cursor:
                parameters["cursor"] = cursor
            if follow:
                parameters["wait"] = 5
            answer = await self._call("GET", "/v1/receipts", params=parameters)
            if answer.is_error:
                raise _refusal(answer)
            page = answer.json()
            for item in page["items"]:
                yield item["fields"]
            cursor = page["next"] or page["resume"] or cursor
            if page["next"] is None and not follow:
                return

    async def notices(self, *, follow: bool) -> AsyncGenerator[dict[str, Any], None]:
        """Give the notices in the agency's inbox, and with `follow` those to come and reminders."""
        told: set[tuple[str, int]] = set()
        while True:
            async for fields in self._inbox():
                name = (str(fields["notice_id"]), int(fields.get("reminders") or 0))
                if name not in told:
                    told.add(name)
                    yield _notice(self._agency, fields)
            if not follow:
                return
            await asyncio.sleep(_LOOK_AGAIN_SECONDS)

    async def _inbox(self) -> AsyncIterator[dict[str, Any]]:
        cursor: dict[str, str] = {}
        while True:
            query = {"limit": _AT_ONCE, **cursor}
            answer = await self._call("GET", "/v1/notices", params=query)
            if answer.is_error:
                raise _refusal(answer)
            page = answer.json()
            for item in page["items"]:
                yield item["fields"]
            if page["next"] is None:
                return
            cursor = {"cursor": page["next"]}

    async def _call(self, method: str, path: str, **options: Any) -> httpx.Response:
        headers = {**self._headers, **options.pop("headers", {})}
        try:
            answer = await self._client.request(
                method, self._url + path, headers=headers, **options
            )
        except httpx.HTTPError as error:
            raise HubAwayError(f"the hub does not answer ({type(error).__name__})") from None
        if answer.status_code in {429, 502, 503, 504}:
            raise HubAwayError(f"the hub is not ready ({answer.status_code})")
        return answer


def _notice(agency: str, fields: dict[str, Any]) -> dict[str, Any]:
    """An entry of the inbox in the shape that it has on the topic."""
    names = ("notice_id", "fact", "issued_at", "acknowledge_by", "record_kind", "action")
    told = list(fields.get("ledger_references") or ())
    return {
        **{name: fields.get(name) for name in names},
        "agency": agency,
        "kind": "correction" if fields.get("action") == "correct" else "recall",
        "disclosure_id": told[-1] if told else None,
        "record_ids": [fields["known_as"]] if fields.get("known_as") else [],
        "fields": list(fields.get("fields") or ()),
        "ledger_sequences": [],
        "ledger_references": told,
        "instruction": fields.get("instruction") or "",
        "reminder": int(fields.get("reminders") or 0),
        "checkpoint": None,
    }


def _batches(events: Sequence[Event]) -> Iterator[tuple[str, list[Event]]]:
    """Runs of one record, each of a size that one request may have."""
    for record, run in groupby(events, key=lambda event: event.record):
        batch: list[Event] = []
        size = 0
        for event in run:
            weight = len(json.dumps(shape.to_json(record, event.value)))
            if batch and (len(batch) >= _AT_ONCE or size + weight > _BYTES_AT_ONCE):
                yield record, batch
                batch, size = [], 0
            batch.append(event)
            size += weight
        yield record, batch


def _refusal(answer: httpx.Response) -> HubRefusesError:
    """The problem that the hub states, by its title alone: details could repeat an event."""
    try:
        title = str(answer.json().get("title") or "")
    except ValueError:
        title = ""
    return HubRefusesError(f"the hub refuses with {answer.status_code} {title}".strip())

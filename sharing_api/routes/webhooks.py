"""Webhooks: subscribe, look at what was delivered, deliver again, try one's receiver."""

from __future__ import annotations

import base64
import json
import secrets
from typing import Annotated, Any, Final, Literal

import httpx
from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, Field
from starlette.responses import JSONResponse, Response

from schemas.keyring import KeyMissing
from schemas.shape import timestamp_text
from sharing_api import answers
from sharing_api.auth.requests import Asking, Given, Stating
from sharing_api.feeds.reading import Feed
from sharing_api.filters import SignalFilter
from sharing_api.problems import Problem, documented, unavailable
from sharing_api.release import Asker, Refusal
from sharing_api.services import Services
from sharing_api.store.upsert import in_session
from sharing_api.webhooks import outbox, signing, subscriptions
from sharing_api.webhooks.addresses import AddressRefused, parsed
from sharing_api.webhooks.running import courier_of, rules_of

router = APIRouter(prefix="/v1", tags=["webhooks"])

ERRORS = documented(400, 401, 403, 404, 413, 422, 503)
HOOK_PATTERN: Final = r"^whk_[0-9a-f]{24}$"
HookId = Annotated[str, Path(pattern=HOOK_PATTERN, description="Id of the subscription.")]


DELIVERY_PATTERN: Final = r"^dlv_[a-z2-7]{26}$"
ADDRESS_PATTERN: Final = r"^https?://[^\s/?#@]+([/?#]\S*)?$"


class Wanted(BaseModel):
    """What is wanted, and where."""

    url: str = Field(pattern=ADDRESS_PATTERN, max_length=2000, description="Receiver; https.")
    events: list[Literal["tension-signal.v1", "tension-level.v1", "notice.v1", "*"]] = Field(
        ["tension-signal.v1", "tension-level.v1"], min_length=1, max_length=4
    )
    signing: Literal["hmac", "ed25519"] = Field(
        "hmac", description="hmac: a secret of your own; ed25519: the hub's public key verifies."
    )
    after: int = Field(0, ge=0, le=2**53, description="Begin after this number of the feed.")


class Hook(BaseModel):
    """A subscription of your agency."""

    webhook_id: str
    url: str
    events: list[str]
    signing: str
    status: str = Field(description="active or paused.")
    created_at: str
    position: int = Field(description="Last number of the feed that is in its outbox.")
    secret: str | None = Field(None, description="Told when it is made, never again.")


class Hooks(BaseModel):
    """All subscriptions of your agency."""

    items: list[Hook]


class Delivery(BaseModel):
    """One event for one subscription."""

    delivery_id: str = Field(description="The header webhook-id; the same on every attempt.")
    event_type: str
    event_id: str
    state: str = Field(description="pending, delivered or dead (given up).")
    attempts: int
    answer: str | None = Field(description="What came of the last attempt.")
    created_at: str
    next_at: str


class Deliveries(BaseModel):
    """Deliveries in their order; ask on with `after` the last one's id."""

    items: list[Delivery]


class Tried(BaseModel):
    """What came of a test."""

    received: bool
    answer: str


class Count(BaseModel):
    """How many."""

    count: int


class PublicKey(BaseModel):
    """The key that verifies `v1a` signatures."""

    algorithm: str
    public_key: str = Field(description="32 bytes, base64, as Standard Webhooks has it: whpk_…")


@router.post(
    "/webhooks",
    status_code=201,
    response_model=Hook,
    responses=ERRORS,
    summary="Subscribe a receiver",
)
async def subscribe(wanted: Wanted, services: Given, asker: Asking, stated: Stating) -> Response:
    """What is posted is what you may see for the purpose you state now, asked anew each time.

    The secret is in this answer alone.
    """
    try:
        parsed(wanted.url, rules_of(services))
    except AddressRefused as refused:
        field, _, rule = str(refused).partition(": ")
        raise Problem(
            403,
            "address-refused",
            "The hub does not post to this address.",
            errors=[{"field": f"body.{field}", "rule": rule}],
        ) from None
    if set(wanted.events) - set(subscriptions.OWN_EVENTS):
        admitted = await Feed(services, asker, stated, SignalFilter()).admitted()
        if isinstance(admitted, Refusal):
            raise answers.refused(services, "signal", admitted)
    if {*subscriptions.OWN_EVENTS, outbox.EVERY} & set(wanted.events):
        _own(services, asker)
    async with services.sessions.begin() as session:
        webhook_id = await in_session(
            session,
            subscriptions.create,
            asker,
            stated,
            url=wanted.url,
            events=wanted.events,
            signing=wanted.signing,
            after=wanted.after,
            now=services.parts.clock(),
        )
    row = await found(services, asker, webhook_id)
    return _answer(_told(row) | _secret(services, row), 201)


@router.get(
    "/webhooks", response_model=Hooks, responses=ERRORS, summary="Your agency's subscriptions"
)
async def list_hooks(services: Given, asker: Asking) -> Response:
    """Without their secrets."""
    async with services.reading() as session:
        rows = await in_session(session, subscriptions.of_agency, asker.agency)
    return _answer({"items": [_told(row) for row in rows]})


@router.get(
    "/webhook-key",
    response_model=PublicKey,
    responses=documented(503),
    summary="The hub's public key",
)
async def show_key(services: Given) -> Response:
    """Needs no token. It verifies the signatures of subscriptions that chose ed25519."""
    try:
        raw = services.parts.signer().public_key().public_bytes_raw()
    except KeyMissing:
        raise unavailable("signing key") from None
    told = {"algorithm": "ed25519", "public_key": f"whpk_{base64.b64encode(raw).decode()}"}
    return JSONResponse(told)


@router.delete("/webhooks/{webhook_id}", status_code=204, responses=ERRORS, summary="Unsubscribe")
async def unsubscribe(webhook_id: HookId, services: Given, asker: Asking) -> Response:
    """What was still to be delivered is dropped."""
    await found(services, asker, webhook_id)
    async with services.sessions.begin() as session:
        await in_session(session, subscriptions.end, webhook_id)
    return Response(status_code=204)


@router.post(
    "/webhooks/{webhook_id}/status/{status}",
    response_model=Hook,
    responses=ERRORS,
    summary="Pause a subscription, or go on with it",
)
async def set_status(
    webhook_id: HookId, status: Literal["active", "paused"], services: Given, asker: Asking
) -> Response:
    """Nothing is lost while it is paused: it goes on where it was."""
    await found(services, asker, webhook_id)
    async with services.sessions.begin() as session:
        await in_session(session, subscriptions.change, webhook_id, {"status": status})
    return _answer(_told(await found(services, asker, webhook_id)))


@router.post(
    "/webhooks/{webhook_id}/secret",
    response_model=Hook,
    responses=ERRORS,
    summary="Change the secret",
)
async def rotate(webhook_id: HookId, services: Given, asker: Asking) -> Response:
    """The old one signs nothing any more; the new one is in this answer alone."""
    row = await found(services, asker, webhook_id)
    values = {"secret_version": row.secret_version + 1}
    async with services.sessions.begin() as session:
        await in_session(session, subscriptions.change, webhook_id, values)
    row = await found(services, asker, webhook_id)
    return _answer(_told(row) | _secret(services, row))


@router.get(
    "/webhooks/{webhook_id}/deliveries",
    response_model=Deliveries,
    responses=ERRORS,
    summary="What was delivered, what waits, what was given up",
)
async def list_deliveries(
    webhook_id: HookId,
    services: Given,
    asker: Asking,
    state: Annotated[Literal["pending", "delivered", "dead"] | None, Query()] = None,
    after: Annotated[
        str | None, Query(pattern=DELIVERY_PATTERN, description="Deliveries after this one.")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 100,
) -> Response:
    """Names and states; what was in a delivery went to the receiver alone."""
    await found(services, asker, webhook_id)
    async with services.reading() as session:
        rows = await in_session(
            session, outbox.deliveries, webhook_id, state=state, after=after, limit=limit
        )
    return _answer({"items": [_delivery(row) for row in rows]})


@router.post(
    "/webhooks/{webhook_id}/redeliver",
    response_model=Count,
    responses=ERRORS,
    summary="Deliver again: one delivery, or all that were given up",
)
async def redeliver(
    webhook_id: HookId,
    services: Given,
    asker: Asking,
    delivery: Annotated[
        str | None, Query(pattern=DELIVERY_PATTERN, description="One delivery; else all dead.")
    ] = None,
) -> Response:
    """Under the same id, so that a receiver can tell."""
    await found(services, asker, webhook_id)
    now = services.parts.clock()
    async with services.sessions.begin() as session:
        count = await in_session(session, outbox.again, webhook_id, delivery, now)
    return _answer({"count": count})


@router.post(
    "/webhooks/{webhook_id}/test",
    response_model=Tried,
    responses=ERRORS,
    summary="Try your receiver",
)
async def try_receiver(webhook_id: HookId, services: Given, asker: Asking) -> Response:
    """Posts one signed event of type `uk.concord.test.v1` at once, and says what came of it."""
    row = await found(services, asker, webhook_id)
    async with httpx.AsyncClient(trust_env=False) as client:
        answer, status = await courier_of(services, client).post(trial(services, row))
    received = status is not None and 200 <= status < 300
    return _answer({"received": received, "answer": answer})


def _own(services: Services, asker: Asker) -> None:
    """Notices are an agency's own; who publishes for it may have them posted."""
    if asker.role not in services.settings.publishing_roles:
        raise Problem(403, "role", "The asker's role may not subscribe to notices of its agency.")


async def found(services: Services, asker: Asker, webhook_id: str) -> Any:
    """The agency's own subscription of this id. Raises Problem 404."""
    async with services.reading() as session:
        row = await in_session(session, subscriptions.one, asker.agency, webhook_id)
    if row is None:
        raise Problem(404, "webhook-unknown", "Your agency has no subscription of this id.")
    return row


def _told(row: Any) -> dict[str, Any]:
    told = {name: getattr(row, name) for name in ("webhook_id", "url", "signing", "status")}
    told |= {"events": json.loads(row.events), "position": row.position}
    return told | {"created_at": timestamp_text(row.created_at)}


def _secret(services: Services, row: Any) -> dict[str, Any]:
    if row.signing != signing.HMAC:
        return {}
    key = signing.secret(services.parts.pseudonyms, row.webhook_id, row.secret_version)
    return {"secret": signing.shown(key)}


def _delivery(row: Any) -> dict[str, Any]:
    names = ("delivery_id", "event_type", "event_id", "state", "attempts", "answer")
    moments = {name: timestamp_text(getattr(row, name)) for name in ("created_at", "next_at")}
    return {name: getattr(row, name) for name in names} | moments


class _Test:
    """Looks like a delivery, and is in no outbox."""

    def __init__(self, services: Services, row: Any) -> None:
        self.webhook_id, self.url, self.signing = row.webhook_id, row.url, row.signing
        self.secret_version = row.secret_version
        self.delivery_id = self.event_id = f"test_{secrets.token_hex(8)}"
        self.event_type = "test.v1"
        self.created_at = services.parts.clock()
        self.data = '{"text":"This is a test of your receiver. No data is in it."}'


def trial(services: Services, row: Any) -> Any:
    """A test event for a subscription, to be posted and not to be kept."""
    return _Test(services, row)


def _answer(body: Any, status: int = 200) -> Response:
    return JSONResponse(body, status, headers={"Cache-Control": answers.NO_STORE})

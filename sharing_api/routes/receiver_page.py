"""A page on which people try their webhook's receiver: token, subscription, one test event.

It has no script, and keeps neither the token nor what came of it.
"""

from __future__ import annotations

import html
import re
from typing import Any, Final
from urllib.parse import parse_qsl

import httpx
from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse

from sharing_api.auth.claims import asker_of
from sharing_api.auth.requests import Given
from sharing_api.auth.tokens import InvalidToken, IssuerAway
from sharing_api.problems import Problem, unavailable
from sharing_api.release import Asker
from sharing_api.routes.forms import HEADERS, STYLE
from sharing_api.routes.webhooks import HOOK_PATTERN, found, trial
from sharing_api.services import Services
from sharing_api.webhooks.running import courier_of

router = APIRouter(prefix="/forms", include_in_schema=False)

_PAGE: Final = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Try your receiver</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>{style}</style></head><body><main><h1>Try your receiver</h1>{said}
<p>The hub posts one signed event of type <code>uk.concord.test.v1</code> to the address of your
subscription, at once and once, and shows what came of it. No data is in it.</p>
<form method="post" action="/forms/receiver">
<label for="token">Your access token<span class="hint">It says for which agency you ask. It is not
kept.</span></label>
<input id="token" name="token" type="password" autocomplete="off" required>
<label for="webhook">Id of your subscription<span class="hint">As <code>GET /v1/webhooks</code>
lists it: whk_ and 24 letters or digits.</span></label>
<input id="webhook" name="webhook" type="text" autocomplete="off" required value="{webhook}">
<p><button>Post a test event</button></p></form></main></body></html>
"""


@router.get("/receiver")
async def show_page() -> HTMLResponse:
    """The empty form."""
    return _page("")


@router.post("/receiver")
async def try_receiver(request: Request, services: Given) -> HTMLResponse:
    """Post a test event, and say what the receiver answered, or what to put right."""
    given = dict(parse_qsl((await request.body()).decode("utf-8", "replace"), max_num_fields=10))
    webhook = given.get("webhook", "").strip()
    try:
        asker = await _asker(services, given.get("token", "").strip())
        row = await _subscription(services, asker, webhook)
    except Problem as problem:
        return _page(_note("error", problem.detail), webhook, problem.status)
    async with httpx.AsyncClient(trust_env=False) as client:
        answer, status = await courier_of(services, client).post(trial(services, row))
    received = status is not None and 200 <= status < 300
    words = "Your receiver has it" if received else "Your receiver has not taken it"
    return _page(_note("note" if received else "error", f"{words}: {answer}."), webhook)


async def _asker(services: Services, token: str) -> Asker:
    try:
        asker = asker_of(await services.verifier.claims(token), services.settings)
    except InvalidToken:
        raise Problem(401, "not-authenticated", "The token is not accepted.") from None
    except IssuerAway:
        raise unavailable("identity provider") from None
    if await services.agency_status(asker.agency) == "suspended":
        raise Problem(403, "agency-suspended", "Your agency is suspended.")
    return asker


async def _subscription(services: Services, asker: Asker, webhook: str) -> Any:
    if not re.fullmatch(HOOK_PATTERN, webhook):
        raise Problem(422, "not-accepted", "The id is whk_ and 24 letters or digits.")
    return await found(services, asker, webhook)


def _note(kind: str, text: str) -> str:
    return f'<p class="{kind}" role="status">{html.escape(text)}</p>'


def _page(said: str, webhook: str = "", status: int = 200) -> HTMLResponse:
    shown = html.escape(webhook[:40], quote=True)
    return HTMLResponse(_PAGE.format(style=STYLE, said=said, webhook=shown), status, HEADERS)

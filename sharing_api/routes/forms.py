"""A tension return in a minute: one plain page, no script, and nil returns as one button.

Whoever opens it is asked for a token; what is sent goes the way of all events (`routes.events`).
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import parse_qsl

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse

from schemas.shape import timestamp_text
from schemas.vocabulary import codes, label
from sharing_api.auth.claims import asker_of
from sharing_api.auth.requests import Given
from sharing_api.auth.tokens import InvalidToken
from sharing_api.events import EventReader
from sharing_api.problems import Problem
from sharing_api.release import Asker
from sharing_api.services import PublisherAway, Services

router = APIRouter(prefix="/forms", include_in_schema=False)

HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
_CHOICES: Final = {
    "category": ("Kind of tension", "tension_category"),
    "eep": ("Is it felt, seen, or expected?", "eep"),
    "direction": ("Compared with last week", "direction"),
}
STYLE: Final = """
body{font-family:sans-serif;max-width:42rem;margin:2rem auto;padding:0 1rem;line-height:1.5}
label,legend{display:block;font-weight:bold;margin-top:1rem}
input,select,textarea,button{font:inherit;padding:.4rem;max-width:100%;box-sizing:border-box}
input[type=text],input[type=password],select,textarea{width:100%}
.note{border-left:6px solid #1d70b8;padding-left:1rem}
.error{border-left:6px solid #d4351c;padding-left:1rem}
.hint{font-weight:normal;color:#505a5f;display:block}
"""
"""How forms look."""
_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Tension return</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>{style}</style></head><body><main>{body}</main></body></html>
"""
_FORM = """<h1>Tension return</h1>
{message}
<p class="note"><strong>Do not name anybody.</strong> Names, phone numbers, addresses and e-mail
addresses are looked for and taken out, and the text is sealed. No program finds every name: an
unusual one, a nickname, a house that everybody knows can stay in. Only the codes below are counted
and shown to others; what you write is not.</p>
<form method="post" action="/forms/tension-return">
<label for="token">Your access token
<span class="hint">It says for which agency you report. It is not kept.</span></label>
<input id="token" name="token" type="password" autocomplete="off" required>
<label for="district">District</label>
{districts}
<p><button name="nil" value="yes">Nothing to report this week</button></p>
<hr><h2>Something to report</h2>
{choices}
<label for="strand">Group that it is about</label>
<select id="strand" name="strand"><option value="">Not about one group</option>{strands}</select>
<label for="source">How reliable is your source?</label>
<select id="source" name="source"><option value="2">Untested</option>
<option value="1">Reliable</option><option value="3">Not reliable</option></select>
<label for="intelligence">How is it known?</label>
<select id="intelligence" name="intelligence">{grades}</select>
<label for="origin">Where did it first come from?
<span class="hint">A meeting or a post that others may report too: it is then counted once.</span>
</label><input id="origin" name="origin" type="text" maxlength="200" autocomplete="off">
<label for="detail">What was said or seen, without names</label>
<textarea id="detail" name="detail" rows="4" maxlength="2000"></textarea>
<p><button name="nil" value="no">Send this return</button></p>
</form>"""


@router.get("/tension-return")
async def show_form(services: Given) -> HTMLResponse:
    """The empty form."""
    return _page(_form(services, ""))


@router.post("/tension-return")
async def take_return(request: Request, services: Given) -> HTMLResponse:
    """Send the return as its agency's event; the answer says so, or what to put right."""
    given = dict(parse_qsl((await request.body()).decode("utf-8", "replace"), max_num_fields=40))
    try:
        asker = await _asker(services, given.get("token", ""))
        event = _event(given, services.parts.clock())
        await _send(services, asker, event)
    except Problem as problem:
        said = [problem.detail, *(e["rule"] for e in problem.members.get("errors", ()))]
        return _page(_form(services, _error(said)), problem.status)
    return _page(
        f"<h1>Sent</h1><p>Your return was taken as <code>{event['reference']}</code>. Your agency "
        'finds its receipt under <code>/v1/receipts</code>.</p><p><a href="/forms/tension-return">'
        "Another return</a></p>",
        201,
    )


async def _asker(services: Services, token: str) -> Asker:
    try:
        asker = asker_of(await services.verifier.claims(token.strip()), services.settings)
    except InvalidToken:
        raise Problem(401, "not-authenticated", "The token is not accepted.") from None
    if await services.agency_status(asker.agency) == "suspended":
        raise Problem(403, "agency-suspended", "Your agency is suspended.")
    if asker.role not in services.settings.publishing_roles:
        raise Problem(403, "role", "This token may not publish for its agency.")
    return asker


def _event(given: Mapping[str, str], now: datetime) -> dict[str, Any]:
    """A return as hub JSON; what is judged is judged by intake."""
    made = now.replace(microsecond=now.microsecond // 1000 * 1000)
    reference = f"FORM/{made:%Y%m%dT%H%M%S%f}"
    event: dict[str, Any] = {
        "event_id": reference,
        "reference": reference,
        "recorded_at": timestamp_text(made),
        "observed": {"from": timestamp_text(made - timedelta(days=7)), "precision": "week"},
        "nil_return": given.get("nil") == "yes",
        "district": given.get("district", ""),
    }
    if event["nil_return"]:
        return event
    strand = given.get("strand", "")
    grading = {
        "source": int(given["source"]) if given.get("source") in {"1", "2", "3"} else 2,
        "intelligence": given.get("intelligence") or "D",
        "handling": "P",
    }
    event |= {name: given[name] for name in (*_CHOICES, "detail") if given.get(name, "").strip()}
    origin = given.get("origin", "").strip()
    event |= {"origin_ref": origin} if origin else {}
    return event | {"strands": [strand] if strand else [], "grading": grading}


async def _send(services: Services, asker: Asker, event: dict[str, Any]) -> None:
    reader = EventReader(asker.agency, services.parts.schema_ids, services.parts.clock)
    taken = reader.take([event], "tension-report.v1")
    if taken.rejected or not event["district"]:
        rules = [fault["rule"] for receipt in taken.rejected for fault in receipt["faults"]]
        errors = [{"field": "form", "rule": rule} for rule in rules or ["Choose a district."]]
        raise Problem(422, "not-accepted", "The return is not complete.", errors=errors)
    if services.parts.publisher is None:
        raise Problem(503, "not-available", "The hub takes no returns just now; try again later.")
    try:
        await services.parts.publisher.publish(taken.outgoing)
    except PublisherAway:
        raise Problem(503, "not-available", "The hub could not take it; send it again.") from None


def _form(services: Services, message: str) -> str:
    geography = services.parts.geography
    areas = geography.areas if geography else ()
    districts = [(area.code, area.name) for area in areas if area.level == "district"]
    choices = "".join(
        f'<label for="{name}">{html.escape(text)}</label><select id="{name}" name="{name}">'
        f"{_options((code, label(table, code)) for code in codes(table))}</select>"
        for name, (text, table) in _CHOICES.items()
    )
    return _FORM.format(
        message=message,
        districts=_district(districts),
        choices=choices,
        strands=_options((code, label("strand", code)) for code in codes("strand")),
        grades=_options(
            (code, label("intelligence_grade", code)) for code in codes("intelligence_grade")
        ),
    )


def _district(known: list[tuple[str, str]]) -> str:
    """A list to choose from; a box for the code where the hub has no list."""
    if not known:
        return '<input id="district" name="district" type="text" required>'
    empty = '<option value=""></option>'
    return f'<select id="district" name="district" required>{empty}{_options(known)}</select>'


def _options(pairs: Iterable[tuple[str, str]]) -> str:
    return "".join(
        f'<option value="{html.escape(code)}">{html.escape(text)}</option>' for code, text in pairs
    )


def _error(said: Iterable[str]) -> str:
    lines = "".join(f"<li>{html.escape(line)}</li>" for line in said)
    return f'<div class="error" role="alert"><p>The return was not sent.</p><ul>{lines}</ul></div>'


def _page(body: str, status: int = 200) -> HTMLResponse:
    return HTMLResponse(_PAGE.format(style=STYLE, body=body), status, headers=HEADERS)

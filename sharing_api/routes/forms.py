"""A tension return in a minute: one plain page, no script, and nil returns as one button.

Whoever opens it is asked for a token; what is sent goes the way of all events (`routes.events`).
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping, Sequence
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
from sharing_api.geography import Area
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
_SOURCES: Final = (("2", "Untested"), ("1", "Reliable"), ("3", "Not reliable"))
_FIELDS: Final = {"origin": "origin_ref", "group": "group_affected"}
"""Fields of the record behind boxes of the form that are called otherwise."""
_SAID: Final = (*_CHOICES, "detail", "ward", "origin", "group")
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
<label for="group">Group that it is about</label>
<select id="group" name="group"><option value="">Not about one group</option>{groups}</select>
<label for="ward">Ward <span class="hint">If you know it.</span></label>
{wards}
<label for="source">How reliable is your source?</label>
<select id="source" name="source">{sources}</select>
<label for="intelligence">How is it known?</label>
<select id="intelligence" name="intelligence">{grades}</select>
<label for="conditions">On what condition may it be passed on?
<span class="hint">Empty: within the partnership. A condition travels with it.</span></label>
<input id="conditions" name="conditions" type="text" maxlength="500" autocomplete="off"
value="{conditions}">
<label for="origin">Where did it first come from?
<span class="hint">A meeting or a post that others may report too: it is then counted once.</span>
</label><input id="origin" name="origin" type="text" maxlength="200" autocomplete="off"
value="{origin}">
<label for="detail">What was said or seen, without names</label>
<textarea id="detail" name="detail" rows="4" maxlength="2000">{detail}</textarea>
<p><button name="nil" value="no">Send this return</button></p>
</form>"""


@router.get("/tension-return")
async def show_form(services: Given) -> HTMLResponse:
    """The empty form."""
    return _page(_form(services, "", {}))


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
        return _page(_form(services, _error(said), given), problem.status)
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
    said = {name: text.strip() for name, text in given.items() if text.strip()}
    conditions = said.get("conditions")
    event["grading"] = {
        "source": int(said["source"]) if said.get("source") in {"1", "2", "3"} else 2,
        "intelligence": said.get("intelligence", "D"),
        "handling": "C" if conditions else "P",
        "conditions": conditions,
    }
    event |= {_FIELDS.get(name, name): said[name] for name in _SAID if name in said}
    group = said.get("group", "")
    return event | {"strands": [group.partition(":")[0]] if group else []}


async def _send(services: Services, asker: Asker, event: dict[str, Any]) -> None:
    geography = services.parts.geography
    ward = geography.by_code.get(event.get("ward", "")) if geography else None
    if ward is not None and ward.parent != event["district"]:
        errors = [{"field": "form", "rule": "Choose a ward of the district, or none."}]
        raise Problem(422, "not-accepted", "The return is not complete.", errors=errors)
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


def _form(services: Services, message: str, given: Mapping[str, str]) -> str:
    """The form with what was given in it, but the token."""
    geography = services.parts.geography
    areas = geography.areas if geography else ()
    choices = "".join(
        f'<label for="{name}">{html.escape(text)}</label><select id="{name}" name="{name}">'
        f"{_options(_labelled(table), given.get(name))}</select>"
        for name, (text, table) in _CHOICES.items()
    )
    texts = {name: html.escape(given.get(name, "")) for name in ("conditions", "origin", "detail")}
    return _FORM.format(
        message=message,
        districts=_area("district", areas, given),
        wards=_area("ward", areas, given),
        choices=choices,
        groups=_options(_labelled("target"), given.get("group")),
        sources=_options(_SOURCES, given.get("source")),
        grades=_options(_labelled("intelligence_grade"), given.get("intelligence")),
        **texts,
    )


def _labelled(table: str) -> list[tuple[str, str]]:
    return [(code, label(table, code)) for code in codes(table)]


def _area(level: str, areas: Sequence[Area], given: Mapping[str, str]) -> str:
    """A list to choose from; a box for the code where the hub has no list."""
    names = {area.code: area.name for area in areas}
    known = [
        (area.code, f"{area.name} ({names[area.parent]})" if area.parent else area.name)
        for area in areas
        if area.level == level
    ]
    needed = "required" if level == "district" else ""
    if not known:
        value = html.escape(given.get(level, ""))
        return f'<input id="{level}" name="{level}" type="text" value="{value}" {needed}>'
    options = _options([("", ""), *known], given.get(level))
    return f'<select id="{level}" name="{level}" {needed}>{options}</select>'


def _options(pairs: Iterable[tuple[str, str]], chosen: str | None) -> str:
    return "".join(
        f'<option value="{html.escape(code)}"{" selected" if code == chosen else ""}>'
        f"{html.escape(text)}</option>"
        for code, text in pairs
    )


def _error(said: Iterable[str]) -> str:
    lines = "".join(f"<li>{html.escape(line)}</li>" for line in said)
    return f'<div class="error" role="alert"><p>The return was not sent.</p><ul>{lines}</ul></div>'


def _page(body: str, status: int = 200) -> HTMLResponse:
    return HTMLResponse(_PAGE.format(style=STYLE, body=body), status, headers=HEADERS)

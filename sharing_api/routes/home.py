"""A plain page that says what runs here."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import HTMLResponse

from sharing_api.auth.requests import Given

router = APIRouter(include_in_schema=False)

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Concord</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>
body{{font-family:sans-serif;max-width:42rem;margin:2rem auto;padding:0 1rem;line-height:1.5}}
.warning{{border-left:6px solid #d4351c;padding-left:1rem}}</style></head><body>
<h1>Concord</h1>
<p>A hub through which agencies share what they know about hate incidents and community tension:
no more than an agreement allows.</p>
{warning}
<ul>
<li><a href="/docs">The API, described</a> (<a href="/openapi.json">OpenAPI</a>)</li>
<li><a href="/readyz">What runs, and whether it is ready</a></li>
<li><a href="/metrics">Metrics</a></li>
<li><a href="/subjects">Schemas</a></li>
</ul></body></html>
"""
_WARNING = """<p class="warning"><strong>Development.</strong> This hub gives a token to anyone who
asks at <code>/dev/token</code>. Never put real data into it.</p>"""


@router.get("/")
async def home(services: Given) -> HTMLResponse:
    """The page."""
    return HTMLResponse(_PAGE.format(warning=_WARNING if services.issuer else ""))

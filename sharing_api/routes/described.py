"""The API's description as a plain page: no script, no style from elsewhere, nothing to load."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse

router = APIRouter(include_in_schema=False)

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Concord: the API</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>
body{{font-family:sans-serif;max-width:56rem;margin:2rem auto;padding:0 1rem;line-height:1.5}}
code{{background:#f3f2f1;padding:0 .25rem}} h3{{margin-bottom:0}}
</style></head><body>
<h1>The API of this hub</h1>
<p>{text}</p>
<p>In full, for programs: <a href="/openapi.json">OpenAPI</a>.</p>
{operations}
</body></html>
"""
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


@router.get("/docs")
async def describe(request: Request) -> HTMLResponse:
    """Every operation with what it takes and what it answers."""
    made: Mapping[str, Any] = request.app.openapi()
    page = _PAGE.format(
        text=escape(str(made["info"].get("description", ""))), operations="\n".join(_listed(made))
    )
    return HTMLResponse(page, headers={"Content-Security-Policy": _POLICY})


def _listed(made: Mapping[str, Any]) -> Iterator[str]:
    group = ""
    for path, operations in made["paths"].items():
        for method, operation in operations.items():
            tag = (operation.get("tags") or ["hub"])[0]
            if tag != group:
                group = tag
                yield f"<h2>{escape(tag)}</h2>"
            yield f"<h3><code>{method.upper()} {escape(path)}</code></h3>"
            yield f"<p>{escape(operation.get('summary', ''))}. "
            yield f"{escape(operation.get('description', ''))}</p>"
            yield from _parameters(operation.get("parameters", ()))
            answers = ", ".join(escape(status) for status in operation["responses"])
            yield f"<p>Answers: {answers}</p>"


def _parameters(parameters: Any) -> Iterator[str]:
    if not parameters:
        return
    yield "<ul>"
    for one in parameters:
        needed = "needed" if one.get("required") else "optional"
        said = escape(one.get("description", ""))
        yield f"<li><code>{escape(one['name'])}</code> ({escape(one['in'])}, {needed}) {said}</li>"
    yield "</ul>"

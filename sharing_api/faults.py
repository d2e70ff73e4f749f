"""From exceptions to problems: registered once on the app, so that no route forgets one."""

from __future__ import annotations

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Match, Route

from policies.following import StoreUnheard
from schemas.registry import RegistryError
from sharing_api import answers
from sharing_api.problems import Problem, faults_of, not_accepted, unavailable
from sharing_api.release import GateClosed
from sharing_api.store.ledger import LedgerUnavailable

_PARTS = {
    "engine": "policy engine",
    "ledger": "ledger",
    "key": "release key",
    "store": "store",
}


def register(app: FastAPI) -> None:
    """Answer every exception that routes let through."""
    app.add_exception_handler(Problem, _problem)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _validation)
    app.add_exception_handler(GateClosed, _closed)
    for away in (SQLAlchemyError, OSError, LedgerUnavailable, StoreUnheard):
        app.add_exception_handler(away, _store)
    app.add_exception_handler(RegistryError, _registry)


async def _problem(_request: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)
    return error.response()


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    headers = dict(error.headers or {})
    if error.status_code == 405:
        headers["Allow"] = ", ".join(_allowed(request))
    texts = {
        404: ("no-such-page", "There is nothing at this address."),
        405: ("method-not-allowed", "This address does not take this method."),
    }
    code, detail = texts.get(error.status_code, ("request", "The request is not accepted."))
    return Problem(error.status_code, code, detail, headers=headers).response()


def _allowed(request: Request) -> list[str]:
    """All methods of this address; the framework names those of the first route alone."""
    found: set[str] = set()
    for route in request.app.state.addresses:
        if isinstance(route, Route) and route.matches(request.scope)[0] is not Match.NONE:
            found |= route.methods or set()
    return sorted(found)


async def _validation(_request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    return not_accepted(faults_of(error.errors())).response()


async def _closed(request: Request, error: Exception) -> Response:
    assert isinstance(error, GateClosed)
    answers.closed(request.app.state.services, error)
    return unavailable(_PARTS.get(error.part, "release gate")).response()


async def _store(_request: Request, _error: Exception) -> Response:
    return unavailable("store").response()


async def _registry(_request: Request, _error: Exception) -> Response:
    return unavailable("schema registry").response()

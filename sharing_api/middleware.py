"""What surrounds every request: an id, a size limit, a time, one log line, no stack traces.

A log line holds method, route template, status and time: no paths, queries, bodies or identities.
"""

from __future__ import annotations

import traceback
import uuid
from time import perf_counter
from typing import Any

import structlog
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sharing_api.problems import Problem

log = structlog.get_logger(__name__)

UNMATCHED = "(none)"


class Surroundings:
    """Outermost ASGI layer."""

    def __init__(self, app: ASGIApp, body_max_bytes: int) -> None:
        self._app = app
        self._body_max_bytes = body_max_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        exchange = _Exchange(scope, receive, send, self._body_max_bytes)
        try:
            await self._app(scope, exchange.receive, exchange.send)
        except _BodyTooLarge:
            await exchange.answer(
                Problem(413, "too-large", f"Send at most {self._body_max_bytes} bytes.")
            )
        except Exception as error:  # noqa: BLE001 (the last line: whatever it is, no detail leaves)
            frames = traceback.extract_tb(error.__traceback__)[-3:]
            where = [f"{frame.name}:{frame.lineno}" for frame in frames]
            # not log.exception: the text of an exception may hold a value
            log.error("request.fault", fault=type(error).__name__, where=where)  # noqa: TRY400
            await exchange.answer(Problem(500, "fault", "The hub made a mistake; it is logged."))
        finally:
            exchange.finish()


class _BodyTooLarge(Exception):
    pass


class _Exchange:
    def __init__(self, scope: Scope, receive: Receive, send: Send, limit: int) -> None:
        self._scope = scope
        self._receive = receive
        self._send = send
        self._limit = limit
        self._read = 0
        self._status: int | None = None
        self._began = perf_counter()
        self._id = uuid.uuid4().hex

    async def receive(self) -> Message:
        message = await self._receive()
        if message["type"] == "http.request":
            self._read += len(message.get("body", b""))
            if self._read > self._limit:
                raise _BodyTooLarge
        return message

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._status = int(message["status"])
            headers = MutableHeaders(scope=message)
            headers["Concord-Request-Id"] = self._id
            headers["X-Content-Type-Options"] = "nosniff"
            headers.setdefault("Cache-Control", "no-store")
        await self._send(message)

    async def answer(self, problem: Problem) -> None:
        """Answer with a problem, unless an answer has begun; then the connection breaks off."""
        if self._status is None:
            await problem.response()(self._scope, self._receive, self.send)

    def finish(self) -> None:
        seconds = perf_counter() - self._began
        route = getattr(self._scope.get("route"), "path", UNMATCHED)
        method = str(self._scope["method"])
        method = method if method in _METHODS else "OTHER"
        status = str(self._status or 0)
        services: Any = getattr(self._scope["app"].state, "services", None)
        if services is not None:
            services.metrics.requests.labels(method, route, status).observe(seconds)
        log.info(
            "request",
            id=self._id,
            method=method,
            route=route,
            status=status,
            milliseconds=round(seconds * 1000, 1),
        )


_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

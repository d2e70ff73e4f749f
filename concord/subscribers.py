"""Subscribers of the demo: one listens to the stream, one is called by the hub and checks it.

Both are ordinary clients of the API, each in a thread, and keep what they received.
"""

from __future__ import annotations

import hmac
import json
import threading
import time
from collections.abc import Callable, Mapping
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx

from concord.askers import Client
from sharing_api.webhooks import signing

Changes = list[Mapping[str, Any]]


class NothingCame(Exception):
    """A subscriber waited in vain; the message says for what and how long."""


class Inbox:
    """What a subscriber received, in order; others may wait for it."""

    def __init__(self) -> None:
        """Nothing is there."""
        self._changes: Changes = []
        self._more = threading.Condition()

    def put(self, change: Mapping[str, Any]) -> None:
        """Keep a change."""
        with self._more:
            self._changes.append(change)
            self._more.notify_all()

    def wait(
        self, wanted: Callable[[Mapping[str, Any]], bool], what: str, seconds: float
    ) -> Mapping[str, Any]:
        """The latest change that is wanted, as soon as there is one. Raises NothingCame."""
        deadline = time.monotonic() + seconds
        with self._more:
            while True:
                found = [each for each in self._changes if wanted(each)]
                if found:
                    return found[-1]
                if not self._more.wait(deadline - time.monotonic()):
                    raise NothingCame(f"no {what} within {seconds:g} seconds")

    @property
    def received(self) -> Changes:
        """Everything until now."""
        with self._more:
            return list(self._changes)


class Listener:
    """Reads the stream of server-sent events from a number on."""

    def __init__(self, client: Client, after: int) -> None:
        """Connects at once, and ends with the hub."""
        self.inbox = Inbox()
        self._client = client
        self._after = after
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        begin = {"Last-Event-ID": str(self._after)}
        try:
            with self._client.stream("/v1/tension/signals/stream", **begin) as answer:
                for line in answer.iter_lines():
                    if line.startswith("data:"):
                        self.inbox.put(json.loads(line.removeprefix("data:")))
        except (httpx.HTTPError, RuntimeError):
            return  # the hub has stopped; whoever waits is told by the clock


class Receiver:
    """A webhook's receiver on this machine: accepts what bears the right signature, in time."""

    def __init__(self) -> None:
        """Listens at once on a free port; `secret` is told when the subscription is made."""
        self.inbox = Inbox()
        self.secret = b""
        self.refused = 0
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        """Where the hub is to post."""
        return f"http://127.0.0.1:{self._server.server_address[1]}/hook"

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()

    def take(self, headers: Mapping[str, str], body: bytes) -> HTTPStatus:
        """Judge one request and keep what is genuine."""
        try:
            moment = int(headers["webhook-timestamp"])
            signed = signing.headers(headers["webhook-id"], moment, body, self.secret)
            told = headers["webhook-signature"].encode()
            genuine = hmac.compare_digest(signed["webhook-signature"].encode(), told)
        except (KeyError, TypeError, ValueError):
            genuine, moment = False, 0
        if not genuine or abs(time.time() - moment) > _OLDEST_SECONDS:
            self.refused += 1
            return HTTPStatus.UNAUTHORIZED
        self.inbox.put(json.loads(body)["data"])
        return HTTPStatus.NO_CONTENT

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                named = {name.lower(): value for name, value in self.headers.items()}
                self.send_response(receiver.take(named, body))
                self.end_headers()

            def log_message(self, format: str, *_: Any) -> None:  # noqa: A002 (its name there)
                """Say nothing."""

        return Handler


_OLDEST_SECONDS = 300

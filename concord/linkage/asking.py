"""Asking a running hub's API about links, as a coordinator or an operator.

With CONCORD_TOKEN the token is yours; without, the development issuer gives one for whoever you say
you are. What the API refuses ends the command with its reasons and exit code 1; a hub that cannot
be reached with 2.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated, Any

import httpx
import typer

from concord.settings import Settings

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]
Agency = Annotated[str, typer.Option("--agency", help="Agency that you ask for.")]
Type = Annotated[str, typer.Option("--agency-type", help="Its type: police, council, …")]
Role = Annotated[str, typer.Option("--role", help="Your role, as agreements name it.")]
Justification = Annotated[
    str, typer.Option("--justification", help="Why you ask, without names; kept in the ledger.")
]
Reason = Annotated[str, typer.Option("--reason", help="Why, in a sentence without names.")]

REFUSED = 1
AWAY = 2


@dataclass(frozen=True, slots=True)
class Who:
    """Who asks, and for what."""

    agency: str
    agency_type: str
    role: str
    purpose: str
    justification: str
    vetting: str = "bpss"
    person: str = ""

    def claims(self) -> dict[str, str]:
        """What the development issuer is told."""
        return {
            "sub": self.person or f"{self.role}@{self.agency}",
            "agency": self.agency,
            "agency_type": self.agency_type,
            "role": self.role,
            "vetting": self.vetting,
        }


class Refused(Exception):
    """The API said no; the text says why, and is the whole of what may be known."""


class Hub:
    """A connection to a hub's API."""

    def __init__(self, client: httpx.Client) -> None:
        """`client` says who asks."""
        self._client = client

    def get(self, path: str, **parameters: Any) -> Any:
        """Ask. Raises Refused, httpx.HTTPError."""
        given = {name: value for name, value in parameters.items() if value is not None}
        return _answer(self._client.get(path, params=given))

    def post(self, path: str, body: Mapping[str, Any]) -> Any:
        """Say. Raises Refused, httpx.HTTPError."""
        return _answer(self._client.post(path, json=body))

    def lines(self, path: str, body: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
        """Say, and hear one JSON object after another. Raises as `get`; a `problem` is Refused."""
        with self._client.stream("POST", path, json=body) as answer:
            if not answer.is_success:
                answer.read()
                _answer(answer)
            for line in answer.iter_lines():
                told = json.loads(line)
                if "problem" in told:
                    raise Refused(str(told["problem"].get("detail", "")))
                yield told

    def items(self, path: str, limit: int, **parameters: Any) -> Iterator[Mapping[str, Any]]:
        """The fields of the records of a list, at most `limit`. Raises as `get`."""
        cursor: str | None = None
        while limit > 0:
            page = self.get(path, limit=min(limit, 200), cursor=cursor, **parameters)
            for one in page["items"]:
                yield one["fields"]
            limit -= len(page["items"])
            cursor = page["next"]
            if cursor is None:
                return


def _answer(answer: httpx.Response) -> Any:
    if answer.is_success:
        return answer.json()
    try:
        said = answer.json()
        texts = [reason["text"] for reason in said.get("reasons") or ()]
        texts += map(_fault, said.get("errors") or ())
    except ValueError:
        answer.raise_for_status()
        raise
    if answer.is_server_error:
        answer.raise_for_status()
    raise Refused(" ".join([str(said.get("detail", "")), *texts]).strip())


def _fault(error: Mapping[str, Any]) -> str:
    """One part of what was sent that is not accepted, where it stands, and what was meant."""
    place = f" line {error['line']}, column {error['column']}" if error.get("line") else ""
    rule, suggested = str(error["rule"]), error.get("suggestion")
    meant = f" Did you mean {suggested}?" if suggested and "did you mean" not in rule else ""
    return f"\n  {error['field']}{place}: {rule}{'' if rule.endswith('?') else '.'}{meant}"


@contextmanager
def hub(who: Who, transport: httpx.BaseTransport | None = None) -> Iterator[Hub]:
    """Connect to the running hub; ends the program with one line where that fails."""
    url = Settings.found().public_url
    try:
        with httpx.Client(base_url=url, timeout=30, transport=transport) as client:
            client.headers["Authorization"] = f"Bearer {_token(client, who)}"
            client.headers["Concord-Purpose"] = who.purpose
            if who.justification:
                client.headers["Concord-Justification"] = who.justification
            yield Hub(client)
    except Refused as refused:
        sys.stderr.write(f"concord: {refused}\n")
        raise typer.Exit(REFUSED) from None
    except httpx.HTTPError as error:
        sys.stderr.write(f"concord: the hub at {url} does not answer ({type(error).__name__})\n")
        raise typer.Exit(AWAY) from None


def _token(client: httpx.Client, who: Who) -> str:
    given = os.environ.get("CONCORD_TOKEN")
    if given:
        return given
    return str(_answer(client.post("/dev/token", json=who.claims()))["access_token"])


def show(value: Any, lines: Iterator[str], *, as_json: bool) -> None:
    """Print a value as JSON, or the lines that say the same."""
    if as_json:
        typer.echo(json.dumps(value))
        return
    for line in lines:
        typer.echo(line)

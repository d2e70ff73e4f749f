"""The policy engine as a service: OPA's REST API through opa-python-client.

One connection pool for the life of the process. Every failure, an undefined rule and a missing
bundle included, is EngineUnavailable; the next question is a new attempt, so the engine comes back
by itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, Final, Self
from urllib.parse import urlsplit

import aiohttp
from opa_client.opa_async import AsyncOpaClient

from policies.engine import ENTRYPOINT, TRIAL, Decision, EngineUnavailable, read

_TRIAL_SECONDS: Final = 60.0
"""A trial brings its agreements along, and nobody waits for a release."""
_PORTS: Final = {"http": 8181, "https": 443}


class OpaEngine:
    """Asks an OPA server. Use as an async context manager; raises ValueError for an odd address."""

    def __init__(self, url: str, token: str | None = None, *, timeout: float = 1.5) -> None:
        """`url` is scheme, host and port; `token` a bearer token; `timeout` in seconds."""
        parts = urlsplit(url)
        if parts.scheme not in _PORTS or not parts.hostname or parts.path.strip("/"):
            raise ValueError("the address of OPA is http(s)://host:port, without a path")
        self._place = {
            "host": parts.hostname,
            "port": parts.port or _PORTS[parts.scheme],
            "ssl": parts.scheme == "https",
            "token": token,
        }
        self._client = self._connecting(timeout)
        self._open = False

    async def __aenter__(self) -> Self:
        """Open the connection pool; nothing is asked yet."""
        await self._client.__aenter__()
        self._open = True
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the connection pool."""
        self._open = False
        await self._client.__aexit__(kind, error, trace)

    async def decide(self, document: Mapping[str, Any]) -> Decision:
        """Decide on one input. Raises EngineUnavailable."""
        return read(await self._asked(self._client, ENTRYPOINT, document))

    async def tried(
        self, agreements: Mapping[str, Any], questions: Sequence[Mapping[str, Any]]
    ) -> list[Decision]:
        """Decide valid inputs under agreements that OPA does not hold. Raises EngineUnavailable.

        `agreements` is a bundle's `data["agreements"]`. OPA's own stay in force meanwhile.
        """
        if not questions:
            return []
        asked = {"agreements": agreements, "questions": list(questions)}
        async with self._connecting(_TRIAL_SECONDS) as client:
            answers = await self._asked(client, TRIAL, asked)
        if not isinstance(answers, list) or len(answers) != len(questions):
            raise EngineUnavailable("OPA left questions unanswered")
        return [read(answer) for answer in answers]

    def _connecting(self, timeout: float) -> AsyncOpaClient:
        return AsyncOpaClient(**self._place, retries=0, timeout=timeout)

    async def _asked(self, client: AsyncOpaClient, rule: str, document: Mapping[str, Any]) -> Any:
        if not self._open:
            raise EngineUnavailable("the connection to OPA is not open")
        package, _, name = rule.rpartition(".")
        try:
            answer = await client.query_rule(dict(document), package, name)
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            raise EngineUnavailable(f"OPA does not answer ({type(error).__name__})") from None
        if not isinstance(answer, dict) or "result" not in answer:
            raise EngineUnavailable("OPA knows no decision: is the bundle loaded?")
        return answer["result"]

    async def ready(self) -> bool:
        """Tell whether OPA is there with its bundles; never raises."""
        return self._open and bool(await self._client.check_health({"bundles": True}))

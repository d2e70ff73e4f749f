"""The policy engine as a service: OPA's REST API through opa-python-client.

One connection pool for the life of the process. Every failure, an undefined rule and a missing
bundle included, is EngineUnavailable; the next question is a new attempt, so the engine comes back
by itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import TracebackType
from typing import Any, Final, Self
from urllib.parse import urlsplit

import aiohttp
from opa_client.opa_async import AsyncOpaClient

from policies.engine import ENTRYPOINT, Decision, EngineUnavailable, read

_PACKAGE, _, _RULE = ENTRYPOINT.rpartition(".")
_PORTS: Final = {"http": 8181, "https": 443}


class OpaEngine:
    """Asks an OPA server. Use as an async context manager; raises ValueError for an odd address."""

    def __init__(self, url: str, token: str | None = None, *, timeout: float = 1.5) -> None:
        """`url` is scheme, host and port; `token` a bearer token; `timeout` in seconds."""
        parts = urlsplit(url)
        if parts.scheme not in _PORTS or not parts.hostname or parts.path.strip("/"):
            raise ValueError("the address of OPA is http(s)://host:port, without a path")
        self._client = AsyncOpaClient(
            host=parts.hostname,
            port=parts.port or _PORTS[parts.scheme],
            ssl=parts.scheme == "https",
            token=token,
            retries=0,
            timeout=timeout,
        )
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
        if not self._open:
            raise EngineUnavailable("the connection to OPA is not open")
        try:
            answer = await self._client.query_rule(dict(document), _PACKAGE, _RULE)
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            raise EngineUnavailable(f"OPA does not answer ({type(error).__name__})") from None
        if not isinstance(answer, dict) or "result" not in answer:
            raise EngineUnavailable("OPA knows no decision: is the bundle loaded?")
        return read(answer["result"])

    async def ready(self) -> bool:
        """Tell whether OPA is there with its bundles; never raises."""
        return self._open and bool(await self._client.check_health({"bundles": True}))

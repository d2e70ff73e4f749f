"""The policy engine inside this process: regorus, a Rego interpreter in a wheel.

An engine object belongs to the thread that made it and may be let go by no other, the garbage
collector's included: so each thread has its own and holds them itself. A decision takes a few
hundred microseconds and is made on the caller's thread: a hop to another would cost more.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from typing import Any, Final

import regorus

from policies.bundle import Bundle
from policies.engine import ENTRYPOINT, Decision, EngineUnavailable, read

_RULE: Final = f"data.{ENTRYPOINT}"
_KEPT: Final = 4
"""Bundles of which a thread keeps an engine at most: those in force in this process."""
_here = threading.local()


class RegorusEngine:
    """Decides with the bundle that it holds; `replace` puts another in force at once."""

    def __init__(self, bundle: Bundle) -> None:
        """Raises EngineUnavailable if the bundle does not compile."""
        self._bundle = bundle
        _engine_of(bundle)

    @property
    def revision(self) -> str:
        """Revision of the bundle in force."""
        return self._bundle.revision

    def replace(self, bundle: Bundle) -> None:
        """Put another bundle in force, on every thread, from its next decision on."""
        self._bundle = bundle

    async def decide(self, document: Mapping[str, Any]) -> Decision:
        """Decide on one input. Raises EngineUnavailable."""
        return self.answer(document)

    async def ready(self) -> bool:
        """Tell whether the bundle compiles here."""
        try:
            _engine_of(self._bundle)
        except EngineUnavailable:
            return False
        return True

    def answer(self, document: Mapping[str, Any]) -> Decision:
        """Decide on one input, outside an event loop. Raises EngineUnavailable."""
        engine = _engine_of(self._bundle)
        try:
            engine.set_input_json(json.dumps(document))
            result = json.loads(engine.eval_rule_as_json(_RULE))
        except Exception as error:  # noqa: BLE001 (whatever a native engine raises is a refusal)
            raise EngineUnavailable(
                f"the embedded engine failed ({type(error).__name__})"
            ) from None
        return read(result)


def _engine_of(bundle: Bundle) -> Any:
    """This thread's engine for a bundle. Raises EngineUnavailable."""
    held: list[tuple[Bundle, Any]] = vars(_here).setdefault("held", [])
    for kept, engine in held:
        if kept is bundle:
            return engine
    engine = _compiled(bundle)
    held.append((bundle, engine))
    del held[:-_KEPT]
    return engine


def _compiled(bundle: Bundle) -> Any:
    engine = regorus.Engine()
    try:
        for name, text in bundle.modules.items():
            engine.add_policy(name, text)
        engine.add_data_json(json.dumps(bundle.data))
    except Exception as error:
        raise EngineUnavailable(f"the bundle does not compile ({type(error).__name__})") from error
    return engine

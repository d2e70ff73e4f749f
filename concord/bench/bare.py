"""The baseline of the pipeline: a bare Faust agent that updates a table and sends one message.

Run as `python -m concord.bench.bare IN OUT COUNT`; prints the seconds from the first event to the
acknowledged last one and exits.
"""

from __future__ import annotations

import asyncio
import sys
import time
from pathlib import Path
from tempfile import mkdtemp

from concord.settings import Settings
from processors.app import WorkerContext, faust_app, faust_worker
from processors.streams import raw_topic


def main(source: str, target: str, count: int) -> None:
    """Run the agent until it has seen `count` events."""
    settings = Settings.found()
    context = WorkerContext(
        settings.connection, settings.schema_ids(), settings.keyring, Path(mkdtemp()), 0
    )
    app = faust_app(f"bare-{source}", context, fetch_wait_ms=50)
    seen = app.Table("seen", default=int, partitions=1)
    vars(seen)["key_serializer"] = "raw"  # or recovery would decode other keys than it wrote
    out = raw_topic(app, target)
    state = {"count": 0, "began": 0.0}

    @app.agent(raw_topic(app, source))
    async def bare(stream: object) -> None:
        async for event in stream.events():  # type: ignore[attr-defined]
            if not state["count"]:
                state["began"] = time.perf_counter()
            state["count"] += 1
            seen[event.key] = state["count"]
            await out.send(key=event.key, value=event.value)
            if state["count"] == count:
                await app.producer.flush()
                sys.stdout.write(f"{time.perf_counter() - state['began']:.6f}\n")
                sys.stdout.flush()
                asyncio.get_running_loop().call_later(0.1, _leave)

    faust_worker(app).execute_from_commandline()


def _leave() -> None:
    import os  # noqa: PLC0415

    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))

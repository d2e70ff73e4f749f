"""Runs workers by name: processors on Faust, the projector beside them."""

from __future__ import annotations

import asyncio
import sys
from contextlib import suppress
from pathlib import Path

from concord.settings import Settings
from concord.stack import garbage
from processors import metrics
from processors.app import NAMES, WorkerContext
from processors.app import run as run_processors

PROJECTOR = "projector"


def run(names: list[str], settings: Settings) -> int:
    """Run the named workers in this process until a signal. Gives the exit code."""
    known = {*NAMES, PROJECTOR, "all"}
    strangers = sorted(set(names) - known)
    if strangers:
        sys.stderr.write(f"concord: worker: one of {', '.join(sorted(known))}\n")
        return 2
    garbage.search_less()
    if PROJECTOR in names:
        if len(names) > 1:
            sys.stderr.write("concord: the projector is a worker of its own\n")
            return 2
        return _run_projector(settings)
    metrics.serve(settings.metrics_port, settings.metrics_host)
    settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    chosen = NAMES if "all" in names else tuple(name for name in NAMES if name in names)
    context = WorkerContext(
        settings.connection,
        settings.schema_ids(),
        settings.keyring,
        settings.data_dir,
        settings.tick_seconds,
        settings.max_event_bytes,
        _text(settings.repeats_rules_file),
        _text(settings.tension_rules_file),
        settings.linkage_parameters_file,
        _text(settings.tension_constants_file),
        _text(settings.tension_triggers_file),
        settings.linkage_memory_seconds,
    )
    return run_processors(chosen, context)


def _run_projector(settings: Settings) -> int:
    asyncio.run(_project(settings))
    return 0


async def _project(settings: Settings) -> None:
    """Run the projector alone until a signal; its figures are the API's."""
    from concord.stack.serve import make_app  # noqa: PLC0415

    app = make_app(settings, projector=True)
    async with app.router.lifespan_context(app):
        shown = app.state.services.metrics.registry
        metrics.serve(settings.metrics_port, settings.metrics_host, shown)
        with suppress(asyncio.CancelledError):
            await asyncio.Event().wait()


def _text(path: Path | None) -> str | None:
    return None if path is None else path.read_text("utf-8")

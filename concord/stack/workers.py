"""Runs workers by name: processors on Faust, the projector beside them."""

from __future__ import annotations

import asyncio
import sys
from contextlib import suppress
from functools import partial

from concord.settings import Settings
from concord.stack import garbage
from concord.stack.areas import geography_of
from concord.stack.files import judged, text_of
from processors import metrics
from processors.app import NAMES, WorkerContext
from processors.app import run as run_processors
from processors.tension.rules import RulesError, load

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
    return run_processors(chosen, _context(settings))


def _context(settings: Settings) -> WorkerContext:
    """What the processors are given. Raises SettingInvalid for a file that cannot be used."""
    of_tension = {
        name: text_of(f"CONCORD_TENSION_{name.upper()}_FILE", file)
        for name, file in (
            ("rules", settings.tension_rules_file),
            ("constants", settings.tension_constants_file),
            ("triggers", settings.tension_triggers_file),
        )
    }
    for name, text in of_tension.items():
        judged(
            f"CONCORD_TENSION_{name.upper()}_FILE",
            partial(load, **{"text" if name == "rules" else name: text}),
            RulesError,
        )
    geography = geography_of(settings.geography_file, settings.mode_in_force)
    return WorkerContext(
        settings.connection,
        settings.schema_ids(),
        settings.keyring,
        settings.data_dir,
        settings.tick_seconds,
        settings.max_event_bytes,
        text_of("CONCORD_REPEATS_RULES_FILE", settings.repeats_rules_file),
        of_tension["rules"],
        settings.linkage_parameters_file,
        of_tension["constants"],
        of_tension["triggers"],
        settings.linkage_memory_seconds,
        geography.districts if geography is not None else {},
    )


def _run_projector(settings: Settings) -> int:
    asyncio.run(_project(settings))
    return 0


async def _project(settings: Settings) -> None:
    """Run the projector alone until a signal; its figures are the API's."""
    from concord.stack.serve import make_app  # noqa: PLC0415

    app = make_app(settings, projector=True, serves=False)
    async with app.router.lifespan_context(app):
        shown = app.state.services.metrics.registry
        metrics.serve(settings.metrics_port, settings.metrics_host, shown)
        with suppress(asyncio.CancelledError):
            await asyncio.Event().wait()

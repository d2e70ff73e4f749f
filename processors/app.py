"""Wires processors into one Faust worker. Nothing runs on import.

Each processor is a task of the Faust app that reads its log in batches: handed over one by one, a
record costs Faust more than most of the hub's own work on it. Faust starts, supervises and ends the
tasks, and its consumer group says which of several workers publishes.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import faust
import structlog

from processors import clock
from processors.intake.agent import IntakeAgent
from processors.intake.intake import Intake
from processors.lease import Lease
from processors.linkage.agent import LinkageCore
from processors.linkage.lookups import QUESTIONS, Lookups
from processors.linkage.parameters import load as linkage_parameters
from processors.linkage.recovery import FILE, INTERVAL, LinkageMemory
from processors.log import Decoder, LogReader
from processors.publisher import Publisher
from processors.reconciler import Core, Memory, Reconciler
from processors.repeats.agent import RepeatsCore
from processors.repeats.rules import load as repeats_rules
from processors.tension.agent import TensionCore
from processors.tension.rules import load as tension_rules
from processors.transport import adapt
from schemas.connection import KafkaConnection
from schemas.keyring import Keyring
from schemas.registry import SchemaIds

Log = structlog.get_logger
NAMES: Final = ("intake", "linkage", "repeats", "tension")
"""Processors that can be started, each alone or all together."""

_SIDE_TOPICS: Final = frozenset({"hub.tick.v1", "hub.link-review.v1"})
"""Quiet inputs of one partition: whoever the group gives it to publishes."""


@dataclass(frozen=True, slots=True)
class WorkerContext:
    """What a worker needs: where, with which keys, and how often the clock ticks (0: never).

    Rules are TOML texts; None stands for the ones that come with the code. Linkage parameters are a
    file, because a worker that is asked to relink reads it again.
    """

    connection: KafkaConnection
    schema_ids: SchemaIds
    keyring: Keyring
    data_dir: Path
    tick_seconds: float = 3600.0
    max_event_bytes: int = 2**20
    repeats_rules: str | None = None
    tension_rules: str | None = None
    linkage_parameters: Path | None = None
    tension_constants: str | None = None
    tension_triggers: str | None = None
    linkage_memory_seconds: float = INTERVAL
    """How often linkage keeps its memory for a restart (0: never)."""
    districts: Mapping[str, str] = field(default_factory=dict)
    """The district of each ward that the hub knows, by code."""


def build(names: Sequence[str], context: WorkerContext) -> faust.App:
    """Make the Faust app that runs the named processors."""
    app = faust_app("-".join(names) if len(names) < len(NAMES) else "all", context)
    worker = _Worker(app, context)
    cores: dict[str, Callable[[], Core]] = {
        "linkage": lambda: LinkageCore.from_keyring(
            context.keyring, lambda: linkage_parameters(context.linkage_parameters)
        ),
        "repeats": lambda: RepeatsCore(repeats_rules(context.repeats_rules)),
        "tension": lambda: TensionCore(
            tension_rules(
                context.tension_rules, context.tension_constants, context.tension_triggers
            )
        ),
    }
    for name in names:
        if name == "intake":
            worker.attach_intake()
        else:
            core = cores[name]()
            if isinstance(core, LinkageCore):
                worker.attach_linkage(core)
            else:
                worker.attach(core)
    return app


def faust_app(name: str, context: WorkerContext, *, fetch_wait_ms: int = 500) -> faust.App:
    """Make a Faust app without agents, with the settings that every worker has.

    What a worker reads through Faust is quiet, so that a fetch may wait long for it.
    """
    connection = context.connection
    credentials: dict[str, Any] = {}
    if connection.secured:
        credentials["broker_credentials"] = faust.SASLCredentials(
            username=connection.username,
            password=connection.password,
            mechanism=connection.mechanism,
            ssl_context=connection.client().get("ssl_context"),
        )
    app = faust.App(
        f"hub.{name}",  # the hub may use topics and groups whose names begin like this
        broker=[f"kafka://{address}" for address in connection.bootstrap.split(",")],
        store="memory://",
        datadir=str(context.data_dir / f"faust-{name}"),
        topic_disable_leader=True,
        topic_replication_factor=1,
        topic_allow_declare=False,
        broker_session_timeout=6.0,
        broker_heartbeat_interval=1.0,
        broker_rebalance_timeout=6.0,
        broker_commit_interval=0.5,
        broker_max_poll_interval=300.0,
        consumer_auto_offset_reset="earliest",
        consumer_max_fetch_size=8 * 2**20,
        stream_wait_empty=False,
        web_enabled=False,
        **credentials,
    )
    adapt(app, fetch_wait_ms)
    return app


class _Worker:
    """Starts and stops the parts of one Faust app."""

    def __init__(self, app: faust.App, context: WorkerContext) -> None:
        self._app = app
        self._context = context
        self._decoder = Decoder(context.schema_ids)

    def _publisher(self, name: str) -> Publisher:
        context = self._context
        return Publisher(context.connection, context.schema_ids, context.keyring, f"/hub/{name}")

    def attach_intake(self) -> None:
        """Add the intake, and the clock, which goes with it."""
        app, context = self._app, self._context
        publisher = self._publisher("intake")
        intake = Intake.from_keyring(
            context.keyring,
            context.schema_ids,
            max_event_bytes=context.max_event_bytes,
            districts=context.districts,
        )
        agent = IntakeAgent(
            intake, context.connection, self._decoder, publisher, context.keyring.log_secret
        )

        @app.task
        async def run_intake() -> None:
            await publisher.start()
            await agent.start()
            try:
                async with asyncio.TaskGroup() as group:
                    group.create_task(agent.watch())
                    group.create_task(agent.run())
            finally:
                await agent.stop()
                await publisher.stop()

        lease = Lease(app, "clock", "hub.agency.v1")
        if context.tick_seconds > 0:

            @app.task
            async def run_clock() -> None:
                ticking = self._publisher("clock")
                await ticking.start()
                try:
                    while not app.should_stop:
                        if lease.term is not None:
                            await clock.tick(ticking)
                        await asyncio.sleep(context.tick_seconds if lease.term is not None else 1)
                finally:
                    await ticking.stop()

    def attach_linkage(self, core: LinkageCore) -> None:
        """Add linkage with its memory and with the lookups that it answers."""
        context, folder = self._context, self._context.data_dir / "linkage"
        seconds = context.linkage_memory_seconds
        memory = None
        if seconds > 0:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            memory = LinkageMemory(core, folder, context.keyring, seconds)
        else:
            (folder / FILE).unlink(missing_ok=True)
        self.attach_lookups(core, self.attach(core, core.warm_up, memory))

    def attach(
        self,
        core: Core,
        warm_up: Callable[[], None] | None = None,
        memory: Memory | None = None,
    ) -> Reconciler:
        """Add a reconciling processor. `warm_up` runs in a thread before anything is read."""
        app, context = self._app, self._context
        publisher = self._publisher(core.name)
        reconciler = Reconciler(
            core, context.connection, self._decoder, publisher, context.keyring.log_secret, memory
        )
        lease = Lease(app, core.name, next(name for name in core.inputs if name in _SIDE_TOPICS))

        @app.task
        async def reconcile() -> None:
            if warm_up is not None:
                await asyncio.to_thread(warm_up)
                Log().info("warmed-up", processor=core.name)
            await publisher.start()
            await reconciler.start()
            term: int | None = None
            try:
                while not app.should_stop:
                    if lease.term is None:
                        reconciler.give_up()
                    elif lease.term != term:
                        await reconciler.take_over()
                        Log().info("ready", processor=core.name)
                    term = lease.term
                    await reconciler.follow()
            finally:
                await reconciler.stop()
                await publisher.stop()

        return reconciler

    def attach_lookups(self, core: LinkageCore, reconciler: Reconciler) -> None:
        """Let linkage answer whether a person is known, while this worker is the one to publish.

        Before it knows everything it answers nothing: a miss would be believed.
        """
        app, context = self._app, self._context
        publisher = self._publisher("lookups")
        reader = LogReader(
            context.connection, (QUESTIONS,), self._decoder, context.keyring.log_secret
        )
        lookups = Lookups(core, context.keyring.linkage_opener(), publisher)

        @app.task
        async def answer_lookups() -> None:
            await publisher.start()
            await reader.start(late=True)
            try:
                while not app.should_stop:
                    asked = await reader.read()
                    if reconciler.leads:
                        await lookups.answer_all(asked)
            finally:
                await reader.stop()
                await publisher.stop()


def run(names: Sequence[str], context: WorkerContext) -> int:
    """Run a worker in the foreground until a signal. Gives the exit code."""
    faust_worker(build(names, context)).execute_from_commandline()
    return 0


def faust_worker(app: faust.App) -> Any:
    """Make the worker that runs an app.

    Without Faust's spinner: it turns on debug messages of every library, to turn with each of them.
    """
    worker: Any = faust.Worker(app, loglevel=logging.WARNING, redirect_stdouts=False)
    worker.spinner = None
    return worker

"""Wires processors into one Faust worker. Nothing runs on import."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import faust
import structlog

from processors import clock
from processors.intake.agent import IntakeAgent
from processors.intake.intake import Intake
from processors.linkage.agent import SURVEY_SECONDS, LinkageCore
from processors.linkage.parameters import load as linkage_parameters
from processors.log import Decoder, LogReader, LogRecord
from processors.publisher import Publisher
from processors.reconciler import Core, Reconciler
from processors.repeats.agent import RepeatsCore
from processors.repeats.rules import load as repeats_rules
from processors.streams import consume, raw_topic
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
"""Topics that every worker of a processor reads whole, outside the consumer group."""

_RESUBSCRIBE_SECONDS: Final = 0.2


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


def build(names: Sequence[str], context: WorkerContext) -> faust.App:
    """Make the Faust app that runs the named processors."""
    app = faust_app("-".join(names) if len(names) < len(NAMES) else "all", context)
    worker = _Worker(app, context)
    cores: dict[str, Callable[[], Core]] = {
        "linkage": lambda: LinkageCore.from_keyring(
            context.keyring, lambda: linkage_parameters(context.linkage_parameters)
        ),
        "repeats": lambda: RepeatsCore(repeats_rules(context.repeats_rules)),
        "tension": lambda: TensionCore(tension_rules(context.tension_rules)),
    }
    for name in names:
        if name == "intake":
            worker.attach_intake()
        else:
            core = cores[name]()
            if isinstance(core, LinkageCore):
                worker.keep_looking(worker.attach(core, core.warm_up), SURVEY_SECONDS)
            else:
                worker.attach(core)
    return app


def faust_app(name: str, context: WorkerContext) -> faust.App:
    """Make a Faust app without agents, with the settings that every worker has."""
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
    adapt(app)
    return app


class _Worker:
    """Starts and stops the parts of one Faust app."""

    def __init__(self, app: faust.App, context: WorkerContext) -> None:
        self._app = app
        self._context = context
        self._decoder = Decoder(context.schema_ids)
        # Faust waits 45 seconds before it subscribes to a new agency's topics; there is no setting.
        vars(app.topics)["_resubscribe_sleep_lock_seconds"] = _RESUBSCRIBE_SECONDS

    def _publisher(self, name: str) -> Publisher:
        context = self._context
        return Publisher(
            context.connection, context.schema_ids, context.keyring.signing, f"/hub/{name}"
        )

    def attach_intake(self) -> None:
        """Add the intake, and the clock, which goes with it."""
        app, context = self._app, self._context
        publisher = self._publisher("intake")
        intake = Intake.from_keyring(
            context.keyring, context.schema_ids, max_event_bytes=context.max_event_bytes
        )
        agent = IntakeAgent(app, intake, context.connection, self._decoder, publisher)

        @app.task
        async def run_intake() -> None:
            await publisher.start()
            await agent.start()
            try:
                await agent.watch()
            finally:
                await agent.stop()
                await publisher.stop()

        @app.agent(raw_topic(app, "hub.agency.v1"), name="intake.agencies")
        async def keep_subscribed(stream: Any) -> None:
            """Faust cannot start without a topic; before the first agency there is no other."""
            async for _row in stream:
                pass

        if context.tick_seconds > 0:

            @app.task
            async def run_clock() -> None:
                ticking = self._publisher("clock")
                await ticking.start()
                try:
                    while not app.should_stop:
                        await clock.tick(ticking)
                        await asyncio.sleep(context.tick_seconds)
                finally:
                    await ticking.stop()

    def keep_looking(self, reconciler: Reconciler, seconds: float) -> None:
        """Let a processor look for changes also while nothing comes."""

        @self._app.task
        async def look() -> None:
            await reconciler.ready.wait()
            while not self._app.should_stop:
                await asyncio.sleep(seconds)
                await reconciler.look_again()

    def attach(self, core: Core, warm_up: Callable[[], None] | None = None) -> Reconciler:
        """Add a reconciling processor. `warm_up` runs in a thread before anything is read."""
        app, context = self._app, self._context
        publisher = self._publisher(core.name)
        reconciler = Reconciler(core, context.connection, self._decoder, publisher)
        side = [name for name in core.inputs if name in _SIDE_TOPICS]
        decoder = self._decoder

        @app.task
        async def replay() -> None:
            if warm_up is not None:
                await asyncio.to_thread(warm_up)
                Log().info("warmed-up", processor=core.name)
            await publisher.start()
            await reconciler.start()
            Log().info("ready", processor=core.name)
            if side:
                await _follow(reconciler, LogReader(context.connection, side, decoder))

        async def take(events: list[Any]) -> None:
            await reconciler.take([_decoded(decoder, event) for event in events])

        for name in core.inputs:
            if name not in _SIDE_TOPICS:

                async def body(stream: Any) -> None:
                    await reconciler.ready.wait()
                    await consume(app, stream, take)

                app.agent(raw_topic(app, name), name=f"{core.name}.{name}")(body)
        return reconciler


async def _follow(reconciler: Reconciler, reader: LogReader) -> None:
    """Let the reconciler look again whenever a side topic says something."""
    await reader.start()
    async for _records in reader.tail():
        await reconciler.refresh()


def _decoded(decoder: Decoder, event: Any) -> LogRecord:
    message = event.message
    return LogRecord(
        message.topic,
        message.partition,
        message.offset,
        (message.key or b"").decode("utf-8", "replace"),
        decoder(message.topic, message.value),
        datetime.fromtimestamp(message.timestamp, UTC),
    )


def run(names: Sequence[str], context: WorkerContext) -> int:
    """Run a worker in the foreground until a signal. Gives the exit code."""
    app = build(names, context)
    worker: Any = faust.Worker(app, loglevel=logging.WARNING, redirect_stdouts=False)
    worker.execute_from_commandline()
    return 0

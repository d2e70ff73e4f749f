"""Wires the API: store, engine, keys, broker. Nothing runs on import."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import uvicorn
from aiokafka import AIOKafkaConsumer
from aiokafka.errors import KafkaError
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from fastapi import FastAPI

from concord.settings import SettingInvalid, Settings
from concord.stack import garbage
from concord.stack.areas import geography_of
from concord.stack.files import judged, text_of
from policies import bundle
from policies.engine import PolicyEngine
from policies.following import AgreementFolder, FollowingEngine
from policies.opa import OpaEngine
from processors.tension.rules import RulesError, load
from schemas import envelope, topics
from schemas.connection import KafkaConnection
from schemas.keyring import HUB_KEY_ID, KeyMissing, Keyring
from schemas.producing import TopicProducer
from sharing_api.app import create_app
from sharing_api.lookup.identifiers import sealing
from sharing_api.open_feed import tables
from sharing_api.projector.log import KafkaLog
from sharing_api.rights import schedule
from sharing_api.services import LookupParts, Outgoing, Parts, PublisherAway, utc_now
from sharing_api.settings import ApiSettings
from sharing_api.trigger_windows import TriggerWindow

BUNDLE_KEY_ID = "concord"
"""Name of the bundle's signing key in OPA's configuration."""


class EventPublisher:
    """Writes what came over HTTP: to agencies' topics signed by the hub, to its own stamped."""

    def __init__(self, connection: KafkaConnection, keyring: Keyring) -> None:
        """Connects when first used, and again after a failure."""
        self._connection = connection
        self._keyring = keyring
        self._producer: TopicProducer | None = None
        self._lock = asyncio.Lock()

    async def publish(self, messages: Sequence[Outgoing]) -> None:
        """Sign and send. Raises PublisherAway if the broker has not acknowledged all."""
        try:
            producer = await self._connected()
            pending = []
            for message in messages:
                headers = self._vouched(message)
                pending.append(
                    await producer.send(
                        message.topic, message.value or None, key=message.key, headers=headers
                    )
                )
            await asyncio.gather(*pending)
        except (KafkaError, OSError) as error:
            raise PublisherAway(type(error).__name__) from None

    def _vouched(self, message: Outgoing) -> list[envelope.Header]:
        topic, key, headers, value = message.topic, message.key, message.headers, message.value
        if topics.agency_of(topic) is None:
            return envelope.stamp(self._keyring.log_secret, topic, key, headers, value)
        return envelope.sign(self._keyring.signing, HUB_KEY_ID, topic, key, headers, value)

    async def _connected(self) -> TopicProducer:
        async with self._lock:
            if self._producer is None:
                producer = TopicProducer(self._connection, linger_ms=2, max_request_size=8 * 2**20)
                try:
                    await producer.start()
                except BaseException:
                    await producer.stop()
                    raise
                self._producer = producer
            return self._producer

    async def close(self) -> None:
        """Disconnect."""
        if self._producer is not None:
            await self._producer.stop()


class ServedBundle:
    """The policy bundle as OPA fetches it: signed where there is a key to sign with."""

    def __init__(
        self, built: bundle.Bundle, signing_key: ec.EllipticCurvePrivateKey | None
    ) -> None:
        """`signing_key` is an ES256 private key."""
        self._built = built
        self._key = signing_key

    @property
    def revision(self) -> str:
        """Digest of the content."""
        return self._built.revision

    def archive(self) -> bytes:
        """OPA's tar.gz."""
        return self._built.archive(self._key, BUNDLE_KEY_ID if self._key else "")


def make_engine(settings: Settings, folder: AgreementFolder | None = None) -> PolicyEngine:
    """OPA where an address is set, the embedded engine otherwise; that one follows the folder."""
    if settings.opa_url:
        return OpaEngine(settings.opa_url, settings.opa_token)
    return FollowingEngine(folder or AgreementFolder(settings.agreements_dir))


def make_log(connection: KafkaConnection) -> KafkaLog:
    """The hub's topics as the projector reads them."""
    return KafkaLog(
        lambda: AIOKafkaConsumer(
            **connection.client(),
            group_id=None,
            auto_offset_reset="earliest",
            enable_auto_commit=False,
            fetch_max_wait_ms=50,
        )
    )


def make_app(
    settings: Settings,
    *,
    projector: bool,
    serves: bool = True,
    clock: Callable[[], datetime] = utc_now,
) -> FastAPI:
    """Make the API of a hub; without `serves`, what only projects. `clock` tells the time, in UTC.

    Raises ValueError for settings that contradict each other (SettingInvalid where it is a file
    that one of them names, or a folder).
    """
    folder = _folder(settings.agreements_dir)
    api_settings = _api_settings(settings)
    judged(
        "CONCORD_RETENTION_FILE",
        lambda: schedule.load(api_settings.retention_file),
        schedule.ScheduleInvalid,
    )
    keyring = settings.keyring
    publisher = EventPublisher(settings.connection, keyring)
    signing_key = _signing_key(settings.bundle_key_file)
    parts = Parts(
        engine=make_engine(settings, folder),
        opener=keyring.release_opener,
        pseudonyms=keyring.pseudonyms,
        schema_ids=settings.schema_ids(),
        bundle=lambda: ServedBundle(folder.held().bundle, signing_key),
        agreements=lambda: folder.held().agreements,
        agreements_left_out=folder.left_out,
        following=folder if serves else None,
        clock=clock,
        publisher=publisher,
        log=make_log(settings.connection) if projector else None,
        log_secret=keyring.log_secret if projector else None,
        signer=lambda: keyring.signing,
        geography=geography_of(settings.geography_file, settings.mode_in_force),
        open_tables=_open_tables(settings.open_tables_file),
        lookups=_lookups(settings),
        trigger_windows=_windows(settings.tension_triggers_file),
        projects_only=not serves,
    )
    app = create_app(api_settings, parts)
    app.state.event_publisher = publisher
    return app


def _folder(path: Path | None) -> AgreementFolder:
    """The agreements as files. Raises SettingInvalid where there is no folder."""
    try:
        return AgreementFolder(path, store=True)
    except OSError as error:
        raise SettingInvalid(
            f"CONCORD_AGREEMENTS_DIR: {error.strerror}; a folder of agreements is expected"
        ) from None


def _open_tables(file: Path | None) -> str | None:
    """The definitions of the open feed, if not the usual ones; judged before anything starts."""
    variable = "CONCORD_OPEN_TABLES_FILE"
    text = text_of(variable, file)
    if text is not None:
        judged(variable, lambda: tables.load(text), tables.Unpublishable)
    return text


def _windows(file: Path | None) -> tuple[TriggerWindow, ...]:
    """The windows in which tension is watched more closely; judged before anything starts."""
    variable = "CONCORD_TENSION_TRIGGERS_FILE"
    text = text_of(variable, file)
    if text is None:
        return ()
    rules = judged(variable, lambda: load(triggers=text), RulesError)
    return tuple(
        TriggerWindow(one.name, one.from_, one.to, tuple(one.strands)) for one in rules.triggers
    )


def _lookups(settings: Settings) -> LookupParts | None:
    """What asking linkage takes; None where the API has not been given the keys for it."""
    keyring = settings.keyring
    try:
        encoding = sealing(keyring.linkage_sealer(), keyring.encoding_secret)
        return LookupParts(make_log(settings.connection), encoding, keyring.log_secret)
    except KeyMissing:
        return None


def _signing_key(file: Path | None) -> ec.EllipticCurvePrivateKey | None:
    if file is None:
        return None
    key = load_pem_private_key(file.read_bytes(), None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise TypeError("CONCORD_BUNDLE_KEY_FILE: an ES256 (P-256) private key as PEM")
    return key


def _api_settings(settings: Settings) -> ApiSettings:
    mode = settings.mode_in_force
    values: dict[str, Any] = {
        "mode": mode,
        "database_url": settings.store_url,
        "public_url": settings.public_url,
        "development_issuer": settings.oidc_issuer is None and mode == "development",
        "oidc_issuer": settings.oidc_issuer,
        "oidc_audience": settings.oidc_audience,
    }
    if settings.bundle_token:
        values["bundle_token"] = settings.bundle_token
    return ApiSettings(**values)


def serve(settings: Settings, *, projector: bool) -> None:
    """Run the API in the foreground until a signal."""
    config = uvicorn.Config(
        make_app(settings, projector=projector),
        host=settings.api_host,
        port=settings.api_port,
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=5,
    )
    garbage.search_less()
    uvicorn.Server(config).run()

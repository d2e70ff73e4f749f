"""The broker's furniture: topics, users and who may do what. Needs the administrator's rights."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable
from typing import Any, Self

from kafka.admin import (
    ACL,
    ACLFilter,
    ACLOperation,
    ACLPermissionType,
    ACLResourcePatternType,
    ConfigResource,
    ConfigResourceType,
    KafkaAdminClient,
    ResourcePattern,
    ResourcePatternFilter,
    ResourceType,
    ScramMechanism,
    UserScramCredentialDeletion,
    UserScramCredentialUpsertion,
)
from kafka.errors import KafkaError

from schemas.connection import KafkaConnection
from schemas.topics import Topic, agency_topics, topic_for

_LOG = logging.getLogger(__name__)
_LARGEST_MESSAGE = 8 * 2**20
_SETTLING_SECONDS = 10.0
_WRITE = (ACLOperation.WRITE, ACLOperation.DESCRIBE)
_READ = (ACLOperation.READ, ACLOperation.DESCRIBE)


def agency_user(agency: str) -> str:
    """Name the broker's user of an agency."""
    return f"agency-{agency}"


class Broker:
    """Administers one broker; close it after use, or use it as a context manager."""

    def __init__(self, connection: KafkaConnection, replication: int = 1) -> None:
        """Connects at once. `replication` is the number of replicas of each topic."""
        self._admin = KafkaAdminClient(**connection.client())
        self._replication = replication
        self.secured = connection.secured

    def __enter__(self) -> Self:
        """Give itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Disconnect."""
        self._admin.close()

    def ensure_topics(self, topics: Iterable[Topic]) -> list[str]:
        """Create the topics that are not there. Gives the names of the new ones.

        One that is there gets the settings it would be made with today, where the broker can
        change them; it keeps its partitions.
        """
        existing = set(self._admin.list_topics())
        asked = list(topics)
        self._align([topic for topic in asked if topic.name in existing])
        wanted = {topic.name: topic for topic in asked if topic.name not in existing}
        if wanted:
            self._admin.create_topics(
                {name: self._layout(topic) for name, topic in wanted.items()},
                raise_errors=False,
            )
            self._wait_for(set(wanted))
        return sorted(wanted)

    def _wait_for(self, names: set[str]) -> None:
        """Return when the broker lists these topics; Kafka does a moment after making them."""
        deadline = time.monotonic() + _SETTLING_SECONDS
        while missing := names - set(self._admin.list_topics()):
            if time.monotonic() > deadline:
                raise RuntimeError(f"the broker did not create {', '.join(sorted(missing))}")
            time.sleep(0.1)

    def _align(self, topics: list[Topic]) -> None:
        if not topics:
            return
        resources = [
            ConfigResource(ConfigResourceType.TOPIC, topic.name, _configs(topic))
            for topic in topics
        ]
        try:
            answers = self._admin.alter_configs(resources, raise_on_unknown=False, incremental=True)
        except KafkaError as error:
            _LOG.warning("the broker cannot change topics' settings: %s", type(error).__name__)
            return
        for name, answer in sorted(answers.get("topic", {}).items()):
            if answer != "OK":
                _LOG.warning("the broker did not change the settings of %s", name)

    def _layout(self, topic: Topic) -> dict[str, Any]:
        return {
            "num_partitions": topic.partitions,
            "replication_factor": self._replication,
            "configs": _configs(topic),
        }

    def admit_hub(self, user: str, password: str) -> None:
        """Create the hub's service user: everything on hub and agency topics, nothing else."""
        self._set_password(user, password)
        principal = f"User:{user}"
        everything = (ACLOperation.ALL,)
        self._allow(principal, everything, ResourceType.TOPIC, "hub.", prefixed=True)
        self._allow(principal, everything, ResourceType.TOPIC, "agency.", prefixed=True)
        self._allow(principal, everything, ResourceType.GROUP, "hub", prefixed=True)
        self._allow(principal, (ACLOperation.DESCRIBE,), ResourceType.CLUSTER, "kafka-cluster")

    def admit_agency(self, agency: str, password: str) -> None:
        """Create an agency's user: writes its own events, reads its own receipts and notices."""
        self._set_password(agency_user(agency), password)
        self.open_agency(agency)

    def open_agency(self, agency: str) -> None:
        """Allow an agency its own topics."""
        principal = f"User:{agency_user(agency)}"
        for kind in ("incident", "tension"):
            self._allow(principal, _WRITE, ResourceType.TOPIC, topic_for(kind, agency))
        for kind in ("receipt", "notice"):
            self._allow(principal, _READ, ResourceType.TOPIC, topic_for(kind, agency))
        group = f"{agency_user(agency)}."
        self._allow(principal, (ACLOperation.READ,), ResourceType.GROUP, group, prefixed=True)

    def close_agency(self, agency: str) -> None:
        """Take an agency's right to write away; it can still read its receipts and notices."""
        principal = f"User:{agency_user(agency)}"
        filters = [
            ACLFilter(
                principal,
                "*",
                ACLOperation.ANY,
                ACLPermissionType.ANY,
                ResourcePatternFilter(
                    ResourceType.TOPIC, topic_for(kind, agency), ACLResourcePatternType.LITERAL
                ),
            )
            for kind in ("incident", "tension")
        ]
        self._admin.delete_acls(filters)

    def remove_user(self, user: str) -> None:
        """Delete a user's credentials."""
        self._admin.alter_user_scram_credentials(
            [UserScramCredentialDeletion(user, ScramMechanism.SCRAM_SHA_512)]
        )

    def _set_password(self, user: str, password: str) -> None:
        self._admin.alter_user_scram_credentials(
            [UserScramCredentialUpsertion(user, ScramMechanism.SCRAM_SHA_512, password)]
        )

    def _allow(
        self,
        principal: str,
        operations: Iterable[ACLOperation],
        kind: ResourceType,
        name: str,
        *,
        prefixed: bool = False,
    ) -> None:
        pattern = ACLResourcePatternType.PREFIXED if prefixed else ACLResourcePatternType.LITERAL
        result = self._admin.create_acls(
            [
                ACL(
                    principal,
                    "*",
                    operation,
                    ACLPermissionType.ALLOW,
                    ResourcePattern(kind, name, pattern),
                )
                for operation in operations
            ]
        )
        if result["failed"]:
            raise RuntimeError(f"the broker refused a right on {name}")


def all_topics_of(agencies: Iterable[str]) -> list[Topic]:
    """Give the topics of several agencies."""
    return [topic for agency in agencies for topic in agency_topics(agency)]


def _configs(topic: Topic) -> dict[str, str]:
    configs = {
        "cleanup.policy": topic.cleanup,
        "max.message.bytes": str(_LARGEST_MESSAGE),
        # A sender's own time stamp could make its events expire at once or never, keep a
        # rotated key valid, and move the hub's clock.
        "message.timestamp.type": "LogAppendTime",
    }
    if topic.retention_seconds is not None:
        kept = topic.retention_seconds
        configs["retention.ms"] = str(kept * 1000 if kept >= 0 else -1)
    return configs

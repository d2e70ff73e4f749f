"""Schema ids as a partner sees them: those that the hub registered for the partner's topics."""

from __future__ import annotations

from typing import Any

import fastavro
import httpx

from schemas import codec
from schemas.registry import ConfluentRegistry, RegistryError
from schemas.topics import topic_for

_KINDS = {"incident.v1": "incident", "tension-report.v1": "tension", "receipt.v1": "receipt"}


class TopicSchemaIds:
    """Reads ids from a Confluent-compatible registry, never writes to it."""

    def __init__(self, url: str, agency: str, client: httpx.Client | None = None) -> None:
        """`url` is the API's root."""
        self._client = client or httpx.Client(timeout=10.0)
        self._url = url.rstrip("/")
        self._agency = agency
        self._ids: dict[str, int] = {}
        self._registry = ConfluentRegistry(self._url, client=self._client)

    def id_of(self, record: str) -> int:
        """Give the id of the schema of this code in the topic's subject.

        The subject's newest version may be newer than this code; so the code's own schema is
        looked up. Raises RegistryError if the hub has not registered it.
        """
        if record not in self._ids:
            subject = f"{topic_for(_KINDS[record], self._agency)}-value"
            body = {"schema": codec.schema_text(record), "schemaType": "AVRO"}
            try:
                answer = self._client.post(f"{self._url}/subjects/{subject}", json=body)
            except httpx.HTTPError as error:
                raise RegistryError(
                    f"the registry does not answer ({type(error).__name__})"
                ) from None
            if answer.is_error:
                raise RegistryError(
                    f"the registry does not know the schema of {record} for this agency",
                    answer.status_code,
                )
            self._ids[record] = int(answer.json()["id"])
        return self._ids[record]

    def writer_of(self, schema_id: int) -> Any | None:
        """Give the parsed schema behind an id, None if nobody knows it."""
        writer = self._registry.writer_of(schema_id)
        return fastavro.parse_schema(writer) if writer is not None else None

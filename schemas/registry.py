"""Schema ids: which number stands for which schema on the wire.

Two sources behind one port. Shipped: the position in `schemas.codec.NAMES`, for a hub without a
registry. Confluent: any registry that speaks the Confluent API (Apicurio under
`/apis/ccompat/v7`, Karapace, Confluent itself); it also knows schemas that strangers registered.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, Protocol

import httpx

from schemas import codec, writers
from schemas.topics import Topic

MEDIA_TYPE = "application/vnd.schemaregistry.v1+json"


class RegistryError(Exception):
    """The registry is away, or refuses. `status` is its HTTP status, None if it did not answer."""

    def __init__(self, text: str, status: int | None = None) -> None:
        """Hold the reason and the status."""
        super().__init__(text)
        self.status = status


class SchemaIds(Protocol):
    """Where schema ids come from."""

    def id_of(self, record: str) -> int:
        """Give the id to frame a record of this name with. Raises RegistryError."""

    def writer_of(self, schema_id: int) -> Any | None:
        """Give the parsed schema behind an id, None if nobody knows it. Raises RegistryError."""


class ShippedSchemaIds:
    """Ids from the code itself."""

    def id_of(self, record: str) -> int:
        """Give position in `NAMES`, counted from 1."""
        return codec.NAMES.index(record) + 1

    def writer_of(self, schema_id: int) -> Any | None:
        """Give the shipped schema."""
        if 1 <= schema_id <= len(codec.NAMES):
            return codec.schema(codec.NAMES[schema_id - 1])
        return None


class ConfluentRegistry:
    """Ids from a Confluent-compatible registry, each asked for once."""

    def __init__(
        self, url: str, auth: tuple[str, str] | None = None, client: httpx.Client | None = None
    ) -> None:
        """`url` is the API's root, without a trailing slash."""
        self._client = client or httpx.Client(auth=auth, timeout=10.0)
        self._url = url.rstrip("/")
        self._ids: dict[str, int] = {}
        self._writers: dict[int, Any] = {}

    def register(self, topics: Iterable[Topic]) -> Mapping[str, int]:
        """Set FULL_TRANSITIVE and register each topic's value schema. Gives ids by subject.

        Registering what is there already changes nothing. Raises RegistryError with status 409
        if the registry holds an incompatible schema.
        """
        self._call("PUT", "/config", {"compatibility": "FULL_TRANSITIVE"})
        out: dict[str, int] = {}
        for topic in topics:
            subject = f"{topic.name}-value"
            body = {"schema": codec.schema_text(topic.record), "schemaType": "AVRO"}
            schema_id = int(self._call("POST", f"/subjects/{subject}/versions", body)["id"])
            out[subject] = schema_id
            self._ids.setdefault(topic.record, schema_id)
        return out

    def id_of(self, record: str) -> int:
        """Give the id under which the record was registered; asks for it if need be."""
        if record not in self._ids:
            subject = f"concord.{record}-value"
            body = {"schema": codec.schema_text(record), "schemaType": "AVRO"}
            answer = self._call("POST", f"/subjects/{subject}/versions", body)
            self._ids[record] = int(answer["id"])
        return self._ids[record]

    def writer_of(self, schema_id: int) -> Any | None:
        """Give the schema behind an id.

        None if the registry does not know it, or it is not Avro that is safe to decode with.
        """
        if schema_id not in self._writers:
            try:
                answer = self._call("GET", f"/schemas/ids/{schema_id}")
            except RegistryError as error:
                if error.status == httpx.codes.NOT_FOUND:
                    return None
                raise
            self._writers[schema_id] = _parsed(answer)
        return self._writers[schema_id]

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _call(self, method: str, path: str, body: Any = None) -> Any:
        try:
            answer = self._client.request(
                method,
                self._url + path,
                content=None if body is None else json.dumps(body),
                headers={"content-type": MEDIA_TYPE},
            )
        except httpx.HTTPError as error:
            raise RegistryError(f"the registry does not answer ({type(error).__name__})") from None
        if answer.is_error:
            raise RegistryError(
                f"the registry refuses {method} {path} with {answer.status_code}",
                answer.status_code,
            )
        try:
            return answer.json() if answer.content else {}
        except ValueError:
            raise RegistryError("the registry's answer is not JSON") from None


def _parsed(answer: Mapping[str, Any]) -> Any | None:
    if answer.get("schemaType", "AVRO") != "AVRO" or answer.get("references"):
        return None
    try:
        source = json.loads(answer["schema"])
    except (KeyError, TypeError, ValueError, RecursionError):
        return None
    return writers.parsed(source)

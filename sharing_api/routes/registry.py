"""The hub's schemas as a Confluent schema registry serves them, for reading.

Schemas are the contract and public. What a client may not do here is add one: that is a new version
of the hub. Any agency's topics are answered for, registered or not: who takes part is not told.
"""

from __future__ import annotations

import asyncio
import json
from typing import Annotated, Any, Final

import fastavro
from fastapi import APIRouter, Path, Request
from pydantic import BaseModel
from starlette.responses import Response

from schemas import codec, topics
from schemas.registry import MEDIA_TYPE, RegistryError
from sharing_api.auth.requests import Given
from sharing_api.problems import documented, unavailable
from sharing_api.services import Services

router = APIRouter(tags=["schemas"])

SUFFIX: Final = "-value"

Subject = Annotated[str, Path(pattern=r"^[A-Za-z0-9_.-]{1,249}$", description="<topic>-value")]
SchemaId = Annotated[int, Path(ge=1, le=2**31 - 1)]
Version = Annotated[str, Path(pattern=r"^(latest|[1-9][0-9]{0,8})$", description="1 or latest.")]


class RegistryFault(BaseModel):
    """An error as Confluent's clients expect it."""

    error_code: int
    message: str


def _fault(code: int, text: str) -> Response:
    return _answer({"error_code": code, "message": text}, code // 100)


def _answer(body: Any, status: int = 200) -> Response:
    return Response(json.dumps(body), status, media_type=MEDIA_TYPE)


def _documented(*faults: int) -> dict[int | str, dict[str, Any]]:
    content = {MEDIA_TYPE: {"schema": RegistryFault.model_json_schema()}}
    found: dict[int | str, dict[str, Any]] = {
        status: {"description": "Confluent error", "content": dict(content)} for status in faults
    }
    problems = documented(422, 503)
    if 422 in faults:
        problems[422]["content"] |= content
    return {200: {"description": "Found", "content": {MEDIA_TYPE: {}}}, **found, **problems}


@router.get("/schemas/types", responses=_documented(), response_class=Response)
async def schema_types() -> Response:
    """Kinds of schema: Avro alone."""
    return _answer(["AVRO"])


@router.get("/schemas/ids/{schema_id}", responses=_documented(404), response_class=Response)
async def schema_by_id(services: Given, schema_id: SchemaId) -> Response:
    """The schema that an id in a message's frame stands for."""
    ids = await _ids(services)
    for record, known in ids.items():
        if known == schema_id:
            return _answer({"schema": codec.schema_text(record)})
    return _fault(40403, "Schema not found")


@router.get("/subjects", responses=_documented(), response_class=Response)
async def subjects() -> Response:
    """Subjects of the hub's own topics; those of agencies are answered for, not listed."""
    return _answer(sorted(f"{topic.name}{SUFFIX}" for topic in topics.hub_topics()))


@router.get("/config", responses=_documented(), response_class=Response)
async def configuration() -> Response:
    """How schemas may change."""
    return _answer({"compatibilityLevel": "FULL_TRANSITIVE"})


@router.get("/subjects/{subject}/versions", responses=_documented(404), response_class=Response)
async def versions(subject: Subject) -> Response:
    """Versions of a subject; a new version of a record is a new topic, so there is one."""
    return _fault(40401, "Subject not found") if _record(subject) is None else _answer([1])


@router.get(
    "/subjects/{subject}/versions/{version}", responses=_documented(404), response_class=Response
)
async def version_of(services: Given, subject: Subject, version: Version) -> Response:
    """A subject's schema with its id."""
    record = _record(subject)
    if record is None:
        return _fault(40401, "Subject not found")
    if version not in {"1", "latest"}:
        return _fault(40402, "Version not found")
    return _answer(await _entry(services, subject, record))


@router.get(
    "/subjects/{subject}/versions/{version}/schema",
    responses=_documented(404),
    response_class=Response,
)
async def schema_of(subject: Subject, version: Version) -> Response:
    """A subject's schema alone."""
    record = _record(subject)
    if record is None:
        return _fault(40401, "Subject not found")
    if version not in {"1", "latest"}:
        return _fault(40402, "Version not found")
    return Response(codec.schema_text(record), media_type=MEDIA_TYPE)


_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            media: {
                "schema": {
                    "type": "object",
                    "required": ["schema"],
                    "properties": {"schema": {"type": "string"}, "schemaType": {"type": "string"}},
                }
            }
            for media in (MEDIA_TYPE, "application/json")
        },
    }
}


@router.post(
    "/subjects/{subject}",
    responses=_documented(404, 422),
    response_class=Response,
    openapi_extra=_BODY,
)
async def look_up(services: Given, subject: Subject, request: Request) -> Response:
    """Whether this schema is the subject's, and under which id."""
    record = _record(subject)
    if record is None:
        return _fault(40401, "Subject not found")
    given = _canonical(await request.body())
    if given is None:
        return _fault(42201, "Invalid schema")
    if given != _own(record):
        return _fault(40403, "Schema not found")
    return _answer(await _entry(services, subject, record))


@router.post(
    "/subjects/{subject}/versions",
    responses=_documented(404, 422),
    response_class=Response,
    openapi_extra=_BODY,
)
async def register(services: Given, subject: Subject, request: Request) -> Response:
    """The id of the schema that the subject has already; another schema is not taken."""
    record = _record(subject)
    if record is None:
        return _fault(40401, "Subject not found")
    given = _canonical(await request.body())
    if given is None:
        return _fault(42201, "Invalid schema")
    if given != _own(record):
        return _fault(42205, "This registry is for reading: the hub's schemas are its contract")
    return _answer({"id": (await _ids(services))[record]})


def _record(subject: str) -> str | None:
    if not subject.endswith(SUFFIX):
        return None
    try:
        return topics.record_of(subject.removesuffix(SUFFIX))
    except KeyError:
        return None


async def _entry(services: Services, subject: str, record: str) -> dict[str, Any]:
    schema_id = (await _ids(services))[record]
    text = codec.schema_text(record)
    return {"subject": subject, "version": 1, "id": schema_id, "schema": text}


async def _ids(services: Services) -> dict[str, int]:
    ids = services.parts.schema_ids
    try:
        return await asyncio.to_thread(lambda: {name: ids.id_of(name) for name in codec.NAMES})
    except RegistryError:
        raise unavailable("schema registry") from None


def _own(record: str) -> str:
    return fastavro.schema.to_parsing_canonical_form(codec.source(record))


def _canonical(body: bytes) -> str | None:
    """Avro's parsing canonical form of a request's schema; None for what is no Avro schema."""
    try:
        asked = json.loads(body)
        if asked.get("schemaType", "AVRO") != "AVRO" or asked.get("references"):
            return None
        parsed = fastavro.parse_schema(json.loads(asked["schema"]))
        return fastavro.schema.to_parsing_canonical_form(parsed)
    except Exception:  # noqa: BLE001 (a stranger's schema can break the parser in any way)
        return None

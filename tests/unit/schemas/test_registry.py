"""Schema ids, shipped and from a registry that speaks the Confluent API."""

from __future__ import annotations

import json

import httpx
import pytest

from schemas import codec
from schemas.registry import ConfluentRegistry, RegistryError, ShippedSchemaIds
from schemas.topics import hub_topics


class FakeRegistry:
    """Answers like a registry; what it was asked is kept."""

    def __init__(self) -> None:
        self.schemas: list[str] = []
        self.config: dict[str, str] = {}
        self.asked: list[str] = []
        self.fails_with: int | None = None

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """Answer one request."""
        self.asked.append(f"{request.method} {request.url.path}")
        if self.fails_with:
            return httpx.Response(self.fails_with, json={"error_code": self.fails_with})
        body = json.loads(request.content) if request.content else {}
        if request.url.path == "/config":
            self.config = body
            return httpx.Response(200, json=body)
        if request.method == "POST":
            if body["schema"] not in self.schemas:
                self.schemas.append(body["schema"])
            return httpx.Response(200, json={"id": self.schemas.index(body["schema"]) + 100})
        number = int(request.url.path.rsplit("/", 1)[1]) - 100
        if not 0 <= number < len(self.schemas):
            return httpx.Response(404, json={"error_code": 40403})
        return httpx.Response(200, json={"schema": self.schemas[number]})


@pytest.fixture
def fake() -> FakeRegistry:
    """A registry without schemas."""
    return FakeRegistry()


@pytest.fixture
def registry(fake: FakeRegistry) -> ConfluentRegistry:
    """A client of it."""
    client = httpx.Client(transport=httpx.MockTransport(fake))
    return ConfluentRegistry("http://registry/", client=client)


def test_shipped_ids_lead_back_to_their_schemas() -> None:
    """Every record, and no other id."""
    ids = ShippedSchemaIds()
    for name in codec.NAMES:
        assert ids.writer_of(ids.id_of(name)) == codec.schema(name)
    assert ids.writer_of(0) is None
    assert ids.writer_of(len(codec.NAMES) + 1) is None


def test_shipped_ids_never_move() -> None:
    """They are on the wire: new records are appended."""
    assert codec.NAMES[:4] == ("incident.v1", "tension-report.v1", "receipt.v1", "notice.v1")


def test_registering_sets_full_transitive_first(
    fake: FakeRegistry, registry: ConfluentRegistry
) -> None:
    """So that no incompatible schema slips in between."""
    subjects = registry.register(hub_topics())

    assert fake.asked[0] == "PUT /config"
    assert fake.config == {"compatibility": "FULL_TRANSITIVE"}
    assert set(subjects) == {f"{topic.name}-value" for topic in hub_topics()}


def test_an_id_is_asked_for_once(fake: FakeRegistry, registry: ConfluentRegistry) -> None:
    """Framing a message costs no request."""
    first = registry.id_of("tick.v1")
    count = len(fake.asked)

    assert registry.id_of("tick.v1") == first
    assert registry.writer_of(first) == codec.schema("tick.v1")
    assert registry.writer_of(first) is not None
    assert len(fake.asked) == count + 1


def test_an_id_that_nobody_knows_is_no_schema(registry: ConfluentRegistry) -> None:
    """None, so that the message gets its reason code."""
    assert registry.writer_of(999) is None


@pytest.mark.parametrize("status", [401, 409, 500])
def test_a_registry_that_refuses_is_an_error_with_its_status(
    fake: FakeRegistry, registry: ConfluentRegistry, status: int
) -> None:
    """Never mistaken for an unknown schema."""
    fake.fails_with = status

    with pytest.raises(RegistryError) as raised:
        registry.writer_of(100)
    assert raised.value.status == status


def test_a_registry_that_does_not_answer_is_an_error_without_status() -> None:
    """The message waits."""

    def away(_request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("away")

    client = httpx.Client(transport=httpx.MockTransport(away))
    with pytest.raises(RegistryError) as raised:
        ConfluentRegistry("http://registry", client=client).id_of("tick.v1")
    assert raised.value.status is None


def test_a_schema_that_could_stop_the_hub_counts_as_unknown(
    registry: ConfluentRegistry, fake: FakeRegistry
) -> None:
    """Anybody whom the registry lets write could name it in a message."""
    itself = [{"name": "more", "type": ["null", "Incident"]}]
    fake.schemas.append(json.dumps({"type": "record", "name": "Incident", "fields": itself}))
    assert registry.writer_of(100) is None


def test_an_answer_that_is_not_json_says_that_the_registry_is_away() -> None:
    """A proxy's page of excuses must not reject an agency's event."""
    page = httpx.MockTransport(lambda _request: httpx.Response(200, text="<html>wait</html>"))
    registry = ConfluentRegistry("http://registry", client=httpx.Client(transport=page))
    with pytest.raises(RegistryError):
        registry.writer_of(1)

"""Messages for Kafka are framed, headed and signed so that the hub can believe them."""

from __future__ import annotations

import httpx
import pytest
from aiokafka import errors
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from concord.scenario import generate
from producers.kafka import KafkaTransport, _translated
from producers.onboarding import Onboarding
from producers.records import Event
from producers.schema_ids import TopicSchemaIds
from producers.transport import HubAwayError, HubRefusesError
from schemas import codec, envelope
from schemas.connection import KafkaConnection
from schemas.registry import RegistryError

KEY = Ed25519PrivateKey.generate()
EVENTS = [Event(one.record, one.value) for one in generate(5, 1).events]


def transport(*, signing: bool) -> KafkaTransport:
    """A transport that has not connected."""
    kafka = KafkaConnection("127.0.0.1:1", idempotent=False)
    key, key_id = (KEY, "north-1") if signing else (None, None)
    return KafkaTransport(Onboarding("north", kafka, signing_key=key, key_id=key_id))


@pytest.mark.parametrize("event", EVENTS[:3] + EVENTS[-3:])
def test_a_signed_message_verifies_and_decodes(event: Event) -> None:
    """On the topic of its record, keyed by the reference."""
    topic, key, headers, value = transport(signing=True)._message(event)
    assert topic in {"agency.north.incident.v1", "agency.north.tension.v1"}
    assert key.decode() == event.value["reference"]
    assert envelope.verify(KEY.public_key(), topic, key, headers, value)
    assert envelope.parse(headers).id == event.event_id
    _, body = codec.unframe(value)
    assert codec.decode(event.record, body) == event.value


def test_without_a_key_there_is_no_signature() -> None:
    """The broker's rights say who wrote."""
    _, _, headers, _ = transport(signing=False)._message(EVENTS[0])
    assert envelope.parse(headers).signature is None


@pytest.mark.parametrize(
    ("raised", "expected"),
    [
        (errors.TopicAuthorizationFailedError(), HubRefusesError),
        (errors.MessageSizeTooLargeError(), HubRefusesError),
        (errors.KafkaConnectionError(), HubAwayError),
        (errors.KafkaTimeoutError(), HubAwayError),
        (TimeoutError(), HubAwayError),
        (RegistryError("the registry does not answer"), HubAwayError),
    ],
)
def test_the_librarys_errors_become_the_clients(
    raised: Exception, expected: type[Exception]
) -> None:
    """Away waits, refused does not."""
    with pytest.raises(expected, match="sending"), _translated("sending"):
        raise raised


def test_an_onboarding_without_a_broker_is_no_way_to_kafka() -> None:
    """It has to be said at once."""
    with pytest.raises(ValueError, match="broker"):
        KafkaTransport(Onboarding("north", api_url="http://hub.example", transport="http"))


def test_ids_are_those_of_the_agencys_own_subjects() -> None:
    """Asked for once, and never registered from here."""
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(200, json={"id": 41})

    client = httpx.Client(transport=httpx.MockTransport(answer))
    ids = TopicSchemaIds("http://registry.example/", "north", client)
    assert [ids.id_of("incident.v1"), ids.id_of("incident.v1")] == [41, 41]
    assert [one.url.path for one in asked] == ["/subjects/agency.north.incident.v1-value"]


@pytest.mark.parametrize("status", [404, 500])
def test_a_schema_that_the_hub_has_not_registered_is_an_error(status: int) -> None:
    """A wrong id would be worse."""
    client = httpx.Client(transport=httpx.MockTransport(lambda _request: httpx.Response(status)))
    with pytest.raises(RegistryError):
        TopicSchemaIds("http://registry.example", "north", client).id_of("incident.v1")

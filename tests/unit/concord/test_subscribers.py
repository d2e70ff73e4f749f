"""The demo's webhook receiver takes what is genuine and fresh, and says when nothing came."""

from __future__ import annotations

import json
import time

import pytest

from concord.subscribers import Inbox, NothingCame, Receiver
from sharing_api.webhooks import signing

KEY = b"k" * 32
BODY = json.dumps({"data": {"sequence": 1, "fields": {}}}).encode()


class Unconnected(Receiver):
    """A receiver that is handed its requests."""

    def __init__(self) -> None:
        self.inbox, self.secret, self.refused = Inbox(), KEY, 0


@pytest.fixture
def receiver() -> Receiver:
    """One without a socket."""
    return Unconnected()


def signed(at: float, body: bytes = BODY) -> dict[str, str]:
    """Headers as the hub sends them."""
    return signing.headers("dlv_1", int(at), body, KEY)


def test_a_genuine_event_is_kept(receiver: Receiver) -> None:
    """And can be waited for."""
    assert receiver.take(signed(time.time()), BODY) == 204
    assert receiver.inbox.wait(lambda change: change["sequence"] == 1, "event", 1)


def test_forged_old_and_unsigned_events_are_refused(receiver: Receiver) -> None:
    """Each is counted, none is kept."""
    assert receiver.take(signed(time.time()), BODY + b" ") == 401
    assert receiver.take(signed(time.time() - 3600), BODY) == 401
    assert receiver.take({}, BODY) == 401
    assert receiver.refused == 3
    with pytest.raises(NothingCame, match="no event within"):
        receiver.inbox.wait(lambda _: True, "event", 0.01)

"""The terminal asks the API as a person, and passes on what it says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest
import typer

from concord.linkage.asking import AWAY, REFUSED, Who, hub, show
from concord.linkage.waterfall import lines, told

WHO = Who("north-council", "council", "cmarac-coordinator", "link-review", "a look")


@pytest.fixture(autouse=True)
def hub_address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A hub is configured."""
    monkeypatch.setenv("CONCORD_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("CONCORD_KAFKA_BOOTSTRAP", "127.0.0.1:9")
    monkeypatch.delenv("CONCORD_TOKEN", raising=False)


class FakeApi:
    """Answers as the API would; remembers what it was asked."""

    def __init__(self, answers: dict[str, Any] | None = None, status: int = 200) -> None:
        """`answers` by cursor, "" the first."""
        self.answers = answers or {}
        self.status = status
        self.asked: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """Answer one request."""
        self.asked.append(request)
        if request.url.path == "/dev/token":
            return httpx.Response(200, json={"access_token": "made-up"})
        cursor = request.url.params.get("cursor", "")
        return httpx.Response(self.status, json=self.answers.get(cursor, {}))


def page(names: str, further: str | None) -> dict[str, Any]:
    """A page of a list."""
    return {"items": [{"fields": {"id": name}} for name in names], "next": further}


def test_a_list_is_followed_to_its_end_or_to_the_limit() -> None:
    """Page by page, with token, purpose and justification on each request."""
    api = FakeApi({"": page("abc", "two"), "two": page("de", None)})
    with hub(WHO, httpx.MockTransport(api)) as asked:
        assert [one["id"] for one in asked.items("/v1/x", 50, status=None)] == list("abcde")
        assert len(list(asked.items("/v1/x", 3))) == 3
    first = api.asked[1]
    assert first.headers["Authorization"] == "Bearer made-up"
    assert first.headers["Concord-Purpose"] == "link-review"
    assert first.headers["Concord-Justification"] == "a look"
    assert "status" not in first.url.params


def test_a_token_that_is_given_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """As with a real issuer, which asks for more than a name."""
    monkeypatch.setenv("CONCORD_TOKEN", "from-the-issuer")
    api = FakeApi({"": {"fine": True}})
    with hub(WHO, httpx.MockTransport(api)) as asked:
        asked.post("/v1/x", {"reason": "because"})
    (only,) = api.asked
    assert only.headers["Authorization"] == "Bearer from-the-issuer"
    assert json.loads(only.content) == {"reason": "because"}


def test_a_refusal_is_passed_on_word_by_word(capsys: pytest.CaptureFixture[str]) -> None:
    """And ends with 1."""
    said = {"detail": "No agreement permits this.", "reasons": [{"code": "x", "text": "Why."}]}
    api = FakeApi({"": said}, status=403)
    api_token = httpx.MockTransport(
        lambda request: api(request) if request.url.path != "/dev/token" else _token()
    )
    with pytest.raises(typer.Exit) as ended, hub(WHO, api_token) as asked:
        asked.get("/v1/x")
    assert ended.value.exit_code == REFUSED
    assert capsys.readouterr().err == "concord: No agreement permits this. Why.\n"


def _token() -> httpx.Response:
    return httpx.Response(200, json={"access_token": "made-up"})


@pytest.mark.parametrize("status", [500, 503])
def test_a_hub_that_is_away_ends_with_two(status: int, capsys: pytest.CaptureFixture[str]) -> None:
    """Whether it does not listen or is not in order."""

    def away(_request: httpx.Request) -> httpx.Response:
        return httpx.Response(status, json={"detail": "later"})

    with pytest.raises(typer.Exit) as ended, hub(WHO, httpx.MockTransport(away)) as asked:
        asked.get("/v1/x")
    assert ended.value.exit_code == AWAY
    assert "does not answer" in capsys.readouterr().err


def test_json_is_one_object_on_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    """And words come line by line."""
    show({"a": [1]}, iter(["one", "two"]), as_json=True)
    show({"a": [1]}, iter(["one", "two"]), as_json=False)
    assert capsys.readouterr().out == '{"a": [1]}\none\ntwo\n'


def link(*weights: float, band: str = "link") -> Any:
    """A link of a prior, a date of birth and a street."""
    fields = (("prior", "rarity_of_matches"), ("date_of_birth", "same"), ("street", "same"))
    evidence = [
        {"field": field, "level": level, "weight": weight}
        for (field, level), weight in zip(fields, weights, strict=True)
    ]
    return {
        "left": "inc_a#0",
        "right": "inc_b#0",
        "band": band,
        "weight": sum(weights),
        "evidence": evidence,
    }


def test_a_link_is_told_in_steps_that_add_up_and_in_sentences() -> None:
    """And in the terminal line by line, picture first."""
    said = told(link(-10.0, 12.5, 3.0), None)
    assert said["steps"][-1]["total"] == pytest.approx(5.5)
    assert said["probability"] > 0.99
    assert "same date of birth" in " ".join(said["sentences"])
    first, *rest = lines(said)
    assert first == "inc_a#0 + inc_b#0 (link)"
    assert "+5.50" in "".join(rest)
    assert len(rest) == len(said["picture"].splitlines()) + len(said["sentences"])

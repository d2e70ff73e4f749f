"""The terminal acts on agreements as an officer, and says what the hub said."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from concord.cli import app
from concord.linkage import asking

DIGEST = "a" * 64
EFFECT = {"policy_revision": "rev", "in_force_here": "now", "in_force_everywhere_by": "soon"}
WHY = ("--reason", "The board asked for it", "--agency", "north-council", "--person", "ada")
LOOK = ("--agency", "north-council")


class FakeHub:
    """Answers every request alike, and remembers."""

    def __init__(self, body: Any, status: int = 200) -> None:
        """`body` is what it says."""
        self.body = body
        self.status = status
        self.asked: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """Answer one request."""
        if request.url.path == "/dev/token":
            self.claims = json.loads(request.content)
            return httpx.Response(200, json={"access_token": "made-up"})
        self.asked.append(request)
        return httpx.Response(self.status, json=self.body)


def run(monkeypatch: pytest.MonkeyPatch, fake: FakeHub, *words: str) -> Any:
    """Run a command against the fake."""
    real = asking.hub
    monkeypatch.setenv("CONCORD_KAFKA_BOOTSTRAP", "127.0.0.1:9")
    monkeypatch.delenv("CONCORD_TOKEN", raising=False)
    monkeypatch.setattr(
        "concord.commands.agreement_lifecycle.hub",
        lambda who: real(who, httpx.MockTransport(fake)),
    )
    return CliRunner().invoke(app, ["agreement", *words])


def acted(state: str, **more: Any) -> dict[str, Any]:
    """What the hub says of an act."""
    fields = {"agreement_id": "hospital"}
    made = {
        "fields": fields,
        "agreement_id": "hospital",
        "version": 2,
        "state": state,
        "digest": DIGEST,
        "effect": EFFECT,
    }
    return {**made, "ledger_reference": "north-council.5f3a91c0.7", **more}


def page(*fields: Any) -> dict[str, Any]:
    """A list of one page."""
    return {"items": [{"fields": one} for one in fields], "next": None}


def test_a_draft_is_handed_in_as_a_person(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Its text, the reason, and who it is; a file that is not there ends with 2."""
    file = tmp_path / "hospital.agreement"
    file.write_text("The text.")
    fake = FakeHub(acted("draft"))
    done = run(monkeypatch, fake, "draft", str(file), *WHY)
    assert done.exit_code == 0, done.output
    assert "hospital version 2 is a draft (ledger north-council.5f3a91c0.7)" in done.output
    assert "next: concord agreement submit hospital 2" in done.output
    (asked,) = fake.asked
    assert json.loads(asked.content)["text"] == "The text."
    assert (fake.claims["sub"], asked.headers["Concord-Purpose"]) == ("ada", "governance")
    assert run(monkeypatch, fake, "draft", str(tmp_path / "none"), *WHY).exit_code == 2


def test_what_is_not_accepted_is_told_with_its_place(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Line, column, what would be accepted, what was perhaps meant; exit code 1."""
    file = tmp_path / "hospital.agreement"
    file.write_text("The txt.")
    error = {"field": "text", "line": 1, "column": 5, "rule": "a word", "suggestion": "text"}
    fake = FakeHub({"detail": "Parts are not accepted.", "errors": [error]}, 422)
    done = run(monkeypatch, fake, "draft", str(file), *WHY)
    assert done.exit_code == 1
    assert "text line 1, column 5: a word. Did you mean text?" in done.output


@pytest.mark.parametrize(("passed", "code"), [(True, 0), (False, 1)])
def test_a_test_is_told_and_fails_the_command(
    monkeypatch: pytest.MonkeyPatch, *, passed: bool, code: int
) -> None:
    """With what failed, and what opens."""
    failed = [] if passed else [{"name": "No consent", "came": "it was permitted"}]
    lacking = [] if passed else ["Purpose: it does not say what the sharing is for."]
    report = {"passed": passed, "examples": 3, "failed": failed, "widening": "Not wider.",
              "engines": ["embedded", "opa"], "missing": lacking,
              "openings": ["Housing sees the name."]}  # fmt: skip
    done = run(
        monkeypatch, FakeHub(acted("tested", report=report)), "submit", "hospital", "2", *WHY
    )
    assert done.exit_code == code
    assert ("No consent: it was permitted" in done.output) is not passed
    assert "Not wider." in done.output
    assert "Housing sees the name." in done.output
    assert "3 examples on embedded and opa" in done.output
    assert ("missing: Purpose: it does not say" in done.output) is not passed
    assert ("contents list is missing" in done.output) is passed


@pytest.mark.parametrize("words", [("approve", "--digest", DIGEST), ("withdraw",)], ids=str)
def test_approval_and_withdrawal_say_from_when(
    monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    """And go to the version that was named."""
    fake = FakeHub(acted("live"))
    done = run(monkeypatch, fake, words[0], "hospital", "2", *words[1:], *WHY)
    assert done.exit_code == 0, done.output
    assert fake.asked[0].url.path == f"/v1/agreements/hospital/versions/2/{words[0]}"
    assert "policy rev" in done.output


def test_what_stands_and_what_happened_is_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Agreements, one version with its text, events in order, reminders with exit code 1."""
    one = {"id": "hospital", "version": 2, "status": "live"}
    listed = run(monkeypatch, FakeHub(page(one)), "list", *LOOK)
    assert "hospital version 2  live" in listed.output
    fields = {"agreement_id": "hospital", "version": 2, "state": "live", "text": "The text."}
    shown = run(monkeypatch, FakeHub({"fields": fields}), "show", "hospital", "2", *LOOK)
    assert "The text." in shown.output
    events = [
        {"sequence": 2, "at": "b", "version": 2, "event": "approved", "by": "ben",
         "agency": "north", "reason": "Read it"},
        {"sequence": 1, "at": "a", "version": 2, "event": "live", "by": None, "agency": "hub",
         "reason": None},
    ]  # fmt: skip
    told = run(monkeypatch, FakeHub(page({"history": events})), "history", "hospital", *LOOK)
    assert told.output.index("the hub") < told.output.index("ben of north: Read it")
    due = {"what": "review", "date": "2026-12-01", "days": -3}
    reminder = {"agreement_id": "hospital", "version": 2, "due": due}
    reminded = run(monkeypatch, FakeHub(page(reminder)), "reminders", *LOOK)
    assert reminded.exit_code == 1
    assert "review 3 days ago" in reminded.output
    as_json = run(monkeypatch, FakeHub(page(one)), "list", *LOOK, "--json")
    assert json.loads(as_json.output) == {"agreements": [one]}


FORESEEN = {
    "summary": "Of 40 past decisions, 38 releases would stop; 2 would stay as they are.",
    "first_entry": 1, "last_entry": 90, "complete": False, "unaskable": 1,
    "effects": {"stop": 38, "start": 0},
    "breakdown": {"stop": {"agency_type": {"council": 30, "police": 8}}},
    "own_samples": {"stop": [{"sequence": 12, "record_id": "alt_1", "agency": "north-council",
        "role": "coordinator", "kind": "alert", "fields": ["victim_name"], "why": ["No clause."]}]},
}  # fmt: skip


class LineHub(FakeHub):
    """Answers in lines."""

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """Answer one request."""
        answer = super().__call__(request)
        if request.url.path == "/dev/token" or self.status != 200:
            return answer
        text = "".join(json.dumps(one) + "\n" for one in self.body)
        return httpx.Response(200, text=text)


def foreseen(monkeypatch: pytest.MonkeyPatch, fake: FakeHub, *words: str) -> Any:
    """Run `foresee` against a fake."""
    real = asking.hub
    monkeypatch.setattr(
        "concord.commands.agreement_foresight.hub",
        lambda who: real(who, httpx.MockTransport(fake)),
    )
    return run(monkeypatch, fake, "foresee", "hospital", "2", *words, *WHY)


def test_what_a_draft_would_have_changed_is_told_by_the_hub(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """In words, numbers and samples, or as JSON; what was asked is sent on."""
    fake = LineHub(
        [
            {"decisions": 10},
            {"result": {"fields": FORESEEN, "ledger_reference": "north-council.5f3a91c0.91"}},
        ]
    )
    told = foreseen(monkeypatch, fake, "--withdraw", "--entries", "90", "--on", "then")
    assert told.exit_code == 0, told.output
    for said in (
        "38 releases would stop", "Entries 1 to 90", "not all that was asked for", "1 inputs are",
        "by agency type: council 30, police 8", "entry 12: alert alt_1, a coordinator of",
    ):  # fmt: skip
        assert said in told.output
    assert json.loads(fake.asked[0].content) == {
        "reason": "The board asked for it", "instead": "withdraw", "entries": 90, "on": "then",
    }  # fmt: skip
    as_json = foreseen(monkeypatch, fake, "--json")
    assert json.loads(as_json.output)["fields"] == FORESEEN


@pytest.mark.parametrize(
    ("fake", "code", "said"),
    [
        (FakeHub({"detail": "Another replay is running here."}, 429), 1, "Another replay"),
        (LineHub([{"decisions": 1}, {"problem": {"detail": "It is gone."}}]), 1, "It is gone."),
        (LineHub([{"decisions": 1}]), 2, "does not answer (ReadError)"),
    ],
    ids=["refused", "fault", "cut off"],
)
def test_a_replay_that_gives_no_result_fails_the_command(
    monkeypatch: pytest.MonkeyPatch, fake: FakeHub, code: int, said: str
) -> None:
    """Never an empty answer that looks like one."""
    told = foreseen(monkeypatch, fake)
    assert (told.exit_code, said in told.output) == (code, True), told.output


SEEN = {
    "record_id": "alt_1", "kind": "alert",
    "classes": [{"askers": "a coordinator of anyone, for case", "purpose": "case", "fields": {
        "level": [{"treatment": "release", "said": "the level in full", "conditions": [],
                   "agreement": "hospital", "clause": 2}]}}],
}  # fmt: skip


def asked_about(monkeypatch: pytest.MonkeyPatch, fake: FakeHub, *words: str) -> Any:
    """Run a command that looks at who sees what, against a fake."""
    real = asking.hub
    monkeypatch.setattr(
        "concord.commands.agreement_sight.hub",
        lambda who: real(who, httpx.MockTransport(fake)),
    )
    return run(monkeypatch, fake, *words)


@pytest.mark.parametrize(("record", "kind"), [("alt_1", "alerts"), ("inc_1", "incidents")])
def test_who_can_see_a_record_is_asked_of_the_hub(
    monkeypatch: pytest.MonkeyPatch, record: str, kind: str
) -> None:
    """By its id, for the purpose of accountability; in words or as JSON."""
    fake = FakeHub({"fields": SEEN, "ledger_reference": "north-council.5f3a91c0.4"})
    told = asked_about(monkeypatch, fake, "who-can-see", record)
    assert told.exit_code == 0, told.output
    assert "the level: in full (hospital, clause 2)" in told.output
    assert "Nobody else sees anything of it." in told.output
    (asked,) = fake.asked
    assert asked.url.path == f"/v1/{kind}/{record}/who-can-see"
    assert asked.headers["Concord-Purpose"] == "accountability"
    as_json = json.loads(asked_about(monkeypatch, fake, "who-can-see", record, "--json").output)
    assert as_json["askers"] == SEEN["classes"]
    assert as_json["ledger_reference"] == "north-council.5f3a91c0.4"
    nobody = FakeHub(
        {"fields": {**SEEN, "classes": []}, "ledger_reference": "north-council.5f3a91c0.4"}
    )
    assert "Nobody sees" in asked_about(monkeypatch, nobody, "who-can-see", record).output


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "the id of a record or --facts FILE"),
        (("alt_1", "--facts", "f.json"), "the id of a record or --facts FILE"),
        (("sig_1",), "no id of an alert"),
        (("alt_1", "--on", "2026-01-01"), "--on and --live go with --facts"),
    ],
    ids=str,
)
def test_a_question_about_no_record_is_not_asked(
    monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], said: str
) -> None:
    """Exit code 2, and what would be accepted."""
    fake = FakeHub({})
    told = asked_about(monkeypatch, fake, "who-can-see", *words)
    assert (told.exit_code, fake.asked) == (2, [])
    assert said in told.output


def test_an_asker_is_told_what_a_clause_would_need_of_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As they asked; exit code 1 while it is refused, 0 where it is not."""
    lack = {
        "agreement": "hospital",
        "title": "Hospital",
        "clause": 1,
        "text": "Nurses may see.",
        "codes": ["vetting-insufficient"],
        "lacking": ["It asks for vetting to sc."],
    }
    reason = {"code": "vetting-insufficient", "text": "The agreement asks for a vetting."}
    fake = FakeHub(
        {"reasons": [reason], "lacks": [lack], "ledger_reference": "north-council.5f3a91c0.9"}
    )
    words = ("why-refused", "--kind", "alert", "--purpose", "case", "--role", "nurse", *LOOK)
    told = asked_about(monkeypatch, fake, *words, "--vetting", "bpss")
    assert told.exit_code == 1
    for said in ("asks for a vetting", "hospital (Hospital), clause 1: Nurses", "vetting to sc"):
        assert said in told.output
    assert fake.claims["vetting"] == "bpss"
    assert dict(fake.asked[0].url.params) == {"kind": "alert"}
    free = FakeHub({"reasons": [], "lacks": [], "ledger_reference": "north-council.5f3a91c0.9"})
    assert asked_about(monkeypatch, free, *words, "--json").exit_code == 0

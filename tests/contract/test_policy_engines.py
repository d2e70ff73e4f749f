"""Two engines behind one port: the same questions, the same answers, the same refusals."""

from __future__ import annotations

import asyncio
import json
import os
import random
import shutil
import subprocess
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from policies.agreements import Agreement, load
from policies.bundle import Bundle, assemble, build
from policies.decision_input import validate
from policies.embedded import RegorusEngine
from policies.engine import Decision, EngineUnavailable, read
from policies.opa import OpaEngine
from policies.reasons import REASONS
from tests.unit.policies import corpus

QUESTIONS = 2400
SPOILED = 1500
DRAWN = 15
"""Sets of agreements at random, beside those that come with the code."""

INSTALLED = Path.home() / ".cache" / "concord-real" / "bin"
OPA = os.environ.get("CONCORD_OPA") or shutil.which(
    "opa", path=f"{os.environ.get('PATH', '')}{os.pathsep}{INSTALLED}"
)
needs_opa = pytest.mark.skipif(
    OPA is None, reason="the opa program is not on this machine (CI has it)"
)


def worlds() -> list[tuple[Bundle, list[dict[str, Any]]]]:
    """Give bundles and questions: the demonstration agreements, and random sets."""
    draw = random.Random(20_261_122)
    sets: list[Sequence[Agreement]] = [load()]
    sets += [[corpus.agreement(draw, f"drawn-{n}") for n in range(4)] for _ in range(DRAWN)]
    share = QUESTIONS // len(sets)
    drawn: list[tuple[Bundle, list[dict[str, Any]]]] = []
    for agreements in sets:
        clauses = [clause for agreement in agreements for clause in agreement["clauses"]]
        questions = [corpus.question(draw, clauses) for _ in range(share)]
        drawn.append((assemble(agreements), questions))
    return drawn


def evaluated(bundle: Bundle, questions: list[dict[str, Any]], folder: Path) -> list[Decision]:
    """Ask the opa program all questions of a bundle at once."""
    assert OPA
    (folder / "bundle.tar.gz").write_bytes(bundle.archive())
    (folder / "input.json").write_text(json.dumps(questions))
    rule = "[d | some q in input; d := data.concord.sharing.decision with input as q]"
    command = [OPA, "eval", "--bundle", str(folder / "bundle.tar.gz"), "--format", "values"]
    done = subprocess.run(
        [*command, "--input", str(folder / "input.json"), rule],
        capture_output=True, check=True, timeout=120,
    )  # fmt: skip
    return [read(result) for result in json.loads(done.stdout)[0]]


def test_the_corpus_is_worth_asking() -> None:
    """The questions are valid, and permits, refusals and every reason occur."""
    seen: set[str] = set()
    permits = 0
    for bundle, questions in worlds():
        engine = RegorusEngine(bundle)
        for question in questions:
            assert validate(question)
            decision = engine.answer(question)
            permits += decision.permit
            seen.update(decision.reasons)
    assert permits > QUESTIONS / 10
    assert seen >= set(REASONS) - {"malformed-input", "record-not-available"}


@pytest.mark.opa
@needs_opa
def test_both_engines_decide_alike(tmp_path: Path) -> None:
    """OPA and the embedded engine agree on every question, obligation by obligation."""
    for bundle, questions in worlds():
        embedded = RegorusEngine(bundle)
        for question, theirs in zip(questions, evaluated(bundle, questions, tmp_path), strict=True):
            assert embedded.answer(question) == theirs, question


def spoiled() -> list[dict[str, Any]]:
    """Questions that would be permitted, each spoiled at one place in many ways."""
    draw = random.Random(20_261_130)
    bundle, questions = worlds()[0]
    engine = RegorusEngine(bundle)
    permitted = [question for question in questions if engine.answer(question).permit]
    return [corpus.spoiled(draw, draw.choice(permitted)) for _ in range(SPOILED)]


def test_the_rules_refuse_what_the_schema_refuses() -> None:
    """Whoever asks the engine without the hub's own check is refused as well, and only then."""
    engine = RegorusEngine(worlds()[0][0])
    fits = 0
    for question in spoiled():
        answer = engine.answer(question)
        assert (answer.reasons == ("malformed-input",)) is not validate(question), question
        assert validate(question) or not (answer.permit or answer.covered), question
        fits += validate(question)
    assert SPOILED / 40 < fits < SPOILED / 2, "some of what was changed still is a question"


@pytest.mark.opa
@needs_opa
def test_opa_refuses_what_the_schema_refuses(tmp_path: Path) -> None:
    """The same questions, over its own reading of the rules."""
    bundle, asked = worlds()[0][0], spoiled()
    for question, answer in zip(asked, evaluated(bundle, asked, tmp_path), strict=True):
        assert (answer.reasons == ("malformed-input",)) is not validate(question), question
        assert validate(question) or not (answer.permit or answer.covered), question


@pytest.mark.opa
@needs_opa
@pytest.mark.parametrize("tampered", [False, True])
def test_opa_verifies_the_signed_bundle(tmp_path: Path, *, tampered: bool) -> None:
    """OPA loads a bundle that we signed and refuses it once a byte of an agreement has changed."""
    assert OPA
    key = ec.generate_private_key(ec.SECP256R1())
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    (tmp_path / "key.pem").write_bytes(public)
    bundle = build()
    if tampered:
        signed = bundle.archive(key, "hub")
        bundle.data["agreements"]["by_id"]["hub-terms"]["status"] = "LIVE"
        archive = _with_signatures_of(signed, bundle.archive())
    else:
        archive = bundle.archive(key, "hub")
    (tmp_path / "bundle.tar.gz").write_bytes(archive)
    done = subprocess.run(
        [OPA, "build", "--bundle", str(tmp_path / "bundle.tar.gz"), "--signing-alg", "ES256",
         "--verification-key", str(tmp_path / "key.pem"), "--verification-key-id", "hub",
         "--output", str(tmp_path / "read.tar.gz")],
        capture_output=True, check=False, timeout=60,
    )  # fmt: skip
    assert (done.returncode == 0) is not tampered, done.stderr
    assert (b"digest mismatch" in done.stdout) is tampered


def _with_signatures_of(signed: bytes, unsigned: bytes) -> bytes:
    """Put the signatures of one archive beside the files of another."""
    import io
    import tarfile

    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w:gz") as out:
        for source, wanted in ((signed, True), (unsigned, False)):
            with tarfile.open(fileobj=io.BytesIO(source)) as archive:
                for entry in archive:
                    if entry.name.endswith(".signatures.json") is wanted:
                        out.addfile(entry, archive.extractfile(entry))
    return target.getvalue()


class FakeOpa:
    """A server that says what it is told to say, in OPA's words."""

    def __init__(self) -> None:
        self.body: Any = {}
        self.status = 200
        self.asked: list[Any] = []

    async def answer(self, request: web.Request) -> web.Response:
        """Answer any question with what was told."""
        self.asked.append(
            (request.path, request.headers.get("Authorization"), await request.json())
        )
        return web.json_response(self.body, status=self.status)


@pytest_asyncio.fixture
async def server(unused_tcp_port: int) -> AsyncIterator[tuple[FakeOpa, str]]:
    """A fake OPA on a local port."""
    fake = FakeOpa()
    app = web.Application()
    app.router.add_post("/{path:.*}", fake.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", unused_tcp_port).start()
    yield fake, f"http://127.0.0.1:{unused_tcp_port}"
    await runner.cleanup()


PERMIT = {
    "permit": True,
    "covered": True,
    "fields": {"level": "release"},
    "reasons": ["agreement-permits"],
    "obligations": [],
    "agreements": [{"id": "one", "version": 1}],
    "revision": "r1",
}


async def test_opa_is_asked_for_the_decision_with_the_token(server: tuple[FakeOpa, str]) -> None:
    """The question goes to the one entry point, with the bearer token."""
    fake, url = server
    fake.body = {"result": PERMIT}
    async with OpaEngine(url, "secret") as engine:
        decision = await engine.decide({"purpose": "case"})
    assert decision.permit
    assert decision.agreement == "one@1"
    assert fake.asked == [
        ("/v1/data/concord/sharing/decision", "Bearer secret", {"input": {"purpose": "case"}})
    ]


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, {}),
        (200, {"result": {}}),
        (200, {"result": True}),
        (200, {"result": {**PERMIT, "permit": "true"}}),
        (200, {"result": {**PERMIT, "covered": False}}),
        (200, {"result": {**PERMIT, "agreements": []}}),
        (200, {"result": {**PERMIT, "fields": {}}}),
        (200, {"result": {**PERMIT, "fields": {"level": "shout"}}}),
        (200, {"result": {**PERMIT, "permit": False}}),
        (200, {"result": {**PERMIT, "revision": ""}}),
        (200, []),
        (401, {"code": "unauthorized"}),
        (500, {"code": "internal_error"}),
    ],
)
async def test_whatever_is_no_decision_is_no_permit(
    server: tuple[FakeOpa, str], status: int, body: Any
) -> None:
    """An undefined rule, a missing bundle, an error, a contradiction: the engine is unavailable."""
    fake, url = server
    fake.status, fake.body = status, body
    async with OpaEngine(url) as engine:
        with pytest.raises(EngineUnavailable):
            await engine.decide({})


async def test_opa_comes_back_by_itself(server: tuple[FakeOpa, str], unused_tcp_port: int) -> None:
    """A failure closes one question, not the engine."""
    fake, url = server
    async with OpaEngine(url) as engine:
        fake.status = 500
        with pytest.raises(EngineUnavailable):
            await engine.decide({})
        fake.status, fake.body = 200, {"result": PERMIT}
        assert (await engine.decide({})).permit
    with pytest.raises(EngineUnavailable):
        await engine.decide({})


async def test_nobody_listening_is_no_permit(unused_tcp_port: int) -> None:
    """Without an OPA there is no decision, and readiness says so."""
    async with OpaEngine(f"http://127.0.0.1:{unused_tcp_port}", timeout=0.5) as engine:
        assert not await engine.ready()
        with pytest.raises(EngineUnavailable):
            await engine.decide({})


@pytest.mark.parametrize("url", ["", "opa:8181", "ftp://opa", "http://opa/path"])
def test_an_odd_address_is_refused(url: str) -> None:
    """An address that could not be asked is a mistake at start, not at the first question."""
    with pytest.raises(ValueError, match="address of OPA"):
        OpaEngine(url)


@pytest.mark.opa
@needs_opa
def test_opa_tries_a_draft_without_holding_it(tmp_path: Path, unused_tcp_port: int) -> None:
    """Its own agreements stay in force; the draft's answers are those of the embedded engine."""
    assert OPA
    (in_force, _), *drafts = worlds()[:4]
    (tmp_path / "bundle.tar.gz").write_bytes(in_force.archive())
    address = f"127.0.0.1:{unused_tcp_port}"
    command = [OPA, "run", "--server", "--addr", address, "--bundle", "--log-level", "error"]
    with subprocess.Popen([*command, str(tmp_path / "bundle.tar.gz")]) as server:
        try:
            answers = asyncio.run(tried(f"http://{address}", drafts))
        finally:
            server.terminate()
    for (bundle, questions), theirs in zip(drafts, answers, strict=True):
        embedded = RegorusEngine(bundle)
        assert theirs == [embedded.answer(question) for question in questions]


async def tried(
    url: str, drafts: Sequence[tuple[Bundle, list[dict[str, Any]]]]
) -> list[list[Decision]]:
    """Ask a server that has just been started about each draft."""
    async with OpaEngine(url) as engine:
        for _ in range(200):
            if await engine.ready():
                break
            await asyncio.sleep(0.05)
        return [await engine.tried(bundle.data["agreements"], asked) for bundle, asked in drafts]


@pytest.mark.parametrize("body", [{}, {"result": []}, {"result": {}}, {"result": [{}]}, []])
async def test_a_trial_that_is_no_list_of_decisions_is_no_answer(
    server: tuple[FakeOpa, str], body: Any
) -> None:
    """A bundle without the rule, or an answer too few."""
    fake, url = server
    fake.body = body
    async with OpaEngine(url, "secret") as engine:
        with pytest.raises(EngineUnavailable):
            await engine.tried({"by_id": {}}, [{"purpose": "case"}])
        assert await engine.tried({"by_id": {}}, []) == []
    assert [path for path, _, _ in fake.asked] == ["/v1/data/concord/sharing/trial/decisions"]
    with pytest.raises(EngineUnavailable):
        await engine.tried({"by_id": {}}, [{"purpose": "case"}])

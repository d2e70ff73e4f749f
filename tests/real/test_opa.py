"""OPA with polled, signed bundles and a token: what it refuses, and what it keeps."""

from __future__ import annotations

import io
import json
import tarfile

import httpx
import pytest

from policies.bundle import Bundle, build
from tests.real.opa import KEY_ID, BundleServer, OpaSecrets, RealOpa
from tests.real.process import wait_until

pytestmark = pytest.mark.real

DECISION = "/v1/data/concord/sharing/decision"


@pytest.fixture(scope="module")
def bundle(real_opa: RealOpa, bundle_server: BundleServer, bundle_secrets: OpaSecrets) -> Bundle:
    """The product's own bundle, signed, published and in force."""
    made = build()
    bundle_server.publish(made.archive(bundle_secrets.signing_key, KEY_ID))
    real_opa.wait_for_bundle()
    return made


def ask(opa: RealOpa, path: str = DECISION, token: str | None = None) -> httpx.Response:
    """Ask OPA with an empty input, with its own token unless another is given."""
    return httpx.post(
        f"{opa.url}{path}",
        json={"input": {}},
        headers={"Authorization": f"Bearer {opa.token if token is None else token}"},
    )


@pytest.mark.usefixtures("bundle")
def test_it_answers_only_its_token(real_opa: RealOpa) -> None:
    """With the token it decides, and an empty input is refused; with another it answers 401."""
    assert ask(real_opa).json()["result"]["permit"] is False
    assert ask(real_opa, token="x").status_code == httpx.codes.UNAUTHORIZED


@pytest.mark.usefixtures("bundle")
def test_its_token_opens_decisions_only(real_opa: RealOpa) -> None:
    """The token neither reads the agreements nor writes a rule."""
    bearer = {"Authorization": f"Bearer {real_opa.token}"}
    assert ask(real_opa, "/v1/data/agreements").status_code == httpx.codes.UNAUTHORIZED
    put = httpx.put(f"{real_opa.url}/v1/policies/x", content="package x", headers=bearer)
    assert put.status_code == httpx.codes.UNAUTHORIZED


@pytest.mark.usefixtures("bundle")
def test_an_unchanged_bundle_is_not_sent_again(bundle_server: BundleServer) -> None:
    """OPA asks with the tag of the bundle it holds."""
    before = bundle_server.unchanged
    wait_until(lambda: bundle_server.unchanged > before, seconds=10, waiting_for="a poll")


def test_a_tampered_bundle_is_refused_and_the_old_one_kept(
    real_opa: RealOpa, bundle_server: BundleServer, bundle_secrets: OpaSecrets, bundle: Bundle
) -> None:
    """A bundle whose content does not match its signature changes nothing."""
    good = bundle.archive(bundle_secrets.signing_key, KEY_ID)
    answer = ask(real_opa).json()
    bundle_server.publish(with_another_rule(good))
    wait_until(
        lambda: "digest mismatch" in real_opa.program.log.read_text(),
        seconds=10,
        waiting_for="OPA's refusal of the bundle",
    )
    assert ask(real_opa).json()["result"] == answer["result"]
    bundle_server.publish(good)


def with_another_rule(archive: bytes) -> bytes:
    """Return the bundle with one rule changed and the signatures as they were."""
    out = io.BytesIO()
    with (
        tarfile.open(fileobj=io.BytesIO(archive), mode="r:gz") as old,
        tarfile.open(fileobj=out, mode="w:gz") as new,
    ):
        for member in old:
            content = old.extractfile(member)
            data = content.read() if content else b""
            if member.name.endswith("decision.rego"):
                data = data.replace(b"default permit := false", b"default permit := true ")
            member.size = len(data)
            new.addfile(member, io.BytesIO(data))
    return out.getvalue()


def test_no_secret_stands_in_its_log(real_opa: RealOpa, bundle_secrets: OpaSecrets) -> None:
    """OPA's log holds neither its token nor the bundle's."""
    log = real_opa.program.log.read_text()
    assert bundle_secrets.token not in log
    assert bundle_secrets.bundle_token not in log


def test_it_comes_back_by_itself(
    real_opa: RealOpa, bundle_server: BundleServer, bundle_secrets: OpaSecrets, bundle: Bundle
) -> None:
    """After a restart it has no bundle, answers no decision, fetches it and decides again."""
    bundle_server.publish(bundle.archive(bundle_secrets.signing_key, KEY_ID))
    real_opa.stop()
    real_opa.start()
    real_opa.wait_for_bundle()
    assert json.dumps(ask(real_opa).json()["result"]["permit"]) == "false"

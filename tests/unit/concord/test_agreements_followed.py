"""A served hub whose agreements change: answers, readiness, metrics and bundle, without restart."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

import httpx
import pytest

from concord.settings import Settings
from concord.stack.serve import make_app
from policies import following
from policies.agreements import parse
from policies.agreements.language import write
from schemas.keyring import Keyring
from sharing_api.auth.developer import InsecureIssuerWarning

TENSION = "tension-monitoring.agreement"
PATH = "/v1/tension/signals"
MONITOR = {
    "sub": "a.person",
    "agency": "north-council",
    "agency_type": "council",
    "role": "tension-monitor",
}


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A hub with a folder of agreements, looked at on every request."""
    monkeypatch.setattr(following, "SECONDS", 0.0)
    folder = tmp_path / "agreements"
    folder.mkdir()
    for item in resources.files("policies").joinpath("agreements").iterdir():
        if item.name.endswith(".agreement"):
            (folder / item.name).write_bytes(item.read_bytes())
    Keyring.create(tmp_path / "keys")
    return Settings(
        kafka_bootstrap="127.0.0.1:1",
        data_dir=tmp_path,
        agreements_dir=folder,
        bundle_token="opa",
        database_url=f"sqlite+aiosqlite:///{tmp_path}/store.sqlite",
    )


async def test_lapsed_and_broken_agreements_are_refused_and_the_others_go_on(
    settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The same question before and after; the file is named in the log, counted elsewhere."""
    file = tmp_path / "agreements" / TENSION
    original = file.read_text("utf-8")
    with pytest.warns(InsecureIssuerWarning):
        app = make_app(settings, projector=False)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://hub") as client,
    ):
        token = app.state.services.issuer.token(MONITOR)

        async def status(path: str, purpose: str) -> int:
            headers = {"Authorization": f"Bearer {token}", "Concord-Purpose": purpose}
            return (await client.get(path, headers=headers)).status_code

        async def answers() -> tuple[int, int]:
            return (
                await status(PATH, "tension-monitoring"),
                await status("/v1/agreements", "participation"),
            )

        async def bundle() -> str:
            given = await client.get(
                "/v1/policy/bundle.tar.gz", headers={"Authorization": "Bearer opa"}
            )
            assert given.status_code == 200
            return given.headers["ETag"]

        assert await answers() == (200, 200)
        first = await bundle()
        lapsed = {"starts": "2020-01-01", "review": "2020-06-01", "ends": "2020-12-31"}
        file.write_text(write(parse(file.name, original) | lapsed), "utf-8")
        assert await answers() == (403, 200)
        second = await bundle()
        file.write_text("{", "utf-8")
        assert await answers() == (403, 200)
        third = await bundle()
        assert len({first, second, third}) == 3
        checks = (await client.get("/readyz")).json()["checks"]
        assert (checks["agreements"], checks["policy_engine"]) == ("1 left out", "ok")
        assert "concord_agreements_left_out 1.0" in (await client.get("/metrics")).text
        logged = capsys.readouterr()
        assert TENSION in logged.out + logged.err
        file.write_text(original, "utf-8")
        assert await answers() == (200, 200)
        assert await bundle() == first

"""A running hub keeps to its own OpenAPI, whatever it is asked and whoever asks."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from concord.askers import Person
from tests.e2e.hubs import COORDINATOR, OFFICER, PARTNER, Peopled

pytestmark = pytest.mark.timeout(240)

CONFIG = Path(__file__).parents[1] / "schemathesis.toml"
HOOKS = CONFIG.with_name("schemathesis_hooks.py")
EXAMPLES = "6"  # for each operation; test_schemathesis of the integration tests asks far more


@pytest.mark.parametrize("person", [COORDINATOR, PARTNER, OFFICER], ids=lambda p: p.role)
def test_no_answer_is_an_error_or_undocumented(
    county: Peopled, tmp_path: Path, person: Person
) -> None:
    """Every check of schemathesis; the endless stream has tests of its own."""
    client = county.client(person)
    headers = dict(client._http.headers)
    client.close()
    run = subprocess.run(
        [
            str(Path(sys.executable).with_name("schemathesis")),
            *("--config-file", str(CONFIG), "run"),
            f"{county.url}/openapi.json",
            *("--phases", "examples,fuzzing", "--max-examples", EXAMPLES),
            *("--seed", "1", "--no-color"),
            *("--exclude-path", "/v1/tension/signals/stream"),
            *("--exclude-path", "/v1/open/stream", "--request-timeout", "20"),
            *("-H", f"Authorization: {headers['authorization']}"),
            *("-H", f"Concord-Purpose: {person.purpose}"),
            *("-H", f"Concord-Justification: {person.justification}"),
        ],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={**os.environ, "SCHEMATHESIS_HOOKS": str(HOOKS)},
        check=False,
    )
    assert run.returncode == 0, run.stdout[-6000:] + run.stderr[-2000:]
    county.hub.check()

"""The opa program as an engine for examples: the same bundle, asked once for all questions."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from policies.bundle import Bundle
from policies.engine import ENTRYPOINT, Decision, EngineUnavailable, read
from policies.examination.examples import Answering

_SECONDS: Final = 120


def program() -> str | None:
    """Find the program: what CONCORD_OPA names, else `opa` on the path."""
    return os.environ.get("CONCORD_OPA") or shutil.which("opa")


def answering(opa: str) -> Answering:
    """Give an engine that is the program at a path."""

    def answers(bundle: Bundle, questions: Sequence[Mapping[str, Any]]) -> list[Decision]:
        if not questions:
            return []
        with TemporaryDirectory(prefix="concord-opa-") as folder:
            return [read(result) for result in _evaluated(opa, bundle, questions, Path(folder))]

    return answers


def _evaluated(
    opa: str, bundle: Bundle, questions: Sequence[Mapping[str, Any]], folder: Path
) -> list[Any]:
    archive, asked = folder / "bundle.tar.gz", folder / "input.json"
    archive.write_bytes(bundle.archive())
    asked.write_text(json.dumps(list(questions)), "utf-8")
    rule = f"[d | some q in input; d := data.{ENTRYPOINT} with input as q]"
    command = [opa, "eval", "--bundle", str(archive), "--format", "values", "--input", str(asked)]
    try:
        done = subprocess.run([*command, rule], capture_output=True, check=True, timeout=_SECONDS)
        found: list[Any] = json.loads(done.stdout)[0]
    except (OSError, subprocess.SubprocessError, ValueError, IndexError) as error:
        raise EngineUnavailable(f"the opa program failed ({type(error).__name__})") from None
    if len(found) != len(questions):
        raise EngineUnavailable("the opa program left questions unanswered")
    return found

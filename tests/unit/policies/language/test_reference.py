"""The language reference is what the grammar and the tables say today."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from policies.agreements.language import reference
from policies.agreements.language.sentences import TABLES, spelt
from policies.fields import FIELDS

PROJECT = Path(__file__).parents[4]


@pytest.fixture
def project(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stand where the docs are."""
    monkeypatch.chdir(PROJECT)


@pytest.mark.usefixtures("project")
def test_the_reference_is_up_to_date() -> None:
    """`python -m policies.agreements.language.reference` would change nothing."""
    assert reference.main(["--check"]) == 0


@pytest.mark.usefixtures("project")
def test_drift_is_found_and_mended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The check can fail, and writing mends it."""
    guide = tmp_path / "guide.md"
    monkeypatch.setattr(reference, "GUIDE", guide)
    assert reference.main(["--check"]) == 1
    assert reference.main([]) == 0
    assert reference.main(["--check"]) == 0
    guide.write_text(guide.read_text() + "edited")
    assert reference.main(["--check"]) == 1


def test_it_holds_every_fixed_word_table_and_field() -> None:
    """Nothing of the language is left unexplained."""
    text = reference.reference()
    assert [said for said in spelt().values() if f"“{said}”" not in text] == []
    assert all(f"(`{name}`)" in text for name in TABLES)
    named = {f"`{name}`" for table in FIELDS.values() for name in table}
    assert named <= set(re.findall(r"`[^`\n]+`", text))

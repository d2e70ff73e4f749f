"""The officer's commands: their answers, their exit codes, and errors that say what would do."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from concord import cli
from concord.commands import agreement_checks, agreement_opa, agreement_sources
from policies import agreements
from policies.engine import EngineUnavailable
from tests.unit.policies.examination.made import CLAUSE, CONSENTED, agreement
from tests.unit.policies.examination.test_examples import OFFICER, TENANT
from tests.unit.policies.examination.test_replay import past

LIVE = agreement()
WIDER = agreement(CLAUSE, {**CONSENTED, "consent": []}, version=2)
EXAMPLE = {"name": "a tenant", "given": TENANT, "when": OFFICER, "then": {"permit": True}}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of files that stand for agreements; what is in force is LIVE."""
    made = {"live": LIVE, "wider": WIDER, "tested": agreement(examples=[EXAMPLE])}
    for name, one in made.items():
        (tmp_path / f"{name}.agreement").write_text(json.dumps(one))
    monkeypatch.setattr(agreements, "parse", lambda _name, text: json.loads(text))
    monkeypatch.setattr(agreements, "load", lambda _folder: (LIVE,))
    monkeypatch.setattr(agreement_opa, "program", lambda: None)
    return tmp_path


def ran(*arguments: object) -> Result:
    """Run a command of the group."""
    return CliRunner().invoke(cli.app, ["agreement", *map(str, arguments)])


def told(*arguments: object) -> dict[str, Any]:
    """Run a command of the group and read its JSON."""
    found: dict[str, Any] = json.loads(ran(*arguments, "--json").stdout)
    return found


def test_compare_ends_with_1_and_says_who_where_a_draft_is_wider(folder: Path) -> None:
    """In sentences and in JSON, against what is in force and against a file."""
    done = ran("compare", folder / "wider.agreement")
    assert done.exit_code == 1
    assert "could newly see the victim's date of birth" in done.stdout
    assert ran("compare", folder / "wider.agreement", folder / "live.agreement").exit_code == 1
    found = told("compare", folder / "wider.agreement")
    assert found["wider"] is True
    assert found["closes"]["cells_opened"] == 0
    assert found["cells_opened"] == sum(one["cells"] for one in found["findings"])


def test_compare_ends_with_0_where_it_is_not(folder: Path) -> None:
    """And says so."""
    done = ran("compare", folder / "live.agreement", folder / "wider.agreement")
    assert done.exit_code == 0
    assert "Not wider" in done.stdout
    assert "It closes" in done.stdout


def test_check_says_what_is_wrong_and_what_is_odd(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Problems and gaps end with 1, warnings do not."""
    monkeypatch.setattr(agreement_checks, "_missing", lambda _one: ())
    assert ran("check", folder / "live.agreement").exit_code == 0
    twice = agreement(CLAUSE, CLAUSE)
    (folder / "odd.agreement").write_text(json.dumps(twice))
    done = ran("check", folder / "odd.agreement")
    assert done.exit_code == 0
    assert "warning: clause 2: It changes nothing" in done.stdout
    assert told("check", folder / "odd.agreement")["warnings"][0]["code"] == "shadowed"
    monkeypatch.setattr(agreement_checks, "_missing", lambda _one: ("accuracy",))
    done = ran("check", folder / "live.agreement")
    assert done.exit_code == 1
    assert "missing: accuracy" in done.stdout


def test_a_file_that_is_no_agreement_is_a_finding_and_a_missing_one_is_not(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """1 for what is wrong in it, 2 where there is nothing to read."""

    def unreadable(name: str, _text: str) -> Any:
        raise agreements.AgreementInvalid(name, ("line 3: no such word",))

    monkeypatch.setattr(agreements, "parse", unreadable)
    done = ran("check", folder / "live.agreement")
    assert done.exit_code == 1
    assert "wrong: line 3: no such word" in done.stdout
    done = ran("matrix", folder / "live.agreement")
    assert done.exit_code == 1
    assert "line 3: no such word" in done.stderr
    done = ran("check", folder / "nothing.agreement")
    assert done.exit_code == 2
    assert "cannot be read" in done.stderr


def test_examples_pass_fail_or_are_missing(folder: Path) -> None:
    """Only the first ends with 0."""
    done = ran("test", folder / "tested.agreement")
    assert done.exit_code == 0
    assert "1 of 1 examples pass on embedded." in done.stdout
    wrong = {**EXAMPLE, "then": {"permit": False}}
    (folder / "wrong.agreement").write_text(json.dumps(agreement(examples=[wrong])))
    done = ran("test", folder / "wrong.agreement")
    assert done.exit_code == 1
    assert "expected a refusal" in done.stdout
    done = ran("test", folder / "live.agreement")
    assert done.exit_code == 1
    assert "no examples" in done.stdout
    found = told("test", folder / "tested.agreement")
    assert (found["passed"], found["engines"]) == (True, ["embedded"])


def test_engines_that_differ_or_are_missing_are_told(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A difference is a finding; an engine that is not there cannot be asked."""
    assert ran("test", folder / "tested.agreement", "--engine", "opa").exit_code == 2
    assert ran("test", folder / "tested.agreement", "--engine", "fly").exit_code == 2
    monkeypatch.setattr(agreement_opa, "program", lambda: "/no/such/opa")
    done = ran("test", folder / "tested.agreement")
    assert done.exit_code == 2
    assert "opa program failed" in done.stderr


OPA = os.environ.get("CONCORD_OPA") or shutil.which(
    "opa",
    path=f"{os.environ.get('PATH', '')}{os.pathsep}{Path.home() / '.cache/concord-real/bin'}",
)


@pytest.mark.opa
@pytest.mark.skipif(OPA is None, reason="the opa program is not on this machine (CI has it)")
def test_examples_run_on_the_opa_program_too(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both engines, and they agree."""
    monkeypatch.setattr(agreement_opa, "program", lambda: OPA)
    found = told("test", folder / "tested.agreement")
    assert found["engines"] == ["embedded", "opa"]
    assert (found["passed"], found["agree"]) == (True, True)
    assert ran("test", folder / "live.agreement", "--engine", "opa").exit_code == 1


def test_replay_tells_what_would_change(folder: Path) -> None:
    """From an export, under a draft and under a withdrawal."""
    export = folder / "past.jsonl"
    export.write_text("".join(agreement_sources.written(past())) + "\n")
    done = ran("replay", folder / "wider.agreement", "--decisions", export)
    assert done.exit_code == 0
    assert "2 would gain one" in done.stdout
    assert "by field: victim_date_of_birth 2, victim_name 2" in done.stdout
    found = told("replay", "--without", "tenants", "--decisions", export, "--on", "then")
    assert found["effects"]["stop"] == 5
    assert list(agreement_sources.exported(export)) == past()


WRONG: dict[str, tuple[tuple[str, ...], str]] = {
    "no draft": (("--decisions", "past.jsonl"), "either the file of a draft or --without"),
    "no decisions": (("live.agreement",), "either --decisions FILE or --store"),
    "unknown": (("--without", "fly", "--decisions", "past.jsonl"), "there are tenants"),
    "no day": (("live.agreement", "--decisions", "past.jsonl", "--on", "soon"), "2027-03-31"),
    "not past": (("live.agreement", "--decisions", "live.agreement"), "line 1 is no past decision"),
}


@pytest.mark.parametrize(("arguments", "said"), WRONG.values(), ids=WRONG)
def test_a_replay_that_cannot_be_says_what_would_do(
    folder: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], said: str
) -> None:
    """Exit code 2 and one line."""
    monkeypatch.chdir(folder)
    (folder / "past.jsonl").write_text("".join(agreement_sources.written(past(1))))
    done = ran("replay", *arguments)
    assert done.exit_code == 2
    assert said in done.stderr


def test_decisions_are_exported_for_their_reader_alone(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One JSON object to a line, in a file that nobody else can read."""
    from concord.commands import agreement_replay

    monkeypatch.setattr(agreement_replay, "stored", lambda: iter(past(3)))
    out = folder / "made" / "past.jsonl"
    done = ran("decisions", "--out", out)
    assert done.exit_code == 0
    assert "3 decisions" in done.stdout
    assert out.stat().st_mode & 0o077 == 0
    lines = [json.loads(line) for line in out.read_text().splitlines()]
    wanted = [json.loads(json.dumps(asdict(one))) for one in past(3)]
    assert [{**line, "alike": None} for line in lines] == wanted
    assert not any("alike" in line for line in lines)  # a file can be changed by hand


def test_a_store_that_is_not_there_is_not_possible(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exit code 2, where there is none and where it is none of ours."""
    monkeypatch.setenv("CONCORD_DATABASE_URL", f"sqlite:///{folder}/store.sqlite")
    done = ran("replay", folder / "live.agreement", "--store")
    assert done.exit_code == 2
    assert "there is no store" in done.stderr
    (folder / "store.sqlite").touch()
    done = ran("replay", folder / "live.agreement", "--store")
    assert done.exit_code == 2
    assert "cannot be read" in done.stderr


@pytest.mark.parametrize("form", ["table", "json", "csv", "html"])
def test_the_matrix_comes_in_four_forms(folder: Path, form: str) -> None:
    """Printed, and written to a file."""
    done = ran("matrix", folder / "live.agreement", "--format", form)
    assert done.exit_code == 0
    assert "level" in done.stdout
    out = folder / f"matrix.{form}"
    assert ran("matrix", folder / "live.agreement", "--format", form, "--out", out).exit_code == 0
    assert "level" in out.read_text()


def test_a_form_or_a_place_that_is_not_is_refused(folder: Path) -> None:
    """Exit code 2, with the forms that there are."""
    done = ran("matrix", folder / "live.agreement", "--format", "pdf")
    assert done.exit_code == 2
    assert "table, json, csv or html" in done.stderr
    done = ran("matrix", folder / "live.agreement", "--format", "csv", "--out", folder / "no" / "x")
    assert done.exit_code == 2


def test_who_can_see_lists_askers_and_clauses(folder: Path) -> None:
    """From facts in a file."""
    facts = folder / "facts.json"
    facts.write_text(json.dumps({"kind": "alert", "tenant_of": ["hill-homes"]}))
    done = ran("who-can-see", "--facts", facts, "--on", "2026-06-01")
    assert done.exit_code == 0
    assert "a housing-officer of hill-homes (a housing association), for support:" in done.stdout
    assert "the start of the period: to the month (tenants, clause 1)" in done.stdout
    found = told("who-can-see", "--facts", facts, "--on", "2026-06-01")
    assert found["askers"][0]["fields"]["level"][0]["clause"] == 1
    facts.write_text('{"kind": "alert"}')
    assert "Nobody sees anything of it." in ran("who-can-see", "--facts", facts).stdout


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{", "a JSON object is expected"),
        ("[]", "no JSON object"),
        ('{"kind": "fly"}', "“kind” cannot be so"),
        ('{"kind": "alert", "strand": ["race"]}', "“strand” cannot be so"),
    ],
)
def test_facts_that_are_none_are_refused(folder: Path, text: str, told: str) -> None:
    """Exit code 2, and which of them it is."""
    facts = folder / "facts.json"
    facts.write_text(text)
    done = ran("who-can-see", "--facts", facts)
    assert done.exit_code == 2
    assert "--facts" in done.stderr
    assert told in done.stderr


def test_an_opa_that_answers_too_little_is_no_engine(tmp_path: Path) -> None:
    """What it does not answer is not taken for an answer."""
    from policies.bundle import assemble

    lazy = tmp_path / "opa"
    lazy.write_text("#!/bin/sh\necho '[[]]'\n")
    lazy.chmod(0o755)
    with pytest.raises(EngineUnavailable, match="unanswered"):
        agreement_opa.answering(str(lazy))(assemble([LIVE]), [{}])

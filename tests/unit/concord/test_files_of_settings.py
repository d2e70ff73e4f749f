"""A file that a setting names is judged before anything starts, and refused by that name."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from concord import cli
from concord.settings import SettingInvalid, Settings
from concord.stack import workers
from concord.stack.areas import as_geojson
from concord.stack.serve import make_app
from schemas.keyring import Keyring
from sharing_api.settings import ApiSettings

TABLE = '[one]\nby = "district"\nclasses = false\nweeks = 1\nshow = "value"\nepsilon = "{}"\n'
NO_DISTRICT = '{"type": "FeatureCollection", "features": []}'


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Makes settings of a hub whose broker is nowhere."""
    import os

    for name in [name for name in os.environ if name.startswith("CONCORD_")]:
        monkeypatch.delenv(name)
    Keyring.create(tmp_path / "keys")

    def make(**values: Any) -> Settings:
        return Settings(kafka_bootstrap="127.0.0.1:1", data_dir=tmp_path, **values)

    return make


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("geography_file", None, "No such file or directory; a file is expected"),
        ("geography_file", "{", "not JSON"),
        ("geography_file", "[]", "a GeoJSON FeatureCollection is expected"),
        ("geography_file", NO_DISTRICT, "at least one district is expected"),
        ("open_tables_file", None, "a file is expected"),
        ("open_tables_file", "[one", "not TOML"),
        ("open_tables_file", TABLE.format("9"), "ln 3"),
        ("open_tables_file", TABLE.format("none"), "one.epsilon"),
    ],
)
def test_the_api_does_not_start(
    settings: Any, tmp_path: Path, name: str, text: str | None, says: str
) -> None:
    """The message names the variable and what is accepted."""
    file = tmp_path / "given"
    if text is not None:
        file.write_text(text)
    with pytest.raises(SettingInvalid, match=f"^CONCORD_{name.upper()}: ") as refused:
        make_app(settings(**{name: file}), projector=False)
    assert says in str(refused.value)


@pytest.mark.parametrize(
    ("text", "says"),
    [(None, "FileNotFoundError"), ("[[rule", "TOML"), ("[[rule]]\nid = 'a'\n", "rule 1: exactly")],
)
def test_the_api_does_not_start_on_a_wrong_retention_schedule(
    settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str | None, says: str
) -> None:
    """Rather than fail whoever asks what is due."""
    file = tmp_path / "retention.toml"
    if text is not None:
        file.write_text(text)
    monkeypatch.setenv("CONCORD_RETENTION_FILE", str(file))
    with pytest.raises(SettingInvalid, match=r"^CONCORD_RETENTION_FILE: ") as refused:
        make_app(settings(), projector=False)
    assert says in str(refused.value)


def test_the_api_does_not_start_without_its_folder_of_agreements(
    settings: Any, tmp_path: Path
) -> None:
    """The hub has none then, which is no reason to take others."""
    with pytest.raises(SettingInvalid, match=r"^CONCORD_AGREEMENTS_DIR: .*a folder of agreements"):
        make_app(settings(agreements_dir=tmp_path / "gone"), projector=False)


def test_the_api_takes_files_that_are_right(settings: Any, tmp_path: Path) -> None:
    """The made-up county's own areas, and one affordable table."""
    areas, tables = tmp_path / "areas.geojson", tmp_path / "tables.toml"
    areas.write_text(json.dumps(as_geojson()))
    tables.write_text(TABLE.format("0.25"))
    made = settings(
        geography_file=areas, open_tables_file=tables, oidc_issuer="https://issuer.example"
    )
    assert make_app(made, projector=False)


@pytest.mark.parametrize("name", ["rules", "constants", "triggers"])
@pytest.mark.parametrize("text", [None, "[[[", "strange = 1"])
def test_the_tension_worker_does_not_start(
    settings: Any, tmp_path: Path, name: str, text: str | None
) -> None:
    """Nor with a file whose keys it does not know."""
    file = tmp_path / "given.toml"
    if text is not None:
        file.write_text(text)
    if (name, text) == ("triggers", "strange = 1"):
        file.write_text("[[window]]\nstrange = 1\n")
    with pytest.raises(SettingInvalid, match=f"^CONCORD_TENSION_{name.upper()}_FILE: "):
        workers._context(settings(**{f"tension_{name}_file": file}))


def test_an_empty_variable_is_not_set(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """As Compose writes one that its operator leaves out."""
    for name in ("GEOGRAPHY_FILE", "OPEN_TABLES_FILE", "WEBHOOK_PRIVATE_ADDRESSES"):
        monkeypatch.setenv(f"CONCORD_{name}", "")
    made = settings()
    assert (made.geography_file, made.open_tables_file) == (None, None)
    assert ApiSettings(development_issuer=True).webhook_private_addresses is False


def test_the_command_line_says_which_setting(
    settings: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """One line and exit code 2, whoever refuses."""
    for name, value in (("GEOGRAPHY_FILE", "/nowhere"), ("WEBHOOK_PRIVATE_ADDRESSES", "perhaps")):
        with monkeypatch.context() as patch:
            patch.setenv("CONCORD_KAFKA_BOOTSTRAP", "127.0.0.1:1")
            patch.setenv("CONCORD_DATA_DIR", str(tmp_path))
            patch.setenv(f"CONCORD_{name}", value)
            patch.setattr("sys.argv", ["concord", "api"])
            with pytest.raises(SystemExit) as ended:
                cli.main()
        assert ended.value.code == 2
        assert f"concord: CONCORD_{name}: " in capsys.readouterr().err

"""What is generated from the Avro files is up to date, and the Avro files evolve compatibly."""

from __future__ import annotations

import hashlib
import json

import fastavro
import jsonschema
import pytest

from schemas import codec, generate, shape
from tests.unit.schemas.test_codec import example


def test_generated_files_are_up_to_date() -> None:
    """`make generate` would change nothing."""
    assert generate.main(["--check"]) == 0


def test_drift_is_found(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The check can fail."""
    outputs = {path: text + "#" for path, text in generate.outputs().items()}
    monkeypatch.setattr(generate, "outputs", lambda: outputs)

    assert generate.main(["--check"]) == 1
    assert "out of date: schemas/records.py" in capsys.readouterr().out


@pytest.mark.parametrize("name", codec.NAMES)
def test_examples_conform_to_the_generated_json_schema(name: str) -> None:
    """The JSON form that partners can check with any validator."""
    schema = json.loads(generate.json_source(name))

    jsonschema.Draft202012Validator(schema).validate(shape.to_json(name, example(name)))


@pytest.mark.parametrize("name", codec.NAMES)
def test_every_field_has_a_meaning_and_named_types_are_unique(name: str) -> None:
    """A doc on each field; a reader can do without us."""

    def walk(type_: object) -> None:
        if isinstance(type_, list):
            for branch in type_:
                walk(branch)
        elif isinstance(type_, dict):
            if type_["type"] == "record":
                assert type_["doc"]
                for field in type_["fields"]:
                    assert field["doc"], f"{name}: {field['name']} has no doc"
                    walk(field["type"])
            walk(type_.get("items"))
            walk(type_.get("values"))

    walk(codec.source(name))


@pytest.mark.parametrize("name", codec.NAMES)
def test_schemas_may_gain_and_lose_only_fields_with_defaults(name: str) -> None:
    """FULL_TRANSITIVE in practice: optional fields have the default null or empty."""
    for field in codec.source(name)["fields"]:
        if isinstance(field["type"], list):
            assert field["type"][0] == "null"
            assert field["default"] is None


@pytest.mark.parametrize("name", codec.NAMES)
def test_the_parsing_canonical_form_is_stable_text(name: str) -> None:
    """What registries compare by: it does not depend on docs or layout."""
    canonical = fastavro.schema.to_parsing_canonical_form(codec.source(name))

    assert hashlib.sha256(canonical.encode()).hexdigest()
    assert (
        fastavro.schema.to_parsing_canonical_form(json.loads(codec.schema_text(name))) == canonical
    )

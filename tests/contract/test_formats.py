"""Every source format keeps the registry's promises: a module, an example, a test."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

import pytest

from producers import formats as package
from producers.check import check
from producers.formats import Format, formats

EXAMPLES = Path(str(resources.files("producers").joinpath("examples")))
MODULES = [path for path in Path(package.__path__[0]).glob("*.py") if path.stem != "__init__"]


@pytest.fixture(params=sorted(formats()))
def format_(request: pytest.FixtureRequest) -> Format:
    """Each format in turn."""
    return formats()[request.param]


def test_the_three_formats_to_start_with_are_there() -> None:
    """More may come."""
    assert {"hub-json", "csv-template", "nypd-hate-crimes"} <= set(formats())


def test_every_module_is_one_format() -> None:
    """None is left undiscovered, and its name is its module's."""
    assert {path.stem.replace("_", "-") for path in MODULES} == set(formats())


def test_every_format_has_a_test_of_its_own(format_: Format) -> None:
    """Beside the other unit tests."""
    name = f"test_{format_.name.replace('-', '_')}.py"
    assert (Path(__file__).parents[1] / "unit" / "producers" / name).is_file()


def test_every_format_has_an_example_that_passes(format_: Format) -> None:
    """As the command checks it."""
    report = check(EXAMPLES / format_.example, format_)
    assert report.events
    assert report.faults == []


def test_every_record_names_its_source_rows(format_: Format) -> None:
    """Counted from 1, rising within a record."""
    for row in format_.read(EXAMPLES / format_.example):
        assert row.numbers
        assert list(row.numbers) == sorted(set(row.numbers))
        assert row.numbers[0] >= 1


def test_reading_twice_gives_the_same_event_ids(format_: Format) -> None:
    """So that publishing twice doubles nothing."""
    path = EXAMPLES / format_.example
    first, again = check(path, format_), check(path, format_)
    assert [one.event_id for one in first.events] == [one.event_id for one in again.events]


def test_another_formats_example_is_refused_in_one_clear_fault(format_: Format) -> None:
    """Choosing the wrong format is the commonest mistake."""
    for other in formats().values():
        if other.name != format_.name:
            report = check(EXAMPLES / other.example, format_)
            assert report.events == []
            assert len(report.faults) == 1

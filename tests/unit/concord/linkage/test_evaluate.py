"""Any labelled file can be evaluated; what cannot be used is named."""

from __future__ import annotations

import csv
import gzip
import io
import json
import random
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from concord.linkage.evaluate import evaluate
from processors.linkage.parameters import ParametersError, load

GIVEN = ("Amina", "Boris", "Chidi", "Dorota", "Esther", "Farhan", "Gwen", "Hamish", "Ingrid", "Jun")
FAMILY = ("Oyelaran", "Petrov", "Quigley", "Rasmussen", "Szabo", "Tamura", "Underwood", "Vasquez")
COLUMNS = """[columns]
id = "number"
truth = "who"
given_names = "first"
family_name = "last"
date_of_birth = "born"
street = ["line 1", "line 2"]
postcode = "code"
report_group = "side"
household = "home"
"""
HEAD = ("number", "who", "first", "last", "born", "line 1", "line 2", "code", "side", "home")

app = typer.Typer()
app.command()(evaluate)


def people(seed: int = 3) -> list[list[str]]:
    """Sixty persons in twenty homes, each written down three times, once with a slip."""
    chance = random.Random(seed)
    rows = []
    for who in range(60):
        given, family = chance.choice(GIVEN), FAMILY[who // 3 % len(FAMILY)]
        born = f"{chance.randint(1, 28):02d}/{chance.randint(1, 12):02d}/{1940 + who}"
        home = [f"{who // 3 + 1} Mill Road", "Dunmoor", f"CX{who // 3 + 1} 4GH"]
        side = "north" if who % 2 else "south"
        for time in range(3):
            name = given[:-1] if time == 2 else given
            rows.append([f"{who}-{time}", str(who), name, family, born, *home, side, str(who // 3)])
    chance.shuffle(rows)
    return rows


def write(folder: Path, rows: list[list[str]], name: str = "people.csv") -> Path:
    """Write a labelled file and its map; gives the file."""
    path = folder / name
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(HEAD)
    writer.writerows(rows)
    data = text.getvalue().encode()
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    (folder / "people.toml").write_text(COLUMNS)
    return path


def ask(path: Path, *options: str, code: int = 0) -> str:
    """Run the command; its output, or its complaint."""
    given = ["--records", str(path), "--columns", str(path.parent / "people.toml"), *options]
    result = CliRunner().invoke(app, given)
    assert result.exit_code == code, result.output
    return result.stdout if code == 0 else result.output


@pytest.mark.timeout(240)
def test_a_labelled_file_is_trained_linked_and_measured(tmp_path: Path) -> None:
    """All figures are there; three mentions of each person come together, nobody else's."""
    answer = json.loads(ask(write(tmp_path, people()), "--json"))
    assert answer["records"] == 180
    assert answer["training_refused"] is None
    assert answer["entities"] == {"true": 60, "found": pytest.approx(60, abs=4)}
    assert answer["clusters"]["f1"] > 0.95
    assert set(answer["links"]) == {"precision", "recall", "f1"}
    assert set(answer["review"]) == {"pairs", "caught_missed", "caught_wrong"}
    assert answer["households"]["multi_person"] == 20
    assert set(answer["groups"]) == {"north", "south"}
    assert {"records_per_second", "p50_us", "p99_us", "p999_us", "max_us"} <= set(answer["speed"])
    assert answer["speed"]["train_seconds"] > 0


@pytest.mark.timeout(240)
def test_order_and_compression_change_nothing_but_speed(tmp_path: Path) -> None:
    """The same predictions from a compressed file in another order."""
    said = []
    for name, order in (("people.csv", "given"), ("people.csv.gz", "shuffled")):
        out = tmp_path / f"{order}.csv"
        path = write(tmp_path, people(), name)
        ask(path, "--order", order, "--predictions", str(out), "--seed", "5")
        clusters: dict[str, set[str]] = {}
        with out.open() as file:
            for row in csv.DictReader(file):
                clusters.setdefault(row["cluster"], set()).add(row["id"])
        said.append({frozenset(each) for each in clusters.values()})
    assert said[0] == said[1]


@pytest.mark.parametrize(
    ("columns", "complaint"),
    [
        ('[columns]\nid = "number"\n', "truth must be named"),
        ('[columns]\nid = "number"\ntruth = "who"\nshoe_size = "x"\n', "unknown: shoe_size"),
        ('[columns]\nid = "number"\ntruth = "nobody"\n', "has no column nobody"),
        ('[columns]\nid = "side"\ntruth = "who"\n', "'side' must differ in every row"),
        ('[columns]\nid = 3\ntruth = "who"\n', "'id' must be a column's name"),
        ("[columns", "not TOML"),
    ],
)
def test_a_map_that_does_not_fit_is_named(tmp_path: Path, columns: str, complaint: str) -> None:
    """The message says what is wrong and what would do."""
    path = write(tmp_path, people()[:4])
    (tmp_path / "people.toml").write_text(columns)
    assert complaint in " ".join(ask(path, code=2).split())


def test_one_row_cannot_be_trained_on(tmp_path: Path) -> None:
    """Nothing can be learnt of one person alone."""
    assert "at least two" in ask(write(tmp_path, people()[:1]), code=2)


@pytest.mark.timeout(240)
def test_what_training_cannot_learn_comes_with_the_product(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Refused training is said, and the file is linked with the parameters that a hub keeps."""

    def refuse(*_: object, **__: object) -> None:
        raise ParametersError("matches disagree on date_of_birth")

    monkeypatch.setattr("concord.linkage.evaluate.train", refuse)
    answer = json.loads(ask(write(tmp_path, people()), "--json"))
    assert answer["training_refused"] == "matches disagree on date_of_birth"
    assert answer["parameters"] == load().version
    assert answer["clusters"]["f1"] > 0.95

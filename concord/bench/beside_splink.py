"""Splink beside the linkage engine: one file of made-up persons, the same machine, the same minute.

The file is what a scenario's victims and suspects say of themselves, in clear. Splink trains and
predicts on it as a whole; here its rows are linked one after the other with the shipped parameters.
"""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from concord.linkage.evaluate import Order, linked
from concord.scenario import generate
from concord.yardstick.environment import YardstickFailed, YardstickMissing, present, say
from concord.yardstick.splink import splink_yardstick
from processors.linkage.labelled import read
from processors.linkage.parameters import load
from schemas.encoding.encoder import ENCODED_ROLES

RECORDS: Final = 20_000
_MISSING: Final = "Splink is not here; `concord bench linkage --versus splink` installs it"
_PER_INCIDENT: Final = 1.4  # persons of an incident who are linked
_COLUMNS: Final = (
    *("given_names", "family_name", "full_name", "date_of_birth", "age", "sex", "house_number"),
    *("street", "locality", "postcode", "phone", "email"),
)


def beside(seed: int, records: int = RECORDS, *, make: bool = False) -> dict[str, Any]:
    """Rates of both, or why there is none; the yardstick's environment is made only if asked for.

    What is missing is also said aloud, since an answer in figures alone might seem whole.
    """
    if not present() and not make:
        say(f"no rate of Splink beside these: {_MISSING}")
        return {"installed": False, "note": _MISSING}
    with tempfile.TemporaryDirectory(prefix="concord-bench-") as folder:
        path = Path(folder) / "persons.csv"
        count = _write(path, seed, records)
        rows = read(path, {name: (name,) for name in ("id", "truth", *_COLUMNS)})
        measured = linked(rows, seed, Order.given, load())
        try:
            splink = splink_yardstick(path, {name: name for name in _COLUMNS})
        except (YardstickFailed, YardstickMissing) as error:
            say(f"no rate of Splink beside these: {error}")
            return {"installed": present(), "failed": str(error)}
    return {
        "installed": True,
        "records": count,
        "records_per_second": splink["records_per_second"],
        "pairs_per_second": splink["pairs_per_second"],
        "predict_seconds": splink["predict_seconds"],
        "concord_records_per_second": count / float(measured.seconds.sum()),
        "note": "Splink predicts a whole file; concord links one record at a time, clusters kept",
    }


def _write(path: Path, seed: int, records: int) -> int:
    """Write the persons of a scenario; gives how many."""
    count = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("id", "truth", *_COLUMNS))
        for person in _persons(seed, max(50, round(records / _PER_INCIDENT))):
            if count == records:
                break
            writer.writerow((count, count, *_row(person)))
            count += 1
    return count


def _persons(seed: int, incidents: int) -> Iterator[Mapping[str, Any]]:
    for incident in generate(incidents, seed).incidents():
        if incident["version"] == 1:
            yield from (one for one in incident["persons"] if one["role"] in ENCODED_ROLES)


def _row(person: Mapping[str, Any]) -> list[str]:
    home = person["address"] or {}
    values = {
        **{name: person.get(name) for name in _COLUMNS},
        "house_number": home.get("house"),
        **{name: home.get(name) for name in ("street", "locality", "postcode")},
        "sex": None if person["sex"] == "unknown" else person["sex"],
        "phone": person["phones"][0] if person["phones"] else None,
        "email": person["emails"][0] if person["emails"] else None,
    }
    return ["" if values[name] is None else str(values[name]) for name in _COLUMNS]

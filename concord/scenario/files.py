"""A scenario on disk: one file of hub JSON for each agency, the truth, the county, a few words."""

from __future__ import annotations

import json
from pathlib import Path

from concord.scenario import county
from concord.scenario.scenario import Scenario
from schemas import shape

_README = """A made-up county, {incidents} incidents, seed {seed}, {since} to {until}.
No person, address or number in it is real. One file of hub JSON lines for each agency
(`concord publish FILE --format hub-json --agency ID`), truth.json says who is who.
"""


def write(scenario: Scenario, folder: Path) -> list[Path]:
    """Write the scenario into a folder, made if need be. Gives the files, agencies' first."""
    folder.mkdir(parents=True, exist_ok=True)
    lines: dict[str, list[str]] = {agency.id: [] for agency in scenario.agencies}
    for event in scenario.events:
        value = _lean({"record": event.record.partition(".")[0], **event.value})
        line = json.dumps(value, ensure_ascii=False, default=shape.timestamp_text)
        lines[event.value["agency"]].append(line)
    made = []
    for agency, rows in lines.items():
        made.append(folder / f"{agency}.ndjson")
        made[-1].write_text("".join(f"{row}\n" for row in rows), "utf-8")
    count = sum(1 for incident in scenario.incidents() if incident["version"] == 1)
    texts = {
        "truth.json": json.dumps(_truth(scenario), ensure_ascii=False, indent=1),
        "county.json": json.dumps(county.as_json(), ensure_ascii=False, indent=1),
        "README": _README.format(
            incidents=count, seed=scenario.seed, since=scenario.since, until=scenario.until
        ),
    }
    for name, text in texts.items():
        made.append(folder / name)
        made[-1].write_text(text, "utf-8")
    return made


def _lean(value: dict[str, object]) -> dict[str, object]:
    """Leave out what is empty: the reader fills it in."""
    return {
        key: [_lean(one) if isinstance(one, dict) else one for one in kept]
        if isinstance(kept, list)
        else _lean(kept)
        if isinstance(kept, dict)
        else kept
        for key, kept in value.items()
        if kept is not None and kept != []
    }


def _truth(scenario: Scenario) -> dict[str, object]:
    agencies = [
        {"id": row.id, "name": row.name, "type": row.type, "recording_regime": row.recording_regime}
        for row in scenario.agencies
    ]
    return {"seed": scenario.seed, "agencies": agencies, **scenario.truth.to_json()}

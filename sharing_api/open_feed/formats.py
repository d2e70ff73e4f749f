"""Open publications as JSON, CSV and GeoJSON: pure functions of what was published.

Their bytes depend on published values alone, so neither size nor digest tells more.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from schemas.shape import timestamp_text
from sharing_api.feeds.csv_text import csv_text
from sharing_api.geography import Geography
from sharing_api.open_feed.reading import Published

COLUMNS = (
    "table",
    "period",
    "first_day",
    "last_day",
    "area",
    "area_name",
    "strand",
    "value",
    "band",
)


def cells(published: Sequence[Published], geography: Geography) -> Iterator[dict[str, Any]]:
    """Every cell with the table and period that it belongs to."""
    for one in published:
        about = {name: one.record[name] for name in ("table", "period", "first_day", "last_day")}
        for cell in one.record["cells"]:
            yield {**about, "area_name": geography.name_of(cell["area"]), **cell}


def as_json(published: Sequence[Published], geography: Geography) -> dict[str, Any]:
    """Publications with their cells."""
    return {
        "publications": [
            {
                "sequence": one.sequence,
                **{
                    name: one.record[name]
                    for name in ("table", "period", "first_day", "last_day", "epsilon")
                },
                "published_at": timestamp_text(one.record["drawn_at"]),
                "cells": [
                    {"area_name": geography.name_of(cell["area"]), **cell}
                    for cell in one.record["cells"]
                ],
            }
            for one in published
        ]
    }


def as_csv(published: Sequence[Published], geography: Geography) -> str:
    """One line for each cell."""
    return csv_text(COLUMNS, cells(published, geography))


def as_geojson(published: Sequence[Published], geography: Geography) -> dict[str, Any]:
    """One feature for each cell; an area without a boundary has no geometry (RFC 7946, 3.2)."""
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "id": "/".join((cell["table"], cell["period"], cell["area"], cell["strand"])),
                "geometry": geography.geometry_of(cell["area"]),
                "properties": cell,
            }
            for cell in cells(published, geography)
        ],
    }

"""Faust topics as the hub uses them."""

from __future__ import annotations

from typing import Any

import faust


def raw_topic(app: faust.App, name: str) -> Any:
    """Give a Faust topic whose keys and values stay bytes."""
    return app.topic(
        name, key_type=bytes, value_type=bytes, key_serializer="raw", value_serializer="raw"
    )

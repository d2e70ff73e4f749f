"""The API's own description (OpenAPI 3.1), put right where the framework cannot say it."""

from __future__ import annotations

import json
from importlib import resources
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from sharing_api.problems import ProblemDetails, documented

EVENT_SCHEMAS = {"Incident": "incident.v1", "TensionReport": "tension-report.v1"}
"""Records that partners send, by their name in the description."""

SUMMARY = "Correlates hate incidents across agencies and shares no more than an agreement allows."
TEXT = """
Every request under `/v1` states its purpose in the header `Concord-Purpose`. Every answer with data
has passed the release gate: it names its entry in the ledger (`Concord-Ledger-Reference`) and what
the receiver must keep to (`Concord-Obligation`, codes; in full in the body). A record that does not
exist and one that may not be released to you are answered alike. Errors are problem details (RFC
9457).
"""


def describe(app: FastAPI) -> dict[str, Any]:
    """OpenAPI of this app; made once."""
    if app.openapi_schema is None:
        made = get_openapi(
            title="Concord",
            version=app.version,
            summary=SUMMARY,
            description=TEXT,
            routes=app.routes,
        )
        schemas = made.setdefault("components", {}).setdefault("schemas", {})
        schemas |= _problem_schemas()
        schemas |= {name: _event_schema(record) for name, record in EVENT_SCHEMAS.items()}
        for path in made["paths"].values():
            for operation in path.values():
                _purpose_is_required(operation)
                operation["responses"] |= {
                    str(status): entry
                    for status, entry in documented(500).items()
                    if str(status) not in operation["responses"]
                }
        app.openapi_schema = made
    return app.openapi_schema


def _purpose_is_required(operation: dict[str, Any]) -> None:
    for parameter in operation.get("parameters", ()):
        _never_null(parameter)
        if parameter["name"] == "Concord-Purpose":
            parameter["required"] = True
            parameter["schema"].pop("default", None)


def _never_null(parameter: dict[str, Any]) -> None:
    """Leave out what the framework says of optional parameters: none of them can say null."""
    branches = [one for one in parameter["schema"].pop("anyOf", ()) if one != {"type": "null"}]
    if len(branches) == 1:
        parameter["schema"] |= branches[0]
    elif branches:
        parameter["schema"]["anyOf"] = branches


def _problem_schemas() -> dict[str, Any]:
    schema = ProblemDetails.model_json_schema(ref_template="#/components/schemas/{model}")
    inner = schema.pop("$defs", {})
    return {"ProblemDetails": schema, **inner}


def _event_schema(record: str) -> dict[str, Any]:
    """The record's JSON Schema as this API takes it: the agency may be left to the token."""
    text = resources.files("schemas").joinpath("json", f"{record}.schema.json").read_text("utf-8")
    schema: dict[str, Any] = json.loads(text)
    nested = [name for name, inner in schema["properties"].items() if inner.get("required")]
    required = sorted({*schema["required"], *nested} - {"agency"})
    left_out = {"$schema", "$id"}
    kept = {name: value for name, value in schema.items() if name not in left_out}
    return {**kept, "required": required}

"""The API's own description (OpenAPI 3.1), put right where the framework cannot say it."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from sharing_api.problems import ProblemDetails, documented

SUMMARY = "Correlates hate incidents across agencies and shares no more than an agreement allows."
TEXT = """
Every request under `/v1` states its purpose in the header `Concord-Purpose`. Every answer with data
has passed the release gate: it names its entry in the ledger (`Concord-Ledger-Sequence`) and what
the receiver must keep to (`Concord-Obligation`). A record that does not exist and one that may not
be released to you are answered alike. Errors are problem details (RFC 9457).
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
        if parameter["name"] == "Concord-Purpose":
            parameter["required"] = True
            parameter["schema"].pop("default", None)


def _problem_schemas() -> dict[str, Any]:
    schema = ProblemDetails.model_json_schema(ref_template="#/components/schemas/{model}")
    inner = schema.pop("$defs", {})
    return {"ProblemDetails": schema, **inner}

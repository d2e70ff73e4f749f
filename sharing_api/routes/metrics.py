"""Metrics in Prometheus' text format; counts only, no identities, no ids, no agencies."""

from __future__ import annotations

from fastapi import APIRouter
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.responses import Response

from sharing_api.auth.requests import Given

router = APIRouter(tags=["operations"])


@router.get(
    "/metrics",
    response_class=Response,
    responses={200: {"description": "Prometheus text", "content": {"text/plain": {}}}},
    summary="Metrics for Prometheus",
)
async def metrics(services: Given) -> Response:
    """Request times by route template, decisions, projector's lag."""
    return Response(services.metrics.exposition(), media_type=CONTENT_TYPE_LATEST)

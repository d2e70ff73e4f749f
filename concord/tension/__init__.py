"""Measuring how tension is seen: simulated counties, labelled series, the hub's own history."""

from __future__ import annotations

"""Tension by place and group: pure rules over accepted items, which hold no person.

A machine proposes a level; a person sets it.
"""

from __future__ import annotations

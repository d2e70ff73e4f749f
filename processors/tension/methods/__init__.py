"""Detection methods: pure functions from integer counts to numbers, each with its source.

An array of counts has one row for each series and one column for each day or week, the oldest
first. No function keeps anything, knows a place or a name, or decides what is done about a number.
"""

from __future__ import annotations

"""When linked incidents become an alert: pure rules over entity snapshots.

What lives here knows counts, links and time; it never sees an identity.
"""

from __future__ import annotations

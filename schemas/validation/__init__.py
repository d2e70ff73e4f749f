"""Rules that an event of the right shape must also keep: codes, dates, limits, consistency.

Every rule answers with a fault that names the field, the rule and what would be accepted, and
never a value of the event. Shape (types, required fields) is `schemas.shape`; what an agency may
send and what its recording regime keeps is decided at intake.
"""

from __future__ import annotations

from schemas.validation.incident import validate_incident
from schemas.validation.tension import validate_tension_report

__all__ = ["validate_incident", "validate_tension_report"]

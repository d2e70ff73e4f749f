"""Reporting delay: the share of what happened that is known after so many days.

Delays seen so far are cut off by today, on the right; the product-limit in reversed time corrects
for that (Lawless, "Adjustments for reporting delays and the prediction of occurred but not reported
events", Canadian Journal of Statistics 22, 1994).
"""

from __future__ import annotations

import numpy as np

from processors.tension.methods.arrays import Counts, Reals


def completeness(delays: Counts, seen_for: Counts, days: int) -> Reals:
    """The share known within 0, 1 … `days` - 1 days, of what is known within `days`.

    One entry for each report: its delay in days, and for how many days its day has been watched.
    Without reports everything is taken to be known at once.
    """
    kept = (delays >= 0) & (delays < days) & (delays <= seen_for)
    late, watched = delays[kept], np.minimum(seen_for[kept], days - 1)
    share = np.ones(days)
    for lag in range(days - 1, 0, -1):
        at = np.count_nonzero((late == lag) & (watched >= lag))
        risk = np.count_nonzero((late <= lag) & (watched >= lag))
        share[lag - 1] = share[lag] * (1.0 - at / risk if risk > at else 1.0)
    return share

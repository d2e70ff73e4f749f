"""Discrete Laplace noise, sampled exactly: whole numbers and a secret coin decide, never a float.

P(Z = z) = (1 - e^-eps) / (1 + e^-eps) * e^(-eps * |z|), Algorithms 1 and 2 of Canonne, Kamath and
Steinke, "The Discrete Gaussian for Differential Privacy" (2020). A floating-point sampler would
leave gaps by which noise can be told (Mironov 2012).
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from fractions import Fraction

Below = Callable[[int], int]
"""Gives a whole number from 0 up to, not including, its argument, each equally likely."""


def discrete_laplace(epsilon: Fraction, below: Below = secrets.randbelow) -> int:
    """Draw one value. Raises ValueError unless epsilon is above 0."""
    if epsilon <= 0:
        raise ValueError("epsilon must be above 0")
    s, t = epsilon.numerator, epsilon.denominator
    while True:
        u = below(t)
        if not _exp_minus(u, t, below):
            continue
        v = 0
        while _exp_minus(1, 1, below):
            v += 1
        magnitude = (u + t * v) // s
        negative = below(2) == 1
        if not (negative and magnitude == 0):
            return -magnitude if negative else magnitude


def _exp_minus(numerator: int, denominator: int, below: Below) -> bool:
    """Toss a coin that shows True with probability e^-(numerator/denominator), at most 1."""
    k = 1
    while below(denominator * k) < numerator:
        k += 1
    return k % 2 == 1

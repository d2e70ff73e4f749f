"""Retention, erasure, subject access: what a person may ask, and what time itself asks.

Nothing is erased on one person's word: somebody asks, another approves, and until it is carried
out it can be called off. `schedule` and `wording` are pure; `erasures` and `reviews` keep what was
decided; `removing` carries it out.
"""

"""Emergencies: asked for by one person, confirmed by another, reviewed afterwards by a third.

Whether an emergency sets a condition aside is for the policy. Here is who said so, until when, and
which releases rest on it; those are found in the ledger, so that none is missed.
"""

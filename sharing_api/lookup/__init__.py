"""Pointer lookup: whether a person is known to the partnership, and whom to ask. Nothing else."""

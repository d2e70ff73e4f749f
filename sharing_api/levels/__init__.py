"""Levels of tension that people set: a machine proposes one, a person decides, time tells."""

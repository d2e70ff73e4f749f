"""Intake: from an agency's bytes to a sealed incident, a tension item and a receipt.

Pure rules live here; the loop that reads and writes topics is `agent.py`. After this package no
processor, topic or log holds a person in clear.
"""

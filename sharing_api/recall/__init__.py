"""Recall: who received what is no longer true or no longer permitted, and what became of telling.

`facts` and `rules` are pure: past disclosures and what changed in, notices due out. `sources` reads
both from the store, `notices` keeps what was found, `sending` writes to recipients, and `course`
runs them over and over. A notice names fields and what to do, never a value.
"""

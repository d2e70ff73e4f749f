"""The life of a sharing agreement: drafted, tested, approved, in force, and over.

`states` is the pure machine, `records` keeps versions and events, `desk` is where officers act,
`keeper` lets the policy follow. What a text means is not decided here: that is `policies`.
"""

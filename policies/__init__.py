"""Who may receive what, and why: Rego rules, agreements as data, and two engines behind one port.

Nothing here reads a record's contents or a database; `sharing_api.release` does, after asking.
"""

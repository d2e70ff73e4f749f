"""Foreign packages that linkage is measured with: public data sets, and Splink as the yardstick.

They live in an environment of their own and are never imported by the hub.
"""

"""Webhooks: what agencies subscribe to is posted to them, signed, until they say that they have it.

`subscriptions` and `outbox` are rows; whoever has something to tell calls `outbox.enqueue` in its
own transaction. `delivery` posts what is due; `addresses` says where it may be posted to.
"""

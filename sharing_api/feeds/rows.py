"""Where each feed stands: what those who see the same were shown, and under which number.

Numbers count what was shown and nothing else, so that what an agreement withholds changes none.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from sharing_api.store.base import Base


class FeedViewRow(Base):
    """A feed as everybody sees it who asks alike. `position`: how far the store was looked through.

    `last` is the last number given.
    """

    __tablename__ = "feed_views"

    view_id: Mapped[str] = mapped_column(Text, primary_key=True)
    position: Mapped[int] = mapped_column(BigInteger)
    last: Mapped[int] = mapped_column(BigInteger)


class FeedNumberRow(Base):
    """A record's latest number in a feed, and a digest of what was shown of it then.

    `place` is the change of the store that was looked at; `called` what the record is called in
    the feed, none where that is its id since before this was kept.
    """

    __tablename__ = "feed_numbers"
    __table_args__ = (Index(None, "view_id", "number", unique=True),)

    view_id: Mapped[str] = mapped_column(Text, primary_key=True)
    record_id: Mapped[str] = mapped_column(Text, primary_key=True)
    kind: Mapped[str] = mapped_column(Text)
    number: Mapped[int] = mapped_column(BigInteger)
    place: Mapped[int] = mapped_column(BigInteger)
    digest: Mapped[str] = mapped_column(Text)
    called: Mapped[str | None] = mapped_column(Text)

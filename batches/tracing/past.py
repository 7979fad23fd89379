"""The links as they were on record at an earlier moment, for "as known at".

What was posted since is left out, what was voided since is put back. Times of arrival are
as they are recorded now: when an arrival was entered is not kept.
"""

from collections.abc import Callable
from datetime import datetime

from batches.tracing import sql
from batches.tracing.graph import LINK, Frontier, among


def links_known_at(direction: str, moment: datetime) -> Callable[[Frontier], list[tuple]]:
    """What `graph.walk` asks for the links of a frontier, as known at `moment`.

    One query more per level than the present takes, and one for all that was voided since.
    """
    present = sql.links_of(direction)
    voided = among(sql.voided_since(moment), direction)

    def fetch(frontier: Frontier) -> list[tuple]:
        rows = present(frontier)
        late = sql.posted_after(moment, [row[LINK] for row in rows])
        return [row for row in rows if row[LINK] not in late] + voided(frontier)

    return fetch

"""One row of the queue, and how its parts are written."""

from dataclasses import dataclass
from datetime import datetime

from django.urls import NoReverseMatch, reverse


@dataclass(frozen=True)
class Item:
    """One row of the queue. Smaller `rank` is worse; `permission` is what the action needs.

    `more` of the action is heard and not seen, for the column is narrow.
    `count` is how many of what waits it stands for: the mails of one recall are one row.
    """

    rank: int
    since: datetime
    key: str
    icon: str
    title: str
    detail: str
    record: str
    record_url: str
    record_detail: str
    owner: str
    action: str
    action_url: str
    permission: str = ""
    more: str = ""
    count: int = 1


def address(name: str, *args) -> str:
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""


def first_sentence(text: str) -> str:
    """What is the matter; what to do about it stands where it is done."""
    return f"{text.split('. ', 1)[0].rstrip('.')}." if ". " in text else text

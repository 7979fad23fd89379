"""A mail as a row: content fixed, a Message-ID for good, and the lines that it names."""

import uuid

from django.conf import settings

from recalls import mail
from recalls.models import MessageFile, Notice, NoticeFile, NoticeLine, ScopeLine


def letter(version, content: mail.Content, *, at, due=None, recall=None, **fields) -> Notice:
    """A notice that is owed from `due` on, or at once; with no version, of `recall` or of none."""
    domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].rstrip("> ") or "localhost"
    return Notice(
        recall=version.recall if version else recall,
        version=version,
        message_id=f"<{uuid.uuid4().hex}.{version.number if version else 0}@{domain}>",
        subject=content.subject,
        text=content.text,
        html=content.html,
        not_before=due or at,
        created_at=at,
        **fields,
    )


def join(notices: list[Notice], lines: dict[str, list[ScopeLine]]) -> None:
    NoticeLine.objects.bulk_create(
        (NoticeLine(notice=row, line=line) for row in notices for line in lines[row.address_key]),
        batch_size=2000,
    )


def join_files(notices: list[Notice]) -> None:
    """The pictures of the recall as they are now go out with these notices."""
    if not notices:
        return
    files = list(
        MessageFile.objects.filter(recall=notices[0].recall_id, removed_at__isnull=True)
        .defer("content")
        .order_by("pk")
    )
    NoticeFile.objects.bulk_create(
        (NoticeFile(notice=row, file=file) for row in notices for file in files), batch_size=2000
    )

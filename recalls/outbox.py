"""A local outbox: mail as .eml files in `settings.OUTBOX_DIR`, for sites without a mail server."""

import os
import re
import smtplib
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from itertools import takewhile
from pathlib import Path

from django.conf import settings
from django.core.mail.backends.base import BaseEmailBackend

_NAME = re.compile(r"[0-9]{20}-[0-9a-f]{32}\.eml")


class EmailBackend(BaseEmailBackend):
    """Writes every message to a file of its own; it is whole on the disk, or not there.

    Like any mail server it refuses addresses under `.invalid`, which never exist (RFC 2606).
    """

    def send_messages(self, email_messages) -> int:
        folder = Path(settings.OUTBOX_DIR)
        folder.mkdir(parents=True, exist_ok=True)
        for message in email_messages:
            _refuse_invalid(message.recipients())
            name = f"{datetime.now(UTC):%Y%m%d%H%M%S%f}-{uuid.uuid4().hex}.eml"
            draft = folder / f".{name}"
            with draft.open("wb") as file:
                file.write(message.message().as_bytes())
                file.flush()
                os.fsync(file.fileno())
            draft.rename(folder / name)
        return len(email_messages)


def _refuse_invalid(addresses) -> None:
    refused = {a: (550, b"5.1.1 Address unknown") for a in addresses if a.endswith(".invalid")}
    if refused:
        raise smtplib.SMTPRecipientsRefused(refused)


@dataclass(frozen=True)
class Letter:
    """One mail of the outbox; `attachments` are (name, content type, bytes)."""

    name: str
    at: datetime
    to: str
    subject: str
    message_id: str
    text: str = ""
    html: str = ""
    attachments: tuple[tuple[str, str, bytes], ...] = ()


def names() -> list[str]:
    """The names of all letters, newest first."""
    folder = Path(settings.OUTBOX_DIR)
    if not folder.is_dir():
        return []
    return sorted((f.name for f in folder.iterdir() if _NAME.fullmatch(f.name)), reverse=True)


def letters(wanted: Iterable[str] | None = None) -> list[Letter]:
    """The letters of these names, or all, newest first; without their bodies."""
    wanted = names() if wanted is None else wanted
    return [found for name in wanted if (found := _read(name, False))]


def letter(name: str) -> Letter | None:
    """One letter with both bodies; None if there is none of that name."""
    return _read(name, True)


def _read(name: str, whole: bool) -> Letter | None:
    if not _NAME.fullmatch(name):
        return None
    try:
        with (Path(settings.OUTBOX_DIR) / name).open("rb") as file:
            content = file.read() if whole else _head(file)
    except FileNotFoundError:
        return None
    message = message_from_bytes(content, policy=policy.default)
    return Letter(
        name=name,
        at=datetime.strptime(name[:20], "%Y%m%d%H%M%S%f").replace(tzinfo=UTC),
        to=str(message["To"]),
        # A subject that needs long coding begins on the line below its name.
        subject=str(message["Subject"]).strip(),
        message_id=str(message["Message-ID"]),
        **(_contents(message) if whole else {}),
    )


def _head(file) -> bytes:
    """The lines up to the first empty one; bodies and attachments stay on the disk."""
    return b"".join(takewhile(bytes.strip, file))


def _contents(message) -> dict:
    text, html = (message.get_body(preferencelist=(kind,)) for kind in ("plain", "html"))
    return {
        "text": text.get_content() if text else "",
        "html": html.get_content() if html else "",
        "attachments": tuple(
            (part.get_filename() or "", part.get_content_type(), part.get_payload(decode=True))
            for part in message.iter_attachments()
        ),
    }

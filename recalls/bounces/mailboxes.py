"""Where mail that came back is fetched: a maildir, or a mailbox by IMAP.

What is unread is read, and then marked as read. Nothing is deleted.
"""

import imaplib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import unquote, urlsplit

TIMEOUT = 20
# A report is short; a mail that is not is cut, and what is behind is no report.
MOST_BYTES = 1_000_000

Take = Callable[[bytes], None]


def read_unread(url: str, take: Take, limit: int) -> int:
    """Calls `take` with each unread mail, up to `limit`; returns how many there were.

    A mail is marked as read when `take` came back: one that could not be kept comes again.
    """
    parts = urlsplit(url)
    if parts.scheme == "maildir":
        return _read_maildir(Path(unquote(parts.path)), take, limit)
    if parts.scheme in {"imap", "imaps"} and parts.hostname:
        return _read_imap(parts, take, limit)
    raise ValueError("BOUNCE_MAILBOX must be maildir:/path or imap(s)://user:password@host/folder.")


def _read_maildir(folder: Path, take: Take, limit: int) -> int:
    """New mail is in `new`, mail that somebody has seen in `cur`, with an S behind its name."""
    (folder / "new").stat()  # A folder that is not there is a fault, not an empty mailbox.
    count = 0
    for path in [*_unseen(folder)][:limit]:
        with suppress(FileNotFoundError):  # Another worker was quicker.
            with path.open("rb") as file:
                content = file.read(MOST_BYTES)
            take(content)
            base, _, flags = path.name.partition(":2,")
            path.rename(folder / "cur" / f"{base}:2,{''.join(sorted({*flags, 'S'}))}")
            count += 1
    return count


def _unseen(folder: Path) -> Iterator[Path]:
    for name in ("new", "cur"):
        for path in sorted((folder / name).iterdir()):
            if path.is_file() and "S" not in path.name.partition(":2,")[2]:
                yield path


def _read_imap(parts, take: Take, limit: int) -> int:
    with _opened(parts) as box:
        found = _answer(box.uid("SEARCH", "UNSEEN"))[0] or b""
        keys = found.split()[:limit]
        for key in keys:
            answer = _answer(box.uid("FETCH", key.decode(), f"(BODY.PEEK[]<0.{MOST_BYTES}>)"))
            content = next((part[1] for part in answer if isinstance(part, tuple)), b"")
            take(content)
            _answer(box.uid("STORE", key.decode(), "+FLAGS", r"(\Seen)"))
    return len(keys)


@contextmanager
def _opened(parts):
    kind = imaplib.IMAP4_SSL if parts.scheme == "imaps" else imaplib.IMAP4
    port = parts.port or (993 if parts.scheme == "imaps" else 143)
    box = kind(parts.hostname, port, timeout=TIMEOUT)
    try:
        box.login(unquote(parts.username or ""), unquote(parts.password or ""))
        folder = unquote(parts.path.strip("/")) or "INBOX"
        quoted = folder.replace("\\", r"\\").replace('"', r"\"")
        _answer(box.select(f'"{quoted}"'))
        yield box
    finally:
        with suppress(OSError, imaplib.IMAP4.error):
            box.logout()


def _answer(reply):
    state, answer = reply
    if state != "OK":
        raise imaplib.IMAP4.error(f"The mailbox refuses: {answer!r}")
    return answer

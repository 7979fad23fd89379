"""What a mail that came back says: RFC 3464 reports, and the older kinds where they are clear.

Whatever cannot be read with certainty is no bounce: a vacation note must not look like one.
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes, message_from_string, policy
from email.message import Message

from recalls.bounces.address import attempts_named

RETURNED, DELAYED = "returned", "delayed"
# Where the address that a report came to may stand; the body says what anybody likes.
_ENVELOPE = (
    "Delivered-To",
    "X-Original-To",
    "X-Delivered-To",
    "Envelope-To",
    "X-Envelope-To",
    "X-Rcpt-To",
    "To",
    "Cc",
    "Received",
)
_CODE = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.])")
# An SMTP reply at the start of what a server said, without an enhanced code.
_REPLY = re.compile(r"(?:^|said:|reason:|:)\s*(?:smtp;\s*)?\(?([45]\d\d)[ -]", re.I | re.M)
_DAEMON = re.compile(r"mailer-daemon|postmaster|mail delivery (?:sub)?system", re.I)
_SAYS_FAILED = re.compile(
    r"undeliver|delivery (?:status notification \(fail|fail|error)|failure notice|returned mail"
    r"|mail delivery failed|returning message to sender|unzustellbar",
    re.I,
)
_SAYS_DELAYED = re.compile(r"delay|warning|verzögert", re.I)
_ADDRESS = re.compile(r"[^\s<>()\[\]:;,\"]+@[^\s<>()\[\]:;,\"]+")
_LOOKED_AT = 20_000


@dataclass(frozen=True)
class Report:
    """`kind` is RETURNED, DELAYED, or empty when it reports neither.

    `attempt` is (notice, number); None with `is_forged` when the signature is not ours.
    """

    sha256: str
    attempt: tuple[int, int] | None = None
    is_forged: bool = False
    kind: str = ""
    code: str = ""
    text: str = ""
    is_unreadable: bool = False


def read_report(content: bytes) -> Report:
    """Never raises, whatever the bytes are."""
    digest = hashlib.sha256(content).hexdigest()
    try:
        lines = content.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        message = message_from_bytes(lines, policy=policy.compat32)
        named, is_forged = attempts_named(_came_to(message))
        kind, code, text = _said(message)
    except Exception:  # The parser fails in many ways on broken MIME; none of them is a bounce.
        return Report(digest, is_unreadable=True)
    attempt = named[0] if named else None
    return Report(digest, attempt, is_forged and not named, kind, code, _plain(text))


def _came_to(message: Message) -> str:
    return "\n".join(str(value) for name in _ENVELOPE for value in message.get_all(name, []))


def _said(message: Message) -> tuple[str, str, str]:
    """Kind, code and words of a report."""
    blocks = [block for part in message.walk() for block in _blocks(part)]
    told = [(_kind(block), block) for block in blocks if block.get("Action") or block.get("Status")]
    for wanted in (RETURNED, DELAYED):
        for kind, block in told:
            if kind == wanted:
                text = str(block.get("Diagnostic-Code") or block.get("Status") or "")
                return kind, _code(str(block.get("Status", "")), text), text
    return ("", "", "") if told else _old_style(message)


def _blocks(part: Message) -> Iterator[Message]:
    """The blocks of fields in a delivery status, one about the mail and one per recipient."""
    if part.get_content_type() != "message/delivery-status":
        return
    payload = part.get_payload()
    if isinstance(payload, list):
        yield from payload
    else:
        raw = part.get_payload(decode=True) or b""
        for block in re.split(r"\n\s*\n", raw.decode(errors="replace").replace("\r\n", "\n")):
            yield message_from_string(block.strip())


def _kind(block: Message) -> str:
    """RFC 3464, 2.3.3: what failed is given up for good, whatever the class of its code."""
    action = str(block.get("Action", "")).strip().lower()
    code = _code(str(block.get("Status", "")))
    if action:
        is_said = not code.startswith("2.")
        return {"failed": RETURNED, "delayed": DELAYED}.get(action.split()[0], "") * is_said
    return {"5": RETURNED, "4": DELAYED}.get(code[:1], "")


def _old_style(message: Message) -> tuple[str, str, str]:
    """Reports without a delivery status: Exim, qmail and others, only where they are plain."""
    has_failed = bool(message.get("X-Failed-Recipients"))
    if not has_failed and not _is_from_a_server(message):
        return "", "", ""
    subject, text = str(message.get("Subject", "")), _first_text(message)
    line = next((row for row in text.splitlines() if _class_of(row)), "")
    kind = {"5": RETURNED, "4": DELAYED}.get(_class_of(line), "")
    # Who gives up says so, whatever the last server's reply was.
    if has_failed or _SAYS_FAILED.search(subject):
        kind = RETURNED
    elif not kind and _SAYS_DELAYED.search(subject):
        kind = DELAYED
    return kind, _code(line), line or subject


def _is_from_a_server(message: Message) -> bool:
    """An empty return path alone is not enough: people's automatic answers have it too."""
    if _DAEMON.search(str(message.get("From", ""))):
        return True
    is_answer = "auto-replied" in str(message.get("Auto-Submitted", "")).lower()
    return not is_answer and str(message.get("Return-Path", "")).strip() == "<>"


def _class_of(line: str) -> str:
    """`5` or `4` where the line holds a server's reply."""
    found = _CODE.search(line) or _REPLY.search(line)
    return found[1][0] if found and found[1][0] in "45" else ""


def _first_text(message: Message) -> str:
    """The human part, without the copy of our own mail behind it."""
    for part in message.walk():
        if part.get_content_type() == "text/plain":
            raw = part.get_payload(decode=True) or b""
            text = raw[:_LOOKED_AT].decode(errors="replace")
            return re.split(r"(?im)^-+ ?.*(?:copy of|original) (?:the )?.*message", text)[0]
    return ""


def _code(*texts: str) -> str:
    return next((found[1] for text in texts if (found := _CODE.search(text))), "")


def _plain(text: str) -> str:
    """In one line, without addresses: what is kept for ever names no person."""
    text = re.sub(r"^\s*(?:smtp|x-[\w-]+|unknown|dns);\s*", "", text, flags=re.I)
    return " ".join(_ADDRESS.sub("the address", text).split())[:300]

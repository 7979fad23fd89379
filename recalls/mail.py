"""One function per kind of mail: renders it into text, and a stored notice into a message.

Knows nothing of retries. Content is rendered once and stored with a placeholder where the
recipient's own link goes, so that the link stands nowhere in the database.
"""

import mimetypes
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from itertools import groupby
from zoneinfo import ZoneInfo

import css_inline
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import get_language, get_language_bidi, gettext

from recalls.bounces.address import return_path
from recalls.links import confirm_link, link_for
from recalls.message.amounts import moment, number
from recalls.message.languages import known
from recalls.message.texts import Texts, audience_of
from recalls.message.words import batch_word, class_word, kind_word
from recalls.models import DrillDuty, Notice, Recall, ScopeLine, ScopeVersion
from recalls.scope.contacts import is_usable

LINK = "https://link.invalid/recipient"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_SUBJECT_LENGTH = 200


@dataclass(frozen=True)
class Content:
    subject: str
    text: str
    html: str


@dataclass(frozen=True)
class Place:
    """What one place is told: its own lines and nobody else's."""

    name: str
    address: str
    lines: list[ScopeLine]


def one_line(text: str) -> str:
    """`text` without control, line-breaking and direction-switching characters."""
    kept = (" " if unicodedata.category(c) in {"Cc", "Zl", "Zp"} else c for c in text)
    return " ".join("".join(c for c in kept if not _switches_direction(c)).split())


def _switches_direction(character: str) -> bool:
    return unicodedata.bidirectional(character) in {
        "LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI",
    }  # fmt: skip


def places_of(lines: list[ScopeLine]) -> list[Place]:
    ordered = sorted(
        lines, key=lambda line: (line.location_code, line.product_code, line.batch_number, line.pk)
    )
    groups = (list(own) for _, own in groupby(ordered, key=lambda line: line.location_code))
    return [Place(g[0].location_name, g[0].location_address, g) for g in groups]


def notice(
    recall: Recall,
    version: ScopeVersion,
    lines: list[ScopeLine],
    language: str,
    texts: Texts,
    is_test: bool = False,
    adds: bool = False,
) -> Content:
    """The recall notice of 21 CFR 7.49: the order first, the batches as printed, what to do.

    It `adds` to what its reader was told before, and names only what is new or changed.
    """
    with translation.override(known(language)):
        context = _notice_context(recall, version, lines, language, texts)
        return _render("notice", context | {"is_test": is_test, "is_addition": adds})


def reminder(
    recall: Recall,
    version: ScopeVersion,
    lines: list[ScopeLine],
    turn: int,
    asked_at: datetime,
    language: str,
    texts: Texts,
) -> Content:
    with translation.override(known(language)):
        context = _notice_context(recall, version, lines, language, texts)
        context |= {"turn": turn, "asked_at": moment(asked_at, zone_of(lines))}
        return _render("reminder", context)


def public_notice(
    recall: Recall,
    batches: list,
    audience: str,
    language: str,
    texts: Texts,
    is_test: bool = False,
) -> Content:
    """What consumers or the press are told; it names batches and nobody's customers."""
    with translation.override(known(language)):
        text = texts.text(audience, language)
        context = {"recall": recall, "text": text, "batches": batches, "is_test": is_test}
        return _render("public", context)


def escalation(
    recall: Recall,
    version: ScopeVersion,
    lines: list[ScopeLine],
    silent: list,
    language: str,
    texts: Texts,
) -> Content:
    """To the place above: which of its places say nothing, and why; `silent` are Silences."""
    with translation.override(known(language)):
        context = _notice_context(recall, version, lines, language, texts)
        return _render("escalation", context | {"silent": silent})


def silence(recall: Recall, silent: list) -> Content:
    """To the lead: the places at which nothing else has helped."""
    context = {
        "recall": recall,
        "silent": silent[:50],
        "count": len(silent),
        "more": max(len(silent) - 50, 0),
        "page": _page(recall),
    }
    return _render("silence", context)


def silent_customers(recall: Recall, silent: list) -> Content:
    """To the lead: customers whom recipients named and whom reminders did not move."""
    context = {
        "recall": recall,
        "silent": silent[:50],
        "count": len(silent),
        "more": max(len(silent) - 50, 0),
        "page": f"{_page(recall)}calls/",
    }
    with translation.override("en"):
        return _render("silent_customers", context)


def removal(
    recall: Recall,
    version: ScopeVersion,
    lines: list[ScopeLine],
    keeps: bool,
    language: str,
    texts: Texts,
) -> Content:
    """That what was told of `lines` does not hold any more; `keeps` if something else does."""
    with translation.override(known(language)):
        context = _notice_context(recall, version, lines, language, texts)
        return _render("removal", context | {"keeps": keeps})


def widened(
    recall: Recall, version: ScopeVersion, lines: list, language: str, texts: Texts
) -> Content:
    """To a customer: which other batches the place got that sent it some on."""
    with translation.override(known(language)):
        return _render("widened", _notice_context(recall, version, lines, language, texts))


def alarm(recall: Recall, heading: str, sentences: list[str]) -> Content:
    """What people who approve recalls must know at once."""
    context = {"recall": recall, "heading": heading, "sentences": sentences, "page": _page(recall)}
    return _render("alarm", context)


def contact_test(places: list, language: str) -> Content:
    """Asks whether mail arrives; `places` are those for which a recall would write there."""
    with translation.override(known(language)):
        return _render("contact", {"places": places, "link": LINK})


def drill_due(duty: DrillDuty, late: int) -> Content:
    """That a drill of the calendar is due, `late` days ago or, below nought, in so many days."""
    page = f"{settings.SITE_URL}{duty.get_absolute_url()}"
    context = {"duty": duty, "late": late, "ahead": -late, "page": page}
    context["last"] = str(duty.last_drill) if duty.last_drill else ""
    with translation.override("en"):
        return _render("drill_due", context)


def report(recall: Recall, now, round: str) -> Content:
    """The status report for the recall's own people; `now` is a RecallStatus."""
    stuck = [place for place in now.places if not (place.answered or place.waived)]
    places = len(now.places)
    context = {
        "recall": recall,
        "now": now,
        "heading": _HEADINGS.get(round, "Daily report"),
        "reached": now.conservation.acknowledged,
        "places": places,
        "stuck": stuck[:50],
        "stuck_count": len(stuck),
        "more": max(len(stuck) - 50, 0),
        "page": _page(recall),
    }
    with translation.override("en"):
        return _render("report", context)


def _page(recall: Recall) -> str:
    return f"{settings.SITE_URL}{recall.get_absolute_url()}"


def output(recall: Recall, title: str, file_name: str) -> Content:
    """An output of the recall, attached, for who asked for it."""
    page = f"{_page(recall)}documents/"
    return _render("output", {"recall": recall, "title": title, "name": file_name, "page": page})


def update(recall: Recall, who: str, text: str) -> Content:
    """What somebody posted to the timeline, for those who get the reports."""
    context = {"recall": recall, "who": who, "text": text, "page": _page(recall)}
    return _render("update", context)


def update_due(recall: Recall, due) -> Content:
    """To the lead: nobody has sent a status update; `due` is an UpdateDue."""
    context = {"recall": recall, "due": due, "page": f"{_page(recall)}update/"}
    with translation.override("en"):
        return _render("update_due", context)


_HEADINGS = {"activation": "Recall activated", "completion": "Recall completed"}


def _notice_context(recall, version, lines, language, texts) -> dict:
    text = texts.text(audience_of(lines), language)
    return {
        "recall": recall,
        "version": version,
        "text": text,
        "kind": kind_word(recall),
        "classification": class_word(recall),
        "products": one_line(_some(sorted({line.product_name for line in lines}), 2)),
        "numbers": _in_order(_some(sorted({batch_word(line.batch_number) for line in lines}), 4)),
        "count": len({line.batch_id for line in lines}),
        "places": places_of(lines),
        "deadline": moment(recall.deadline, zone_of(lines)) if recall.deadline else "",
        "link": LINK,
    }


def _in_order(numbers: str) -> str:
    """In one line, and in a subject that is written from right to left in their own order:
    `26311-A` would be read as `A-26311` there, and a subject is no HTML."""
    mark = "\u200e" if get_language_bidi() else ""
    return mark + one_line(numbers)


def zone_of(lines: list[ScopeLine]) -> ZoneInfo:
    """The zone in which a recipient's times are written: that of the first place named."""
    if not lines:
        return ZoneInfo(settings.SITE_TIME_ZONE)
    return min(lines, key=lambda line: line.location_code).location.zone


def _some(words: list[str], most: int) -> str:
    named, more = ", ".join(words[:most]), len(words) - most
    if more <= 0:
        return named
    return gettext("%(names)s and %(count)s more") % {"names": named, "count": number(more)}


def _render(name: str, context: dict) -> Content:
    recall = context.get("recall")
    context |= {
        "lang": get_language(),
        "site": settings.SITE_NAME,
        "phone": settings.SITE_PHONE,
        "reply_to": settings.REPLY_TO_EMAIL,
    }
    subject, text, html = (
        render_to_string(f"emails/{name}-{part}", context)
        for part in ("subject.txt", "body.txt", "body.html")
    )
    if recall and recall.is_drill:
        # Here and nowhere else, so that no mail of a drill can go without it or say it twice.
        subject = f"{gettext('DRILL')}: {subject}"
        said = gettext("DRILL. Answer as if this were real; no product is affected.")
        text = f"{said}\n\n{text.strip()}"
    return Content(
        one_line(subject)[:_SUBJECT_LENGTH], text.strip() + "\n", _inliner().inline(html)
    )


def _link_in(row: Notice) -> str:
    if row.kind == Notice.Kind.CONTACT:
        return confirm_link(row)
    return link_for(row.recipient) if row.recipient else ""


@lru_cache(maxsize=1)
def _inliner() -> css_inline.CSSInliner:
    return css_inline.CSSInliner(
        keep_style_tags=True, keep_at_rules=True, load_remote_stylesheets=False
    )


def team_mailboxes(recall: Recall) -> list[str]:
    """Where all the mail of a drill goes. Refuses a drill of which nobody could read any."""
    found = settings.DRILL_MAIL or [recall.lead.email.strip()]
    if not all(is_usable(address) for address in found):
        raise ValidationError(
            f"The mail of {recall} has nowhere to go. Give its lead an e-mail address, or set "
            "DRILL_MAIL."
        )
    return found


def _readers(row: Notice) -> list[str]:
    """Who gets it. In a drill nobody outside the team, whoever it is addressed to."""
    if row.recall is not None and row.recall.is_drill:
        return team_mailboxes(row.recall)
    return [row.address.strip()]


def message_for(row: Notice, replies_to: str = "", attempt: int = 0) -> EmailMultiAlternatives:
    """A stored notice as it goes out: its own Message-ID every time, the link put in.

    The return path names the attempt, so that what comes back is known.
    """
    link = _link_in(row)
    headers = {
        "From": settings.DEFAULT_FROM_EMAIL,
        "Message-ID": row.message_id,
        "Auto-Submitted": "auto-generated",
    }
    if replies_to:
        headers |= {"In-Reply-To": replies_to, "References": replies_to}
    message = EmailMultiAlternatives(
        one_line(row.subject),
        row.text.replace(LINK, link),
        return_path(row.pk, attempt) or settings.DEFAULT_FROM_EMAIL,
        _readers(row),
        reply_to=[settings.REPLY_TO_EMAIL],
        headers=headers,
    )
    message.attach_alternative(row.html.replace(LINK, link), "text/html")
    if row.attachment is not None:
        kind = mimetypes.guess_type(row.attachment_name)[0] or XLSX
        message.attach(row.attachment_name, bytes(row.attachment), kind)
    for joined in row.notice_files.select_related("file"):
        message.attach(joined.file.name, bytes(joined.file.content), joined.file.content_type)
    return message

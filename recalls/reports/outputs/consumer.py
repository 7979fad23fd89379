"""The notice to consumers of Regulation (EU) 2023/988, Article 36, on paper and as a page.

It names no customer and no quantity. Batch numbers are text, as printed.
"""

import io
from collections import defaultdict
from dataclasses import dataclass, replace
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.exceptions import ValidationError
from django.utils.translation import override
from reportlab.lib.units import mm
from reportlab.platypus import Image, Spacer

from batches.models import Product
from recalls.message.languages import known, on_paper
from recalls.message.texts import Audience, Texts, headline
from recalls.message.words import public_batch_word
from recalls.models import MessageFile, ScopeLine
from recalls.reports import paper
from recalls.reports.dossier import Dossier
from recalls.reports.outputs.consumer_words import WORDS, Words
from recalls.reports.outputs.sheets import sheet_of

IN_ENGLISH = (
    "This notice is in English because it cannot be printed in your language. "
    "The page above speaks it."
)


@dataclass(frozen=True)
class Item:
    """A product that reached others, with its batches as (number, best before)."""

    name: str
    brand: str
    gtin: str
    code: str
    batches: list[tuple[str, str]]
    picture: str = ""


@dataclass(frozen=True)
class Notice:
    """What the notice says: the text for consumers in this language, and what is fixed."""

    words: Words
    language: str
    headline: str
    reference: str
    is_drill: bool
    date: str
    items: list[Item]
    sold_in: str
    firm: str
    hazard: str
    steps: list[str]
    remedies: list[str]
    pictures: list[MessageFile]
    phone: str
    email: str
    check_page: str


def notice_of(case: Dossier, language: str = "en") -> Notice:
    """Refuses a language that there are no words in."""
    if language not in WORDS:
        known = ", ".join(WORDS)
        raise ValidationError(f"There is no consumer notice in “{language}”. Choose from {known}.")
    recall, firm, words = case.recall, case.firm, WORDS[language]
    texts = Texts(recall)
    text = texts.text(Audience.CONSUMER, language)
    is_own = texts.is_saved(Audience.CONSUMER, language) and bool(text.remedy)
    with override(language):
        title, items = headline(), _items(case)
    lands = {line.location.country for line in case.lines if line.role == ScopeLine.Role.RECIPIENT}
    return Notice(
        words=words,
        language=language,
        headline=title,
        reference=recall.reference,
        is_drill=recall.is_drill,
        date=(recall.activated_at or case.at).astimezone(case.zone).date().isoformat(),
        items=items,
        sold_in=text.sold or ", ".join(sorted(filter(None, lands))),
        firm=", ".join(filter(None, (firm.name, firm.address))),
        hazard=text.wrong,
        steps=[words.stop, *text.steps],
        # What the trade is credited is no remedy for consumers: only a text of their own says it.
        remedies=[text.remedy if is_own else words.choice, words.free],
        pictures=list(recall.message_files.filter(removed_at__isnull=True)),
        phone=firm.phone,
        email=firm.email,
        check_page=f"{settings.SITE_URL}/verify/",
    )


def _items(case: Dossier) -> list[Item]:
    """Products with a batch that reached others; what never left us concerns no consumer."""
    sent = {line.batch_id for line in case.lines if line.role == ScopeLine.Role.RECIPIENT}
    by_code = defaultdict(list)
    for row in case.batches:
        if row.batch_id in sent:
            by_code[row.product_code].append(row)
    products = {row.code: row for row in Product.objects.filter(code__in=by_code)}
    return [
        Item(
            name=rows[0].product_name,
            brand=products[code].brand,
            gtin=rows[0].gtin,
            code=code,
            batches=list(dict.fromkeys(_batch(row) for row in rows)),
            picture=products[code].picture,
        )
        for code, rows in by_code.items()
    ]


def _batch(row) -> tuple[str, str]:
    return public_batch_word(row.number), row.expires_on.isoformat() if row.expires_on else ""


def picture_file(address: str) -> Path | None:
    """The picture on this machine; nothing is ever fetched from elsewhere to be printed."""
    prefix = f"/{settings.STATIC_URL.strip('/')}/"
    found = address.startswith(prefix) and finders.find(address.removeprefix(prefix))
    return Path(found) if found else None


def as_pdf(case: Dossier, *, language: str = "en") -> bytes:
    """In a language that no PDF can be written in it is English, and says where the page is."""
    notice, written = notice_of(case, language), on_paper(language)
    if written != language:
        notice = notice_of(case, written)
    words = notice.words
    sheet = sheet_of(
        case,
        notice.headline,
        foot=f"{words.reference} {notice.reference}, {notice.date}",
        language=written,
        words=paper.Words(words.page, words.drill, words.drill_mark),
    )
    return paper.write(replace(sheet, right=""), _story(notice, language))


def _story(notice: Notice, asked: str) -> list:
    words = notice.words
    story = [paper.headline(notice.headline)]
    for item in notice.items:
        story += _product(item, words)
    sold = [(words.sold_in, notice.sold_in)] if notice.sold_in else []
    reach = [
        (words.phone, notice.phone),
        (words.email, notice.email),
        (words.check, notice.check_page),
    ]
    return [
        *story,
        *(part for one in notice.pictures for part in _picture(one)),
        paper.note(words.where),
        paper.facts([*sold, (words.sold_by, notice.firm)]),
        paper.heading(words.hazard),
        paper.text(notice.hazard, bold=True),
        paper.heading(words.todo),
        *paper.bullets(notice.steps),
        paper.heading(words.remedies),
        *paper.bullets(notice.remedies),
        paper.heading(words.contact),
        paper.qr(notice.check_page, [paper.facts([one for one in reach if one[1]], wide=400)]),
        paper.callout(words.share),
        *([] if on_paper(asked) == known(asked) else [Spacer(0, 2 * mm), paper.note(IN_ENGLISH)]),
    ]


def _picture(file: MessageFile) -> list:
    """What the picture shows stands under it in words."""
    shown = Image(io.BytesIO(bytes(file.content)), 70 * mm, 60 * mm, kind="proportional")
    shown.hAlign = "LEFT"
    return [shown, paper.note(file.caption)]


def _product(item: Item, words: Words) -> list:
    facts = [(words.brand, item.brand), ("GTIN", item.gtin)]
    story = [
        paper.heading(item.name),
        paper.facts([one for one in facts if one[1]] or [("", item.code)]),
    ]
    if file := picture_file(item.picture):
        story.append(Image(str(file), 50 * mm, 50 * mm, kind="proportional", hAlign="LEFT"))
    rows = [[number, until] for number, until in item.batches]
    story.append(paper.big_table((words.batch, words.until), rows, (2, 3), code={0}, large=True))
    return story

"""What the public pages and feeds say: published notices. No customer, no quantity, no drill."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings
from django.db.models import F, QuerySet
from django.utils.translation import override

from batches.models import Product
from recalls.message.languages import FALLBACK
from recalls.message.texts import Audience, Texts, headline
from recalls.models import PublicNotice, Recall, ScopeLine
from recalls.reports.outputs.consumer_words import WORDS
from recalls.scope.frozen import newest_number

# So many stand in a list or a feed; older ones keep their page.
SHOWN = 100


@dataclass(frozen=True)
class Item:
    """A product that reached others, and its batches as (number, best before)."""

    code: str
    name: str
    brand: str
    gtin: str
    batches: list[tuple[str, str]]


@dataclass(frozen=True)
class Published:
    notice: PublicNotice
    text: dict
    items: list[Item]

    @property
    def is_live(self) -> bool:
        return self.notice.ended_at is None

    @property
    def products(self) -> str:
        return ", ".join(item.name for item in self.items)

    @property
    def address(self) -> str:
        return f"{settings.SITE_URL}{self.notice.get_absolute_url()}"


def texts_of(recall: Recall, language: str) -> dict:
    """The consumer text in a language, as it is published: Article 36(2) and 37 GPSR."""
    texts, words = Texts(recall), WORDS[language]
    text = texts.text(Audience.CONSUMER, language)
    is_own = texts.is_saved(Audience.CONSUMER, language) and bool(text.remedy)
    with override(language):
        title = headline()
    return {
        "headline": title,
        "hazard": text.wrong,
        "steps": [words.stop, *text.steps],
        # What the trade is credited is no remedy for consumers.
        "remedies": [text.remedy if is_own else words.choice, words.free],
        "sold": text.sold,
    }


def notices() -> QuerySet[PublicNotice]:
    """Live ones first, then the newest."""
    rows = PublicNotice.objects.filter(recall__is_drill=False).select_related("recall")
    return rows.order_by(F("ended_at").desc(nulls_first=True), "-published_at", "-pk")


def published(rows: Iterable[PublicNotice], language: str) -> list[Published]:
    """As people read them; two queries however many there are."""
    rows = list(rows)
    items = _items([row.recall_id for row in rows])
    # One that was published before a language was spoken is read in English.
    return [
        Published(row, row.texts.get(language) or row.texts[FALLBACK], items[row.recall_id])
        for row in rows
    ]


def batches_of(recall: Recall) -> list[Item]:
    return _items([recall.pk])[recall.pk]


def _items(recalls: list[int]) -> dict[int, list[Item]]:
    """By recall what reached others, as the newest released version has it."""
    lines = ScopeLine.objects.filter(
        version__recall__in=recalls,
        version__number=newest_number("version__recall"),
        role=ScopeLine.Role.RECIPIENT,
    ).order_by()
    names = ("version__recall", "product_code", "product_name", "gtin")
    rows = lines.values_list(*names, "batch_number", "expires_on").distinct()
    by_product = defaultdict(set)
    for *about, number, until in rows:
        by_product[tuple(about)].add((number, until.isoformat() if until else ""))
    brands = dict(
        Product.objects.filter(code__in={code for _, code, *_ in by_product})
        .order_by()
        .values_list("code", "brand")
    )
    found = defaultdict(list)
    for (recall, code, name, gtin), batches in sorted(by_product.items()):
        found[recall].append(Item(code, name, brands.get(code, ""), gtin or "", sorted(batches)))
    return found


def as_json(one: Published) -> dict:
    """The stable shape of the feed; see docs/notices.md."""
    notice = one.notice
    return {
        "id": notice.slug,
        "reference": notice.recall.reference,
        "url": one.address,
        "live": one.is_live,
        "published": notice.published_at.isoformat(),
        "updated": (notice.ended_at or notice.changed_at).isoformat(),
        "ended": notice.ended_at.isoformat() if notice.ended_at else None,
        "headline": one.text["headline"],
        "hazard": one.text["hazard"],
        "steps": one.text["steps"],
        "remedies": one.text["remedies"],
        "products": [
            {
                "name": item.name,
                "brand": item.brand,
                "gtin": item.gtin,
                "batches": [
                    {"number": n, "best_before": until or None} for n, until in item.batches
                ],
            }
            for item in one.items
        ],
    }

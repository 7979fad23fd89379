"""Reading frozen versions: their canonical JSON, the newest, and what a recipient is asked."""

from collections.abc import Iterable

from django.db.models import Max, OuterRef, QuerySet, Subquery

from batches.operations.events import canonical, plain
from recalls.models import NoticeLine, Recall, Recipient, ScopeLine, ScopeVersion

_VALUES = [
    field.attname
    for field in ScopeLine._meta.concrete_fields
    if field.attname not in {"id", "version_id"}
]


def canonical_scope(version: ScopeVersion, lines: Iterable[ScopeLine]) -> bytes:
    """The canonical JSON of a version, from its own values only; its SHA-256 is `sha256`.

    Sorted by holding, decimals and times as text, so that the same rows always give the
    same bytes.
    """
    values = [plain(_values_of(line)) for line in lines]
    return canonical(
        {
            "recall": version.recall.reference,
            "version": version.number,
            "cause": str(version.cause),
            "frozen_at": plain(version.frozen_at),
            "complete": version.complete,
            "notes": version.notes,
            "rules": version.rules,
            "lines": sorted(values, key=lambda value: value["holding_id"]),
        }
    )


def said_in(version: ScopeVersion) -> dict[str, list]:
    """The sentences of its rules, the texts they were read out of, and what was left out with
    the reason, as they were frozen.

    A version from before rules were frozen as sentences names the batches that they meant.
    """
    excluded = [rule for rule in version.rules if rule["kind"] == "exclusion"]
    rules = [rule for rule in version.rules if "parameters" in rule]
    texts = dict.fromkeys(rule["source_text"] for rule in rules if rule.get("source_text"))
    said = [_said(rule) for rule in rules]
    return {"rules": said, "excluded": excluded, "source_texts": list(texts)}


def _said(rule: dict) -> str:
    named = ", ".join(f"{one['batch']} of {one['product']}" for one in rule.get("batches", []))
    return rule.get("text") or f"Batches {named}"


def newest(recall: Recall) -> ScopeVersion | None:
    return recall.versions.order_by("-number").first()


def newest_released(recall: Recall) -> ScopeVersion | None:
    return recall.versions.filter(release__isnull=False).order_by("-number").first()


def newest_number(recall: str) -> Subquery:
    """The number of the newest released version of the recall that `recall` leads to."""
    versions = ScopeVersion.objects.filter(recall=OuterRef(recall), release__isnull=False)
    return Subquery(versions.order_by("-number").values("number")[:1])


def _values_of(line: ScopeLine) -> dict:
    values = {name: getattr(line, name) for name in _VALUES}
    if values["links_in"] is None:
        # A line frozen before there was this field; its hash is over the bytes of then.
        del values["links_in"]
    return values


def asked_in(recall: Recall, lines: QuerySet[ScopeLine] | None = None) -> dict[int, int]:
    """The released version in which each holding was last new or changed, by holding.

    With `lines`, of their holdings only.
    """
    asked = ScopeLine.objects.filter(version__recall=recall, version__release__isnull=False)
    if lines is not None:
        asked = asked.filter(holding__in=lines.order_by().values("holding"))
    asked = asked.exclude(change=ScopeLine.Change.SAME).order_by()
    return dict(asked.values_list("holding_id").annotate(Max("version__number")))


def asked_in_each(recalls: Iterable[int]) -> dict[int, dict[int, int]]:
    """`asked_in` of many recalls, by recall, in one query."""
    asked = ScopeLine.objects.filter(
        version__recall__in=list(recalls), version__release__isnull=False
    )
    asked = asked.exclude(change=ScopeLine.Change.SAME).order_by()
    rows = asked.values_list("version__recall_id", "holding_id").annotate(Max("version__number"))
    found: dict[int, dict[int, int]] = {}
    for recall, holding, number in rows:
        found.setdefault(recall, {})[holding] = number
    return found


def lines_of(recipient: Recipient) -> QuerySet[ScopeLine]:
    """What a recipient is asked about: its places' lines in the newest released version.

    Of a place above that was told of its silent ones: their lines, no others.
    """
    version = newest_released(recipient.recall)
    if version is None:
        return ScopeLine.objects.none()
    told = NoticeLine.objects.filter(
        notice__recipient=recipient, notice__kind__in=["notice", "escalation"]
    )
    return version.lines.filter(
        role=ScopeLine.Role.RECIPIENT, location__in=told.values("line__location")
    )

"""What the address of a trace page asks for, and addresses that ask for a little else."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from urllib.parse import parse_qsl, urlencode

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.urls import reverse

from batches.codes.numbering import is_unrecorded, number_key
from batches.codes.reading import read as read_code
from batches.lists.pages import Refused
from batches.lists.ticked import keys
from batches.models import Batch
from batches.templatetags import wording
from batches.tracing.drawing import opening
from batches.tracing.stops import LONGEST, Stop, read_stops

DIRECTIONS = {"back": "Back", "both": "Both", "fwd": "Forward"}
VIEWS = {"graph": "Graph", "map": "Map", "table": "Table only"}
TABS = {
    "places": "Locations",
    "batches": "Batches",
    "shipments": "Shipments",
    "runs": "Runs",
    "documents": "Documents",
}
MANY = {"seed", "open", "stop", "reason"}
KNOWN = {
    "seed", "dir", "view", "tab", "sel", "via", "open", "page", "sort", "export", "number",
    "from", "to", "asof", "stop", "reason", "find", "group",
}  # fmt: skip
MOST_SEEDS = 200
_IN_ADDRESS = (
    "dir", "view", "tab", "sel", "via", "sort", "find", "group", "first", "last", "asof", "page",
)  # fmt: skip
_CALLED = {"first": "from", "last": "to"}
_DEFAULTS = {"view": "graph", "tab": "places", "page": 1}


@dataclass(frozen=True)
class Asked:
    """The state of the page. `seeds` are batch ids; `via` picks one of a card's holdings;
    `first` and `last` are days (`from` and `to` of the address), `asof` a minute, all in the
    site's zone as ISO text; `find` is what rows of the table must have in them, `group` the
    group of cards that they must be of; `stops` are where the trace is not followed any
    further, and why."""

    seeds: tuple[int, ...] = ()
    dir: str = "fwd"
    view: str = "graph"
    tab: str = "places"
    sel: str = ""
    via: str = ""
    open: tuple[str, ...] = ()
    sort: str = ""
    find: str = ""
    group: str = ""
    first: str = ""
    last: str = ""
    asof: str = ""
    stops: tuple[Stop, ...] = ()
    page: int = 1

    def url(self, **changes) -> str:
        """This page with something changed; a change of rows begins at the first page."""
        if not changes.keys() & {"page"}:
            changes["page"] = 1
        asked = replace(self, **changes)
        pairs = [("seed", seed) for seed in asked.seeds]
        for name in _IN_ADDRESS:
            value = getattr(asked, name)
            if value and value != _DEFAULTS.get(name):
                pairs.append((_CALLED.get(name, name), value))
        pairs += [("open", key) for key in asked.open]
        pairs += pairs_of(asked.stops)
        return f"{reverse('batch-trace')}?{urlencode(pairs)}"

    def selecting(self, name: str, via: str = "") -> str:
        return self.url(sel=name, via=via)

    def opening(self, key: str) -> str:
        """Opens a group, or one that is open further."""
        return self.url(open=opening(self.open, key))

    def without(self, stop: Stop) -> str:
        return self.url(stops=tuple(one for one in self.stops if one.key != stop.key))

    def pairs(self, **changes) -> list[tuple[str, str]]:
        """All of the address, as a form sends it that changes these."""
        return parse_qsl(self.url(**changes).partition("?")[2])

    def bare(self) -> list[tuple[str, str]]:
        """What is traced, without how it is looked at."""
        return self.hidden("view")

    def hidden(self, *without: str) -> list[tuple[str, str]]:
        """Name and value pairs for a form that changes something else."""
        pairs = [("seed", str(seed)) for seed in self.seeds]
        for name in ("dir", "view", "first", "last", "asof"):
            if value := getattr(self, name):
                pairs.append((_CALLED.get(name, name), value))
        pairs += pairs_of(self.stops)
        return [(name, value) for name, value in pairs if name not in without]

    @property
    def known_at(self) -> datetime | None:
        """The moment whose records are asked for; None is now."""
        if not self.asof:
            return None
        return datetime.fromisoformat(self.asof).replace(tzinfo=wording.site_zone())


def pairs_of(stops: Iterable[Stop]) -> list[tuple[str, str]]:
    """How an address names stops: each with its reason right after it."""
    return [pair for stop in stops for pair in (("stop", stop.key), ("reason", stop.reason))]


@dataclass
class Seeds:
    """The batches that were asked for, and what could not be found."""

    batches: list[Batch] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    ambiguous: list[tuple[str, list[Batch]]] = field(default_factory=list)


def read(params) -> Asked:
    """The state without its seeds. Raises Refused for what the page does not know."""
    if unknown := set(params) - KNOWN:
        names = ", ".join(f"“{name}”" for name in sorted(unknown))
        raise Refused(f"The trace page has no parameter {names}.")
    for name in KNOWN - MANY:
        if len(params.getlist(name)) > 1:
            raise Refused(f"The parameter “{name}” is given more than once.")
    page = params.get("page", "1")
    if not (page.isascii() and page.isdigit() and int(page[:6]) > 0 and len(page) < 6):
        raise Refused(f"“{page}” is not a page of the table.")
    via = params.get("via", "")
    if via and not (via.isascii() and via.isdigit() and len(via) < 19):
        raise Refused(f"“{via}” is not a holding.")
    if params.get("export", "csv") not in {"csv", "xlsx", "json", "sheet"}:
        raise Refused("A trace is exported as csv, xlsx, json or sheet.")
    return Asked(
        dir=_choice(params, "dir", DIRECTIONS, "fwd"),
        view=_choice(params, "view", VIEWS, "graph"),
        tab=_choice(params, "tab", TABS, "places"),
        sel=params.get("sel", ""),
        via=via,
        open=tuple(dict.fromkeys(params.getlist("open"))),
        sort=params.get("sort", ""),
        group=params.get("group", ""),
        find=" ".join(params.get("find", "").split())[:LONGEST],
        stops=_stops(params),
        **_times(params),
        page=int(page),
    )


def _stops(params) -> tuple[Stop, ...]:
    try:
        return tuple(read_stops(params.getlist("stop"), params.getlist("reason")))
    except ValidationError as error:
        raise Refused(error.messages[0]) from None


def _times(params) -> dict[str, str]:
    found = {"first": _day(params, "from"), "last": _day(params, "to"), "asof": ""}
    if found["first"] and found["last"] and found["last"] < found["first"]:
        raise Refused("The last day is before the first. Swap the two.")
    if text := params.get("asof", ""):
        try:
            moment = datetime.fromisoformat(text).replace(tzinfo=None)
            found["asof"] = moment.isoformat("T", "minutes")
        except ValueError:
            raise Refused(f"“{text}” is no time. Enter one such as 2026-11-21T18:00.") from None
    return found


def _day(params, name: str) -> str:
    text = params.get(name, "")
    try:
        return date.fromisoformat(text).isoformat() if text else ""
    except ValueError:
        raise Refused(f"“{text}” is no day. Enter one such as 2026-11-21.") from None


def _choice(params, name: str, allowed: dict, default: str) -> str:
    value = params.get(name) or default
    if value not in allowed:
        raise Refused(f"“{value}” is no {name} of a trace. Choose {', '.join(allowed)}.")
    return value


def find_seeds(texts: list[str]) -> Seeds:
    """Each text is a batch's id, `product:number[:origin]`, or a number as `numbered` reads it."""
    texts = list(dict.fromkeys(text.strip() for text in texts if text.strip()))
    if len(texts) > MOST_SEEDS:
        raise Refused(f"A trace page starts from at most {MOST_SEEDS} batches.")
    ids = {text: found[0] for text in texts if (found := keys([text]))}
    by_id = {batch.pk: batch for batch in _batches().filter(pk__in=ids.values())}
    found = Seeds()
    for text in texts:
        matches = [by_id[ids[text]]] if ids.get(text) in by_id else []
        matches = matches or list(_named(text)) or numbered(text)
        if len(matches) == 1 and matches[0] not in found.batches:
            found.batches.append(matches[0])
        elif not matches:
            found.unknown.append(text)
        elif len(matches) > 1:
            found.ambiguous.append((text, matches))
    return found


def numbered(number: str) -> list[Batch]:
    """The batches that a typed number, also the supplier's own, or a scanned code may mean."""
    reading = read_code(number)
    # A number may itself begin with the word that stands before others.
    texts = [reading.number] if reading.is_coded else [reading.number, number]
    keys = {key for text in texts if (key := number_key(text))}
    if not keys:
        return []
    match = Q(number_key__in=keys)
    if not reading.is_coded:
        match |= Q(supplier_number__iexact=number.strip())
    elif reading.gtin:
        match &= Q(product__gtin=reading.gtin)
    return list(_batches().filter(match)[:50])


def recent() -> list[Batch]:
    """The newest that have a number: what was recorded without one is no example of one."""
    return [b for b in _batches().order_by("-pk")[:20] if not is_unrecorded(b.number)][:5]


def _named(text: str):
    product, _, rest = text.partition(":")
    if not rest:
        return _batches().none()
    rows = _batches().filter(product__code__iexact=product)
    exact = rows.numbered(rest)[:50]
    if exact:
        return exact
    number, _, origin = rest.rpartition(":")
    return rows.numbered(number).filter(origin__code__iexact=origin)[:50]


def _batches():
    return Batch.objects.with_state().select_related("product", "origin")

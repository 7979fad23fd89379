"""The figures of the almond story, which add up on every page. Pure: quantities only.

ALM-2291-C 2,400 kg = 2,037 used + 355 held + 8 waste
5,465 cases made = 742 on site + 4,699 shipped + 24 samples
4,699 = 2,918 quarantined + 412 returned + 96 destroyed + 611 sold + 662 no answer
126 recipients = 2 not delivered + 27 silent + 26 acknowledged + 71 responded
B26313A is found later, in version 2: 7 recipients have it alone, 21 have it beside granola, and
three centres sent all of it on
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

BATCHES = {"L26311A": 1520, "L26311B": 1460, "L26312A": 1505, "B26313A": 980}
ON_SITE = {"L26311A": 164, "L26311B": 185, "L26312A": 227, "B26313A": 166}
SAMPLES = {"L26311A": 6, "L26311B": 6, "L26312A": 8, "B26313A": 4}

# What version 2 of the scope adds.
BARS = "B26313A"
UNDELIVERED, SILENT, ACKNOWLEDGED, RESPONDED = "undelivered silent acknowledged responded".split()


@dataclass
class Place:
    """One recipient: what it is asked for per batch, and what it did about it."""

    code: str
    name: str
    street: str
    town: str
    state: str
    cases: int
    batches: dict[str, int] = field(default_factory=dict)
    # Per batch: quarantined, returned, destroyed, sold.
    answers: dict[str, tuple[int, int, int, int]] = field(default_factory=dict)


@dataclass
class Group:
    """A distribution centre with its stores, or the customers that the plant serves itself."""

    code: str
    name: str
    town: str
    receives: tuple[int, int, int, int]  # per batch
    answered: tuple[int, int, int, int]  # quarantined, returned, destroyed, sold
    keeps: int  # cases still at the centre; 0 where there is none
    named: list[Place]
    responding: int  # further stores that answer in full
    responding_cases: int
    open: int  # further stores that have not answered
    open_cases: int
    bars: tuple[int, int]  # how many places got bars alone, and how many beside granola


def _store(number: str, street: str, town: str, state: str, cases: int) -> Place:
    return Place(f"S{number}", f"Store {number}", street, town, state, cases)


GROUPS = [
    Group(
        "DC-NORTH", "Northgate DC", "Northgate", (560, 510, 480, 320), (1180, 160, 40, 240), 240,
        [
            _store("0207", "Abbey St", "Northgate", UNDELIVERED, 72),
            _store("0266", "Fenwick", "Northgate", SILENT, 34),
            _store("0131", "Mill Rd", "Northgate", ACKNOWLEDGED, 36),
        ],
        32, 1380, 13, 108, (2, 8),
    ),
    Group(
        "DC-SOUTH", "Southgate DC", "Southgate", (520, 444, 430, 250), (1046, 142, 30, 208), 212,
        [
            _store("0412", "Lind St", "Southgate", RESPONDED, 60),
            _store("0388", "Quay", "Southgate", RESPONDED, 40),
            _store("0290", "Station Sq", "Southgate", ACKNOWLEDGED, 28),
        ],
        18, 1117, 22, 187, (2, 7),
    ),
    Group(
        "DC-WEST", "Westbank DC", "Westbank", (210, 265, 270, 160), (560, 90, 16, 111), 118,
        [_store("0118", "Park Lane", "Westbank", SILENT, 32)],
        14, 659, 12, 96, (2, 5),
    ),
    Group(
        "", "Direct orders", "Port Leven", (60, 50, 90, 80), (132, 20, 10, 52), 0,
        [Place("C-1180", "Harbour Hotels", "Pier 4", "Port Leven", UNDELIVERED, 40)],
        2, 214, 2, 26, (1, 1),
    ),
]  # fmt: skip

# What these places found is told elsewhere, so it is not left to the spreading below.
STORE_0412 = {"L26311A": (48, 0, 0, 0), "L26312A": (0, 0, 0, 9)}
WHOLE_ANSWERS = {"S0412": (48, 0, 0, 9), "S0388": (36, 0, 0, 4), "DC-SOUTH": (180, 32, 0, 0)}

STREETS = (
    "High St", "Church Rd", "Bridge St", "Orchard Way", "Market Sq", "Canal Row", "Victoria Rd",
    "Elm Grove", "King St", "Harbour Rd", "North Parade", "Weaver Lane", "Castle Hill", "Tanyard",
    "Priory Gate", "Meadow Close", "Foundry Lane", "Beacon Rd", "Chapel St", "Dock Rd",
)  # fmt: skip


def spread(total: int, parts: int) -> list[int]:
    """`total` in `parts` whole numbers that differ a little and add up."""
    weights = [10 + (7 * i) % 9 for i in range(parts)]
    edges, seen = [], 0
    for weight in weights:
        seen += weight
        edges.append(round(total * seen / sum(weights)))
    return [right - left for left, right in zip([0, *edges], edges, strict=False)]


def _places(group: Group, numbers: Iterator[int], silent: Iterator[bool]) -> list[Place]:
    places = []
    if group.keeps:
        places.append(
            Place(group.code, group.name, "Ring Rd 1", group.town, RESPONDED, group.keeps)
        )
    places += group.named
    answers = [(RESPONDED, n) for n in spread(group.responding_cases, group.responding)]
    waits = [
        (SILENT if next(silent) else ACKNOWLEDGED, n) for n in spread(group.open_cases, group.open)
    ]
    for state, cases in answers + waits:
        number = next(numbers)
        street = f"{STREETS[number % len(STREETS)]} {number % 90 + 1}"
        if group.keeps:
            places.append(_store(f"{number:04}", street, group.town, state, cases))
        else:
            name = ("Bay Canteens", "Lantern Cafés", "Seaview School Meals", "Quayside Deli")
            code = f"C-{1180 + number % 100 + 1}"
            places.append(Place(code, name[number // 4 % 4], street, group.town, state, cases))
    return places


def _share_batches(group: Group, places: list[Place]) -> None:
    """Hands the group's batches to its places: bars first, then the granola at hand."""
    left = dict(zip(BATCHES, group.receives, strict=True))
    _share_bars(group, places, left.pop(BARS))
    first = next((p for p in places if p.code == "S0412"), None)
    if first:
        first.batches = {"L26311A": 48, "L26312A": 12}
        for batch, cases in first.batches.items():
            left[batch] -= cases
    for place in reversed(places):
        need = place.cases - sum(place.batches.values())
        granola = {}
        for batch in left:
            take = min(need, left[batch])
            if take:
                granola[batch] = take
                left[batch] -= take
                need -= take
        place.batches = granola | place.batches


def _share_bars(group: Group, places: list[Place], cases: int) -> None:
    """To the direct customer that nobody reaches, and to stores that answer in full."""
    alone, beside = group.bars
    told_elsewhere = {group.code, *WHOLE_ANSWERS}
    able = [p for p in places if p.state == RESPONDED and p.code not in told_elsewhere]
    able = [p for p in places if p.code == "C-1180"] + able
    for place in able[:alone]:
        place.batches = {BARS: place.cases}
        cases -= place.cases
    for place, part in zip(able[alone:], spread(cases, beside), strict=False):
        place.batches = {BARS: part}


def _share_answers(group: Group, places: list[Place]) -> None:
    """Splits the group's answers over those who answered, whole cases, sums kept."""
    rest = list(group.answered)
    for place in places:
        if whole := WHOLE_ANSWERS.get(place.code):
            rest = [total - part for total, part in zip(rest, whole, strict=True)]
            _answer_in_order(place, whole)
    if group.code == "DC-SOUTH":
        next(p for p in places if p.code == "S0412").answers = STORE_0412
    open_lines = [
        (place, batch, cases)
        for place in places
        if place.state == RESPONDED and place.code not in WHOLE_ANSWERS
        for batch, cases in place.batches.items()
    ]
    total, seen, given = sum(rest), 0, [0, 0, 0]
    for place, batch, cases in open_lines:
        seen += cases
        parts = []
        for kind in range(3):
            upto = round(rest[kind] * seen / total)
            part = min(upto - given[kind], cases - sum(parts))
            parts.append(part)
            given[kind] += part
        place.answers[batch] = (*parts, cases - sum(parts))


def _answer_in_order(place: Place, whole: tuple[int, ...]) -> None:
    rest = list(whole)
    for batch, cases in place.batches.items():
        parts = []
        for kind in range(4):
            part = min(rest[kind], cases - sum(parts))
            rest[kind] -= part
            parts.append(part)
        place.answers[batch] = tuple(parts)


def almond_story() -> list[tuple[Group, list[Place]]]:
    """Every group with its recipients, the centre first."""
    numbers = iter(range(13, 10_000, 4))
    silent = iter([True, False] * 24 + [True])
    story = []
    for group in GROUPS:
        places = _places(group, numbers, silent)
        _share_batches(group, places)
        _share_answers(group, places)
        story.append((group, places))
    return story

"""Where the lines of the progress chart run: pure arithmetic from shares to SVG points."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from batches.templatetags.wording import clock, site_zone

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 368, 150, 36, 124, 10, 20
MAX_POINTS = 120
DAY = timedelta(days=1)
STEPS = (
    *(timedelta(minutes=minutes) for minutes in (15, 30, 60, 120, 240, 480)),
    *(timedelta(days=days) for days in (1, 2, 7, 14, 30, 90)),
)


@dataclass(frozen=True)
class Curve:
    """An SVG in `box`; `sentence` says what it shows to those who do not see it.

    `sent` is where the notices went, and how its word stands beside the line; `rows` say in
    figures how far it was at each tick and is now.
    """

    acknowledged: str
    recovered: str
    end: tuple[str, str, str]
    shares: tuple[int, int]
    labels: tuple[str, str]
    ticks: list[tuple[str, str]]
    sent: tuple[str, str, int] | None
    grid: list[tuple[str, str]]
    sentence: str
    rows: list[tuple[str, int, int]]
    box: str = f"0 0 {WIDTH} {HEIGHT}"
    left: int = LEFT
    right: int = WIDTH - RIGHT
    foot: int = HEIGHT - 4


def curve_of(
    points, *, places: int, due, back, unit: str, start: datetime, now: datetime, sent=None
):
    """The curve of acknowledged places and recovered goods from `start` to `now`.

    A line stands where the notices were `sent`.

    `points` carry counts; `places` and `due` are what they are shares of. It ends at what is
    `back` now, which also counts what no answer of a place says: what its customers found, and
    what came to us. None when there is nothing to draw.
    """
    if not points or not places:
        return None
    span = max((now - start).total_seconds(), 60.0)
    shares = [
        (
            min(max((point.at - start).total_seconds() / span, 0), 1),
            point.acknowledged / places,
            _share(point.recovered.get(unit, 0), due),
        )
        for point in _thinned(points)
    ]
    shares = [*shares, (1.0, shares[-1][1], _share(back, due))]
    gone = (sent - start).total_seconds() / span if sent and sent > start else None
    return _drawn(shares, start, now, gone)


def _beside(share: float) -> tuple[str, str, int]:
    """Where there is more room."""
    return (_x(share), "start", 4) if share < 0.6 else (_x(share), "end", -4)


def _share(part, whole) -> float:
    return min(float(part / whole), 1) if whole else 0.0


def _drawn(shares: list[tuple[float, float, float]], start: datetime, now: datetime, gone) -> Curve:
    _, told, back = shares[-1]
    known, found = round(told * 100), round(back * 100)
    return Curve(
        acknowledged=_path((x, a) for x, a, _ in shares),
        recovered=_path((x, r) for x, _, r in shares),
        end=(_x(1), _y(told), _y(back)),
        shares=(known, found),
        labels=_apart(told, back),
        ticks=_ticks(start, now),
        sent=_beside(gone) if gone is not None else None,
        grid=[(_y(share / 100), f"{share}%") for share in (0, 50, 100)],
        sentence=(
            f"Since {clock(start, now)}, acknowledgement has reached {known} percent "
            f"and recovery {found} percent."
        ),
        rows=[
            *(_row(shares, share, word) for share, word in _moments(start, now)),
            (clock(now, now), known, found),
        ],
    )


def _row(shares: list[tuple[float, float, float]], at: float, word: str) -> tuple[str, int, int]:
    """The last share until then holds."""
    told, back = next(((a, r) for x, a, r in reversed(shares) if x <= at), (0.0, 0.0))
    return word, round(told * 100), round(back * 100)


def _thinned(points: list) -> list:
    step = max(len(points) // MAX_POINTS, 1)
    return [*points[::step], points[-1]]


def _x(share: float) -> str:
    return f"{LEFT + (WIDTH - LEFT - RIGHT) * share:.1f}"


def _y(share: float) -> str:
    return f"{TOP + (HEIGHT - TOP - BOTTOM) * (1 - share):.1f}"


def _path(shares) -> str:
    """Steps: a share holds until the next answer comes."""
    parts, last = [], None
    for x, y in shares:
        parts.append(f"M{_x(x)} {_y(y)}" if last is None else f"H{_x(x)}V{_y(y)}")
        last = y
    return "".join(parts)


def _apart(first: float, second: float) -> tuple[str, str]:
    """Heights of the two labels at the end, kept a line apart."""
    a, b = float(_y(first)) + 4, float(_y(second)) + 4
    if abs(a - b) < 14:
        middle = min(max((a + b) / 2, TOP + 11), HEIGHT - BOTTOM - 4)
        a, b = (middle - 7, middle + 7) if a <= b else (middle + 7, middle - 7)
    return f"{a:.1f}", f"{b:.1f}"


def _ticks(start: datetime, now: datetime) -> list[tuple[str, str]]:
    return [(_x(share), word) for share, word in _moments(start, now)]


def _moments(start: datetime, now: datetime) -> list[tuple[float, str]]:
    """At even steps from the start: the smallest ones of which the line has four at most."""
    span = now - start
    steps = [step for step in STEPS if step >= span / 4]
    step = min(steps, default=span / 4)
    form = "%-d %b" if step >= DAY else "%H:%M"
    moments = [start + step * n for n in range(int(span / step) + 1)]
    return [
        ((moment - start) / span, moment.astimezone(site_zone()).strftime(form))
        for moment in moments
    ]

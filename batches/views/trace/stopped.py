"""Where a trace is stopped, as its page says it, and what one needs to stop it further."""

from dataclasses import dataclass

from batches.tracing.stops import Stop
from batches.views.trace.found import Found, left_out


@dataclass
class Stopped:
    """One stop; `further` is the page without it."""

    name: str
    reason: str
    further: str


@dataclass
class Band:
    stops: list[Stopped]
    left_out: str


@dataclass
class Offer:
    """To stop at the selected card. `hidden` goes with the reason that is typed; where it is
    stopped already, `stopped` says so instead."""

    name: str
    hidden: list[tuple[str, str]]
    stopped: Stopped | None = None


def band(found: Found) -> Band | None:
    stops = [_stopped(found, stop) for stop in found.asked.stops]
    return Band(stops, left_out(found.behind)) if stops else None


def offer(found: Found) -> Offer | None:
    """None where nothing is selected, and where nothing lies behind what is."""
    key = _key(found)
    if not key:
        return None
    node = next(n for n in found.picture.nodes if n.id == found.asked.sel)
    stop = next((stop for stop in found.asked.stops if stop.key == key), None)
    hidden = [*found.asked.hidden(), ("sel", found.asked.sel), ("stop", key)]
    if stop:
        return Offer(node.code, hidden, _stopped(found, stop))
    return Offer(node.code, hidden) if _goes_on(found) else None


def _stopped(found: Found, stop: Stop) -> Stopped:
    return Stopped(stop.name, stop.reason, found.asked.without(stop))


def _key(found: Found) -> str:
    """How a stop names what the selected card shows: a receipt is the holding that it came to."""
    kind, _, rest = found.asked.sel.partition(":")
    if not found.chosen or kind not in ("h", "l", "p", "r"):
        return ""
    return f"h:{rest.rpartition(':')[2]}" if kind == "r" else found.asked.sel


def _goes_on(found: Found) -> bool:
    here = {held.holding_id for held in found.chosen}
    forward = found.asked.dir != "back" and any(link.source in here for link in found.links)
    back = found.asked.dir != "fwd" and any(link.target in here for link in found.links)
    return forward or back or found.asked.sel.startswith("p:")

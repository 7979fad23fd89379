"""The evidence of one selected card on a sheet of A4: every step with its document and time."""

from django.utils import timezone

from batches.lists.pages import Refused
from batches.templatetags import wording
from batches.views.trace.asked import DIRECTIONS
from batches.views.trace.found import Found
from batches.views.trace.mass import mass
from batches.views.trace.why import points_of, why

# Batches of one place that one sheet has room for.
MOST = 12


def sheet(found: Found, user, address: str) -> dict:
    """What the template gets. Refuses an address that selects nothing."""
    told = why(found)
    if told is None:
        raise Refused("An evidence sheet is of a card. Choose one in the graph or the table first.")
    now = timezone.now()
    seeds = ", ".join(f"{b.number} ({b.product.name}, {b.origin.name})" for b in found.seeds[:5])
    at = found.asked.known_at or now
    facts = [
        ("What", told.name),
        ("Trace", f"{DIRECTIONS[found.asked.dir]} from {seeds}"),
        ("As on record at", f"{at.astimezone(wording.site_zone()):%Y-%m-%d %H:%M %Z}"),
        ("Printed", f"{now.astimezone(wording.site_zone()):%Y-%m-%d %H:%M %Z}"),
        ("By", user.get_full_name() or user.get_username()),
        ("From", address),
    ]
    return {
        "why": told,
        "facts": facts,
        "ways": [(held, points_of(found, held)) for held in found.chosen[:MOST]],
        "more": max(0, len(found.chosen) - MOST),
        "mass": mass(found),
        "notes": [*found.stop_notes(), *found.notes()],
    }

"""The look at the scope that stands beside every step, and what changed since the last one."""

import json
import logging
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation

from django.utils import timezone

from batches.templatetags.wording import quantity
from recalls.models import Recall, ScopeRule
from recalls.scope import ScopePreview, preview

_COUNTS = ("batches", "holdings", "locations", "recipients")
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Look:
    """What the rules reach now, or why nobody can tell."""

    seen: ScopePreview | None
    failure: str = ""


def look_at(request, recall: Recall, tried: ScopeRule | None = None) -> Look:
    """A look that cannot be had stops the way to the next step, not the page.

    With a rule that is `tried`, or a look that somebody signs for, the difference is to the look
    that the page showed.
    """
    is_shown = tried is not None or "seen" in request.POST
    before = _shown(request) if is_shown else request.session.get(_key(recall))
    try:
        return Look(preview(recall, before, tried=tried))
    except Exception:
        _log.exception("The scope of %s cannot be looked at", recall)
        return Look(None, "What the rules reach could not be worked out.")


def look_context(request, recall: Recall, tried: ScopeRule | None = None) -> dict:
    """What every step shows of the look."""
    look = look_at(request, recall, tried)
    seen = look.seen
    return {
        "seen": seen,
        "failure": look.failure,
        "look": json.dumps({**seen.look, "amounts": seen.amounts}) if seen else "",
        "gained": _gained(seen) if seen else [],
        "now": timezone.now(),
    }


@dataclass(frozen=True)
class Moved:
    """The scope is not the one any more that somebody was about to sign for."""

    since: datetime | None
    words: list[str]


def moved(request, common: dict) -> Moved | None:
    """Against what the page showed when it was signed; nothing while that still stands."""
    seen, signed = common["seen"], request.POST.get("seen", "")
    if not signed or seen is None or signed == seen.fingerprint:
        return None
    try:
        since = datetime.fromisoformat(request.POST.get("looked_at", ""))
    except ValueError:
        since = None
    return Moved(since if since and timezone.is_aware(since) else None, common["gained"])


def remember_look(request, recall: Recall) -> None:
    """Keeps what the person saw before the change, so that the page can show the difference."""
    if (look := _shown(request)) is None:
        request.session.pop(_key(recall), None)
    else:
        request.session[_key(recall)] = look


def _shown(request) -> dict | None:
    """The look that the page says it showed; none when that cannot be read."""
    try:
        look = json.loads(request.POST.get("look", ""))
        amounts = {str(unit): str(Decimal(n)) for unit, n in look["amounts"].items()}
        return {key: int(look[key]) for key in _COUNTS} | {"amounts": amounts}
    except (ValueError, TypeError, KeyError, AttributeError, InvalidOperation):
        return None


def _key(recall: Recall) -> str:
    return f"look-{recall.reference}"


def _gained(seen: ScopePreview) -> list[str]:
    words = {
        "batches": ("batch", "batches"),
        "locations": ("place", "places"),
        "recipients": ("recipient", "recipients"),
    }
    changes = [(words[key], n) for key, n in (seen.delta or {}).items() if key in words and n]
    counts = [f"{n:+,} {one if abs(n) == 1 else many}" for (one, many), n in changes]
    amounts = [
        f"{'+' if more > 0 else '−'}{quantity(abs(more), unit)}"
        for unit, more in seen.gained.items()
    ]
    return [*counts, *amounts]

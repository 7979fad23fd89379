"""How a status looks: the one mapping from an object to its word, glyph and colour."""

from dataclasses import dataclass

GLYPHS = {
    "crit": "recall",
    "hold": "hold",
    "ok": "okc",
    "info": "half",
    "none": "dash",
    "drill": "drill",
}


@dataclass(frozen=True)
class Look:
    """Colour key, word and glyph of one status."""

    key: str
    word: str
    glyph: str = ""

    @property
    def icon(self) -> str:
        return self.glyph or GLYPHS[self.key]


# (model, value of its status field) -> look; a word of None is the field's own label.
FIELDS = {
    "run": ("status", {"draft": "none", "posted": "ok", "voided": "none"}),
    "inspection": ("result", {"passed": "ok", "failed": "crit", "open": "hold"}),
    "notice": (
        "state",
        {
            "pending": "none",
            "sending": "info",
            "accepted": "info",
            "failed": "crit",
            "bounced": "crit",
            "withdrawn": "none",
        },
    ),
    "bounce": ("kind", {"returned": "crit", "delayed": "hold"}),
    "escalation": ("step", {"parent": "info", "call": "crit", "lead": "hold"}),
    "job": (
        "state",
        {"queued": "none", "running": "info", "done": "ok", "failed": "crit", "stopped": "none"},
    ),
    "outcome": ("result", {"accepted": "info", "retry": "hold", "failed": "crit"}),
    "complaint": ("status", {"open": "hold", "closed": "ok"}),
    "narrowing": (
        "state",
        {"open": "hold", "approved": "ok", "rejected": "none", "withdrawn": "none"},
    ),
}
SHIPMENT = {"draft": "none", "posted": "info", "received": "ok", "voided": "none"}
RECALL = {
    "draft": "none",
    "submitted": "hold",
    "active": "crit",
    "completed": "info",
    "closed": "ok",
    "cancelled": "none",
}
BATCH = {"pending": "info", "released": "ok", "rejected": "crit", "voided": "none"}
FINDING = {"alarm": ("crit", "warn"), "warning": ("hold", "warn"), "gap": ("none", "link")}


def look(obj) -> Look:
    """The look of `obj`. An object may bring its own as `status_look`: (key, word[, glyph])."""
    own = getattr(obj, "status_look", None)
    if own:
        return own if isinstance(own, Look) else Look(*own)
    kind = obj._meta.model_name
    if kind in FIELDS:
        field, keys = FIELDS[kind]
        value = getattr(obj, field)
        return Look(keys[value], getattr(obj, f"get_{field}_display")())
    return _OWN[kind](obj)


def _batch(batch) -> Look:
    """Needs `with_state()`; without it holds are not known and only the status is shown."""
    if batch.status == "voided":
        return Look("none", "Voided")
    if getattr(batch, "is_recalled", False):
        return Look("crit", "Recalled")
    if getattr(batch, "is_held", False):
        return Look("hold", "On hold")
    return Look(BATCH[batch.status], batch.get_status_display())


def _shipment(shipment) -> Look:
    """Short is said where `is_short` was asked for with the shipment."""
    if shipment.status == "received" and shipment.refusal_reason:
        return Look("crit", "Refused", "back")
    if shipment.status == "received" and getattr(shipment, "is_short", False):
        return Look("hold", "Short", "scale")
    return Look(SHIPMENT[shipment.status], shipment.get_status_display())


def _recall(recall) -> Look:
    word = "Planned" if _is_planned(recall) else recall.get_status_display()
    if recall.is_drill:
        return Look("drill", f"Drill, {word.lower()}")
    if recall.classification != "unclassified" and recall.status != "cancelled":
        word = f"{recall.get_classification_display()}, {word.lower()}"
    if recall.is_uncountersigned:
        return Look("crit", f"{word}, not countersigned", "flag")
    return Look(RECALL[recall.status], word)


def _is_planned(recall) -> bool:
    return recall.status == "draft" and recall.planned_at is not None


def _hold(hold) -> Look:
    if hold.released_at:
        return Look("ok", "Released")
    if hold.is_drill:
        return Look("drill", "Would hold")
    return Look("hold", hold.get_decision_display() or "On hold")


def _finding(finding) -> Look:
    if finding.closed_at:
        return Look("ok", "Closed")
    key, glyph = FINDING[finding.severity]
    return Look(key, finding.get_severity_display(), glyph)


def _active(thing) -> Look:
    return Look("ok", "Active") if thing.active else Look("none", "Not used any more")


_OWN = {
    "batch": _batch,
    "shipment": _shipment,
    "recall": _recall,
    "hold": _hold,
    "finding": _finding,
    "product": _active,
    "location": _active,
    "importrun": lambda run: (
        Look("hold", f"{run.refused:,} rows refused") if run.refused else Look("ok", "All rows in")
    ),
}

"""What may belong to a recall although no rule reaches it: suggestions with their evidence.

Each can be added as a rule of its own. Reads only; what is suggested changes nothing.
"""

from recalls.scope.hints.hint import Hint
from recalls.scope.hints.inputs import shared_inputs
from recalls.scope.hints.lines import next_on_line
from recalls.scope.hints.transport import same_vehicle, travelled_together
from recalls.scope.hints.unnamed import without_batch
from recalls.scope.shapes import ScopePreview

__all__ = ["Hint", "hints_of"]

_SOURCES = (next_on_line, shared_inputs, travelled_together, same_vehicle)
_ORDER = ["unnamed", "line", "rework", "input", "shipment", "vehicle"]


def hints_of(seen: ScopePreview) -> list[Hint]:
    """The suggestions about what a look shows, kind by kind, the most telling first in each."""
    batches = {batch.batch_id for batch in seen.batches}
    if not batches:
        return []
    found = [hint for source in _SOURCES for hint in source(batches)]
    found += without_batch(seen.unnamed)
    # Sorting keeps the order within a kind.
    return sorted(found, key=lambda hint: _ORDER.index(hint.kind))

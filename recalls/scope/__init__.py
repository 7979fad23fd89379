"""From rules to seeds to the forward trace to scope lines. Reads only."""

from recalls.scope.frozen import (
    asked_in,
    asked_in_each,
    canonical_scope,
    lines_of,
    newest,
    newest_released,
)
from recalls.scope.resolve import preview
from recalls.scope.shapes import Line, Place, Quantity, ScopeBatch, ScopePreview

__all__ = [
    "Line",
    "Place",
    "Quantity",
    "ScopeBatch",
    "ScopePreview",
    "asked_in",
    "asked_in_each",
    "canonical_scope",
    "lines_of",
    "newest",
    "newest_released",
    "preview",
]

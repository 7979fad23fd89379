"""Words of a recall's own fields, as recipients read them in their language."""

from django.utils.translation import gettext as _

from batches.codes.numbering import UNRECORDED, is_unrecorded
from recalls.models import Recall

Kind, Class = Recall.Kind, Recall.Classification


def kind_word(recall: Recall) -> str:
    if recall.kind == Kind.RECALL:
        return _("Product recall")
    if recall.kind == Kind.WITHDRAWAL:
        return _("Product withdrawal")
    return _("Stock recovery") if recall.kind == Kind.STOCK_RECOVERY else _("Safety alert")


def class_word(recall: Recall) -> str:
    """Empty while nobody has classified it."""
    words = {Class.I: _("Class I"), Class.II: _("Class II"), Class.III: _("Class III")}
    return words.get(recall.classification, "")


def batch_word(number: str) -> str:
    """A batch number as it is told: of goods without one that none was recorded, and where."""
    if not is_unrecorded(number):
        return number
    return _("No batch recorded") + number[len(UNRECORDED) :]


def public_batch_word(number: str) -> str:
    """The same for the public, whom the documents of our customers do not concern."""
    return _("No batch recorded") if is_unrecorded(number) else number

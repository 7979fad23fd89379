"""Words of a recall's own fields, as recipients read them in their language."""

from django.utils.translation import gettext as _

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

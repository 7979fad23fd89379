"""From pasted wording to rules that a person may confirm: what it says, what matches here."""

from recalls.scope.pasted.offers import Offer, offers

__all__ = ["Offer", "offers"]

"""The signed link that lets a recipient answer without logging in. Nothing secret is stored."""

import uuid

from django.conf import settings
from django.core.signing import BadSignature, Signer

from recalls.models import Recipient

_SIGNER = {"salt": "recipient", "sep": "."}


def token_for(recipient: Recipient) -> str:
    return Signer(**_SIGNER).sign(recipient.uuid.hex)


def recipient_for(token: str) -> Recipient | None:
    """Whom a token names; None if it is forged, unknown or revoked."""
    try:
        key = uuid.UUID(hex=Signer(**_SIGNER).unsign(token))
    except (BadSignature, ValueError):
        return None
    return (
        Recipient.objects.select_related("recall").filter(uuid=key, revoked_at__isnull=True).first()
    )


def link_for(recipient: Recipient) -> str:
    return f"{settings.SITE_URL}/r/{token_for(recipient)}/"

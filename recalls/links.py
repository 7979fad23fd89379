"""The signed link that lets a recipient answer without logging in. Nothing secret is stored."""

import uuid

from django.conf import settings
from django.core.signing import BadSignature, Signer

from recalls.models import Notice, Recipient

_SIGNER = {"salt": "recipient", "sep": "."}
_CONTACT = {"salt": "contact-test", "sep": "."}


def token_for(recipient: Recipient) -> str:
    return Signer(**_SIGNER).sign(recipient.uuid.hex)


def recipient_for(token: str) -> Recipient | None:
    """Whom a token names; None if it is forged, unknown or revoked."""
    found = recipient_named(token)
    return found if found and not found.revoked_at else None


def recipient_named(token: str) -> Recipient | None:
    """Whom a token names, also after it was revoked; None if it is forged or unknown."""
    try:
        key = uuid.UUID(hex=Signer(**_SIGNER).unsign(token))
    except (BadSignature, ValueError):
        return None
    return Recipient.objects.select_related("recall").filter(uuid=key).first()


def confirm_link(notice: Notice) -> str:
    """Where the address of a contact test confirms that it arrived."""
    token = Signer(**_CONTACT).sign(str(notice.pk))
    return f"{settings.SITE_URL}/c/{token}/"


def contact_test_for(token: str) -> Notice | None:
    """Which contact test a token names; None if it is forged or unknown."""
    try:
        key = int(Signer(**_CONTACT).unsign(token))
    except (BadSignature, ValueError):
        return None
    return Notice.objects.filter(pk=key, kind=Notice.Kind.CONTACT).first()


def link_for(recipient: Recipient) -> str:
    return f"{settings.SITE_URL}/r/{token_for(recipient)}/"

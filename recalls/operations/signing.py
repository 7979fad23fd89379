"""Signing: the password entered again, under a meaning and the hash of the scope."""

from django.core.exceptions import ValidationError

from recalls.models import Signature


def check_password(by, password: str) -> None:
    if not by.check_password(password):
        raise ValidationError({"password": "This is not your password. Enter it again."})


def sign(recall, version, by, at, meaning: str) -> None:
    if not meaning.strip():
        raise ValidationError({"meaning": "Say what your signature means."})
    Signature.objects.create(
        recall=recall,
        user=by,
        meaning=meaning.strip(),
        scope_sha256=version.sha256 if version else "",
        at=at,
    )

"""The return path of each attempt: signed, so that only what really left can come back.

    bounce+4711-2-mfrggzdfmztwq2lk@example.com
           notice-attempt-signature

Lower case throughout, because mail servers on the way may change the case of an address.
"""

import base64
import re

from django.conf import settings
from django.utils.crypto import constant_time_compare, salted_hmac

# 80 bits: short enough for the 64 characters of a local part, too many to guess.
_SIGNATURE_BYTES = 10
_NUMBER = r"[1-9][0-9]{0,18}"


def return_path(notice_id: int, attempt: int) -> str:
    """The envelope sender of an attempt; empty where no BOUNCE_ADDRESS is set."""
    if not settings.BOUNCE_ADDRESS:
        return ""
    name, _, domain = settings.BOUNCE_ADDRESS.rpartition("@")
    return f"{name}+{notice_id}-{attempt}-{_signature(notice_id, attempt)}@{domain}"


def _signature(notice_id: int, attempt: int) -> str:
    mac = salted_hmac("recalls.bounce", f"{notice_id}.{attempt}", algorithm="sha256").digest()
    return base64.b32encode(mac[:_SIGNATURE_BYTES]).decode().lower()


def attempts_named(text: str) -> tuple[list[tuple[int, int]], bool]:
    """(notice, attempt) of each return path in `text` that is ours, and whether one was forged."""
    name, _, domain = settings.BOUNCE_ADDRESS.lower().rpartition("@")
    pattern = rf"{re.escape(name)}\+({_NUMBER})-({_NUMBER})-([a-z2-7]+)@{re.escape(domain)}"
    named, is_forged = [], False
    for notice, attempt, signature in re.findall(pattern, text.lower()) if domain else []:
        if constant_time_compare(signature, _signature(int(notice), int(attempt))):
            named.append((int(notice), int(attempt)))
        else:
            is_forged = True
    return named, is_forged

"""Whom a request comes from, believing only as many proxies as the site has."""

from django.conf import settings


def client_address(request) -> str:
    """The address that the outermost trusted proxy saw; without one, the connection's own."""
    direct = request.META.get("REMOTE_ADDR", "")
    if not settings.TRUSTED_PROXIES:
        return direct
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
    seen = [address.strip() for address in forwarded if address.strip()]
    return seen[-settings.TRUSTED_PROXIES] if len(seen) >= settings.TRUSTED_PROXIES else direct

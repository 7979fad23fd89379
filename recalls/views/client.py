"""Who asks in public: a keyed hash of the address, so that no address is kept anywhere."""

import re
from ipaddress import ip_address, ip_network

from axes.helpers import get_client_ip_address
from django.conf import settings
from django.utils.crypto import salted_hmac


def client_key(request) -> str:
    """One asker. Of IPv6 a whole /64 is one: its owner has as many addresses as he likes."""
    return _hashed("client", _block(request, 32, 64))


def network_key(request) -> str:
    """The network that a code was checked from; coarse, so that a new address is no new place."""
    return _hashed("network", _block(request, 24, 48))


def country(request) -> str:
    """The country that a trusted proxy says the visitor is in, as two letters; else nothing.
    Without a trusted proxy anybody could write that header."""
    if not (settings.TRUSTED_PROXIES and settings.COUNTRY_HEADER):
        return ""
    said = request.headers.get(settings.COUNTRY_HEADER, "").strip().upper()
    # XX is how proxies write that they do not know.
    return said if re.fullmatch("[A-Z]{2}", said) and said != "XX" else ""


def _block(request, bits: int, bits_of_six: int) -> str:
    """Proxies are believed as the site's TRUSTED_PROXIES says, as at the login."""
    said = get_client_ip_address(request) or ""
    try:
        address = ip_address(said)
    except ValueError:
        return said
    if address.version == 6 and address.ipv4_mapped:
        address = address.ipv4_mapped
    bits = bits if address.version == 4 else bits_of_six
    return str(ip_network((address, bits), strict=False))


def _hashed(kind: str, block: str) -> str:
    return salted_hmac(f"verify.{kind}", block, algorithm="sha256").hexdigest()[:16]

"""The languages that the public is spoken to in."""

from django.utils.http import urlencode
from django.utils.translation.trans_real import parse_accept_lang_header

from recalls.message.languages import LANGUAGES


def language_of(request) -> str:
    """The one chosen with `?lang=`, else the first of the browser's that there is, else English."""
    if (chosen := request.GET.get("lang", "")) in LANGUAGES:
        return chosen
    for accepted, _ in parse_accept_lang_header(request.headers.get("Accept-Language", "")):
        if (name := accepted.partition("-")[0]) in LANGUAGES:
            return name
    return "en"


def offered(kept: dict | None = None) -> list[tuple[str, str, str]]:
    """(code, own name, query) of each language, for the foot of a page."""
    return [
        (code, name, urlencode({**(kept or {}), "lang": code})) for code, name in LANGUAGES.items()
    ]

"""The languages that the public is spoken to in."""

from django.utils.translation.trans_real import parse_accept_lang_header

LANGUAGES = {"en": "English", "de": "Deutsch", "es": "Español", "fr": "Français"}


def language_of(request) -> str:
    """The one chosen with `?lang=`, else the first of the browser's that there is, else English."""
    if (chosen := request.GET.get("lang", "")) in LANGUAGES:
        return chosen
    for accepted, _ in parse_accept_lang_header(request.headers.get("Accept-Language", "")):
        if (name := accepted.partition("-")[0]) in LANGUAGES:
            return name
    return "en"

"""The languages that recipients and the public are spoken to in."""

LANGUAGES = {
    "en": "English",
    "de": "Deutsch",
    "es": "Español",
    "fr": "Français",
    "ar": "العربية",
}
FALLBACK = "en"
# What draws PDF files joins no letters and writes from left to right: no Arabic can be read there.
_ON_PAPER = frozenset({"en", "de", "es", "fr"})

# Only countries where one of the languages is everybody's; elsewhere nobody guesses.
_COUNTRIES = {
    "ar": "AE BH EG JO KW LB LY OM PS QA SA SY TN YE",
    "de": "DE AT LI",
    "es": "ES AR BO CL CO CR CU DO EC GT HN MX NI PA PE PY SV UY VE",
    "fr": "FR MC",
}
_OF_COUNTRY = {code: name for name, codes in _COUNTRIES.items() for code in codes.split()}


def known(language: str) -> str:
    """The language spoken for `language`, such as `de-AT`; English where there is none."""
    name = language.strip().lower().replace("_", "-").partition("-")[0]
    return name if name in LANGUAGES else FALLBACK


def on_paper(language: str) -> str:
    """The language in which a PDF speaks to whom `language` is spoken: English where it cannot."""
    name = known(language)
    return name if name in _ON_PAPER else FALLBACK


def of_place(location, contacts=()) -> str:
    """The language of a place: that of its first contact, else of its country, else English."""
    for contact in contacts:
        return known(contact.language)
    return _OF_COUNTRY.get(location.country.upper(), FALLBACK)

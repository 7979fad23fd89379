"""Faults that show in the settings alone."""

import shutil
from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import urlsplit

from django.conf import settings

from batches.codes import patterns
from batches.codes.gs1.errors import CodeError
from traceability.doctor import Check, Fault

SHORTEST_KEY, FEWEST_CHARACTERS = 50, 5
LEAST_FREE_BYTES = 500_000_000
# A local part has 64 characters; the number of the notice and the signature need the rest.
LONGEST_NAME = 20


def debug() -> Iterator[Fault]:
    if settings.DEBUG:
        yield Fault("debug", "DEBUG is on: errors show settings and data. Unset DEBUG.")


def demo() -> Iterator[Fault]:
    if settings.DEMO and (settings.CELERY_BROKER_URL or settings.EMAIL_URL):
        yield Fault("demo", "LOTLINE_DEMO is set on a site with a broker or real mail. Unset it.")


def secret_key() -> Iterator[Fault]:
    key = settings.SECRET_KEY
    weak = len(key) < SHORTEST_KEY or len(set(key)) < FEWEST_CHARACTERS
    if settings.PRODUCTION and settings.SECRET_KEY_IS_OWN:
        yield Fault("secret-key", "SECRET_KEY is not set: each host would make a key of its own.")
    elif weak or key.startswith("django-insecure"):
        yield Fault("secret-key", f"SECRET_KEY is weak: take {SHORTEST_KEY} random characters.")
    path = settings.DATA_DIR / "secret_key"
    if settings.SECRET_KEY_IS_OWN and path.exists() and path.stat().st_mode & 0o077:
        yield Fault("secret-key", f"Others can read {path}. Run chmod 600 on it.")


def hosts() -> Iterator[Fault]:
    if "*" in settings.ALLOWED_HOSTS:
        yield Fault("allowed-hosts", "ALLOWED_HOSTS has '*': name the hosts that you serve.")
    host = urlsplit(settings.SITE_URL).hostname or ""
    known = any(
        host == name or (name.startswith(".") and f".{host}".endswith(name))
        for name in [*settings.ALLOWED_HOSTS, "*"]
    )
    if settings.PRODUCTION and not known and "*" not in settings.ALLOWED_HOSTS:
        yield Fault("site-url", f"The links in mails lead to {host}, not in ALLOWED_HOSTS.")


def site_url() -> Iterator[Fault]:
    if settings.PRODUCTION and not settings.SITE_URL.startswith("https://"):
        yield Fault("site-url", "SITE_URL is not https: response links would travel in the open.")


def mail() -> Iterator[Fault]:
    if settings.PRODUCTION and not settings.EMAIL_URL:
        yield Fault("mail", "EMAIL_URL is not set: notices would be written to files only.")
    if settings.EMAIL_URL and settings.DEFAULT_FROM_EMAIL.endswith(".example"):
        yield Fault("mail", "DEFAULT_FROM_EMAIL is the placeholder: set an address of yours.")


def returned_mail() -> Iterator[Fault]:
    """Without a return path nobody notices that a notice came back."""
    name, _, domain = settings.BOUNCE_ADDRESS.rpartition("@")
    if settings.PRODUCTION and not settings.BOUNCE_ADDRESS:
        yield Fault(
            "bounce-address",
            "BOUNCE_ADDRESS is not set: nobody notices mail that comes back.",
            is_warning=True,
        )
    elif settings.BOUNCE_ADDRESS and not (0 < len(name) <= LONGEST_NAME and "." in domain):
        yield Fault(
            "bounce-address",
            f"BOUNCE_ADDRESS must be name@domain, the name of {LONGEST_NAME} characters at most.",
        )
    elif settings.BOUNCE_ADDRESS and not settings.BOUNCE_MAILBOX:
        yield Fault(
            "bounce-mailbox",
            "BOUNCE_MAILBOX is not set: mail that comes back is read only when somebody feeds "
            "it to manage.py bounces.",
            is_warning=True,
        )
    if settings.BOUNCE_MAILBOX and not settings.BOUNCE_ADDRESS:
        yield Fault("bounce-address", "BOUNCE_MAILBOX is set without BOUNCE_ADDRESS: set both.")


def lease() -> Iterator[Fault]:
    least = 3 * settings.EMAIL_TIMEOUT
    if least > settings.NOTICE_LEASE_SECONDS:
        yield Fault(
            "lease",
            f"NOTICE_LEASE_SECONDS is {settings.NOTICE_LEASE_SECONDS}; it must be {least} or more "
            "(three times EMAIL_TIMEOUT), or a slow mail is sent twice.",
        )


def numbers() -> Iterator[Fault]:
    """The site's pattern, which no product's page ever saved."""
    try:
        pattern = patterns.parse(settings.NUMBER_PATTERN)
    except CodeError as error:
        yield Fault("number-pattern", f"NUMBER_PATTERN is none. {error}")
        return
    for said in patterns.faults(pattern, timedelta(days=settings.RETENTION_DAYS)):
        yield Fault("number-pattern", f"NUMBER_PATTERN: {said}")


def country() -> Iterator[Fault]:
    if settings.COUNTRY_HEADER and not settings.TRUSTED_PROXIES:
        yield Fault(
            "country-header",
            "COUNTRY_HEADER is set and not believed, because TRUSTED_PROXIES is 0. Set it to the "
            "number of your proxies, or unset the header.",
        )


def disk() -> Iterator[Fault]:
    if (free := shutil.disk_usage(settings.DATA_DIR).free) < LEAST_FREE_BYTES:
        yield Fault("disk", f"Only {free // 1_000_000} MB are free where the data lies.")


CHECKS: list[Check] = [
    debug,
    demo,
    secret_key,
    hosts,
    site_url,
    mail,
    returned_mail,
    lease,
    numbers,
    country,
    disk,
]

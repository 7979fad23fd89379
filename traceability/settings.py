"""Settings of a Lotline site, all of them taken from the environment.

With no variable set this is the embedded default: SQLite in `var/`, one
process, mail written to a local outbox. `docs/settings.md` lists each variable.
"""

import os
import secrets
import tempfile
from contextlib import suppress
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit
from zoneinfo import available_timezones

import dj_database_url
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = Path(os.environ.get("LOTLINE_DATA", BASE_DIR / "var"))
DATA_DIR.mkdir(parents=True, exist_ok=True)


def flag(name: str, default: bool = False) -> bool:
    return os.environ.get(name, str(int(default))).lower() in {"1", "true", "yes", "on"}


# What cannot be read, each in a sentence; the end of this file refuses to start with any.
WRONG: list[str] = []


def number(name: str, default: int, least: int = 0) -> int:
    text = os.environ.get(name, "").strip() or str(default)
    if not (text.isascii() and text.isdigit() and int(text) >= least):
        WRONG.append(f"{name} must be a whole number, {least} or more, not “{text}”.")
        return default
    return int(text)


def one_of(name: str, *values: str) -> str:
    """One of `values`, the first unless another is set."""
    if (text := os.environ.get(name, "") or values[0]) not in values:
        WRONG.append(f"{name} must be {' or '.join(values)}, not “{text}”.")
    return text


def own_secret_key() -> str:
    """The key of an embedded site: made once, readable by its owner only."""
    path = DATA_DIR / "secret_key"
    if not path.exists():
        # Under its name only when it is whole: several processes may start at once.
        number, made = tempfile.mkstemp(dir=DATA_DIR)
        with open(number, "w") as file:
            file.write(secrets.token_urlsafe(50))
        with suppress(FileExistsError):
            os.link(made, path)
        os.unlink(made)
    return path.read_text().strip()


DEBUG = flag("DEBUG")
DEMO = flag("LOTLINE_DEMO")
# A site that other people depend on: it has a database server, a broker or real mail.
PRODUCTION = not DEMO and any(
    os.environ.get(name) for name in ("DATABASE_URL", "CELERY_BROKER_URL", "EMAIL_URL")
)
SECRET_KEY_IS_OWN = not os.environ.get("SECRET_KEY")
SECRET_KEY = own_secret_key() if SECRET_KEY_IS_OWN else os.environ["SECRET_KEY"]
ALLOWED_HOSTS = os.environ.get("ALLOWED_HOSTS", "127.0.0.1,localhost,[::1]").split(",")
CSRF_TRUSTED_ORIGINS = [o for o in os.environ.get("CSRF_TRUSTED_ORIGINS", "").split(",") if o]
SITE_URL = os.environ.get("SITE_URL", "http://127.0.0.1:8000").rstrip("/")
SITE_NAME = os.environ.get("SITE_NAME", "Lotline")
SITE_BAND = os.environ.get("SITE_BAND", "")

INSTALLED_APPS = [
    "traceability",
    "recalls",
    "batches",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.forms",
    "django_tables2",
    "django_filters",
    "django_htmx",
    "ninja",
    "axes",
    "csp",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
    "traceability.shown.in_own_zone",
]

AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = 1
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_VERBOSE = False
# How many proxies in front may be believed about whom they speak for; 0 believes nobody.
TRUSTED_PROXIES = number("TRUSTED_PROXIES", 0)
AXES_CLIENT_IP_CALLABLE = "traceability.proxies.client_address"

ROOT_URLCONF = "traceability.urls"
WSGI_APPLICATION = "traceability.wsgi.application"
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "overview"
LOGOUT_REDIRECT_URL = "login"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.debug",
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "traceability.context.shell",
            ]
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
DJANGO_TABLES2_TEMPLATE = "includes/table.html"

# A synchronous=FULL, IMMEDIATE SQLite: notices are owed, so a commit must
# survive the power cord, and a read that turns into a write must not fail.
SQLITE = {
    "timeout": 30,
    "transaction_mode": "IMMEDIATE",
    "init_command": (
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;"
        "PRAGMA recursive_triggers=ON; PRAGMA temp_store=MEMORY; PRAGMA cache_size=-65536"
    ),
}
OWN_DATABASE = f"sqlite:///{DATA_DIR / 'lotline.sqlite3'}"
try:
    DATABASES = {"default": dj_database_url.parse(os.environ.get("DATABASE_URL") or OWN_DATABASE)}
    if not DATABASES["default"]["ENGINE"].endswith(("sqlite3", "postgresql")):
        raise ValueError
except ValueError:
    # Never with what it says: there is a password in it.
    WRONG.append("DATABASE_URL must look like postgres://user:password@host:5432/name.")
    DATABASES = {"default": dj_database_url.parse(OWN_DATABASE)}
# Connections are kept: opening one for each request costs fifteen times on PostgreSQL.
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"].setdefault("OPTIONS", {}).update(SQLITE)
    DATABASES["default"]["CONN_MAX_AGE"] = None
else:
    DATABASES["default"]["CONN_MAX_AGE"] = 600
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
CACHE_URL = os.environ.get("CACHE_URL", "")
if CACHE_URL:
    CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": CACHE_URL,
            "KEY_PREFIX": "lotline",
        }
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

LANGUAGE_CODE = "en"
FORMAT_MODULE_PATH = "recalls.message.formats"
USE_TZ = True
TIME_ZONE = "UTC"
SITE_TIME_ZONE = os.environ.get("SITE_TIME_ZONE", "UTC")
if SITE_TIME_ZONE not in available_timezones():
    WRONG.append(f"SITE_TIME_ZONE must be a name such as Europe/Berlin, not “{SITE_TIME_ZONE}”.")

STATIC_URL = "static/"
STATIC_ROOT = DATA_DIR / "static"
STATIC_ROOT.mkdir(exist_ok=True)
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_USE_FINDERS = True


def mail_settings(url: str) -> dict:
    """Django's mail settings out of `smtp[s]://user:password@host:port/?starttls=1`."""
    parts = urlsplit(url)
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
        raise ValueError
    tls = parse_qs(parts.query).get("starttls", ["0"])[0] in {"1", "true", "yes"}
    return {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": parts.port or (465 if parts.scheme == "smtps" else 587 if tls else 25),
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_SSL": parts.scheme == "smtps",
        "EMAIL_USE_TLS": tls,
    }


EMAIL_URL = os.environ.get("EMAIL_URL", "")
if EMAIL_URL:
    try:
        globals().update(mail_settings(EMAIL_URL))
    except ValueError:
        WRONG.append("EMAIL_URL must look like smtp://user:password@host:587/.")
else:
    EMAIL_BACKEND = "recalls.outbox.EmailBackend"
OUTBOX_DIR = DATA_DIR / "outbox"
EMAIL_TIMEOUT = number("EMAIL_TIMEOUT", 60, least=1)
# Where every mail of a drill goes, whoever it is addressed to; empty: to the drill's lead.
DRILL_MAIL = [part.strip() for part in os.environ.get("DRILL_MAIL", "").split(",") if part.strip()]
DRILL_NEEDS_TWO = flag("DRILL_NEEDS_TWO", default=False)
DEFAULT_FROM_EMAIL = os.environ.get("DEFAULT_FROM_EMAIL", "recalls@lotline.example")
REPLY_TO_EMAIL = os.environ.get("REPLY_TO_EMAIL", DEFAULT_FROM_EMAIL)
SITE_PHONE = os.environ.get("SITE_PHONE", "")
# Whose recall it is: the code of the location with the firm's name and address.
FIRM_LOCATION = os.environ.get("FIRM_LOCATION", "")
PRODUCT_TYPE = one_of("PRODUCT_TYPE", "Food", "Drugs", "Devices")
PAPER_SIZE = one_of("PAPER_SIZE", "A4", "Letter")
# A lease shorter than three mail timeouts would hand a mail that is still
# being sent to a second worker; the start-up check refuses it.
NOTICE_LEASE_SECONDS = number("NOTICE_LEASE_SECONDS", 3 * EMAIL_TIMEOUT)
# How long notices can be stopped before the first one leaves.
NOTICE_WINDOW_SECONDS = number("NOTICE_WINDOW_SECONDS", 30)
# Mail that comes back goes to name+token@domain, so that nobody can forge what came back.
BOUNCE_ADDRESS = os.environ.get("BOUNCE_ADDRESS", "")
# maildir:/path or imap(s)://user:password@host:port/folder; empty: nothing is fetched.
BOUNCE_MAILBOX = os.environ.get("BOUNCE_MAILBOX", "")
# A contact that confirmed longer ago than this counts as not tested.
CONTACT_TEST_DAYS = number("CONTACT_TEST_DAYS", 365)
# How often those who get the reports of a recall are owed a status update by a person.
# Whether our people look at the customers that a recipient names before those are written to.
PASS_ON_NEEDS_APPROVAL = flag("PASS_ON_NEEDS_APPROVAL", default=False)
# Headlines of consumer notices by language, such as `es=...;fr=...`.
CONSUMER_HEADLINES = dict(
    pair.split("=", 1)
    for pair in os.environ.get("CONSUMER_HEADLINES", "").split(";")
    if "=" in pair
)
# The largest picture that may be uploaded for a notice; it is made smaller before it is kept.
PICTURE_MAX_BYTES = number("PICTURE_MAX_BYTES", 15_000_000)
# In which the costs of a recall are counted, and whether destroying needs a second person.
CURRENCY = os.environ.get("CURRENCY", "EUR")
DESTRUCTION_NEEDS_TWO = flag("DESTRUCTION_NEEDS_TWO", default=True)
# The largest PDF, such as a certificate, that a recipient may hand in with an answer.
PDF_MAX_BYTES = number("PDF_MAX_BYTES", 5_000_000)
# Hashes the codes on single packs; by default it is derived from SECRET_KEY.
UNIT_CODE_KEY = os.environ.get("UNIT_CODE_KEY", "")
# In which header a trusted proxy names the visitor's country; believed with TRUSTED_PROXIES only.
COUNTRY_HEADER = os.environ.get("COUNTRY_HEADER", "")
VERIFY_PER_CLIENT = number("VERIFY_PER_CLIENT", 30)
VERIFY_PER_PRODUCT = number("VERIFY_PER_PRODUCT", 600)
# Questions a minute of one token of the API.
API_PER_TOKEN = number("API_PER_TOKEN", 600)
CLOCK_SECONDS = number("CLOCK_SECONDS", 60, least=1)

CELERY_BROKER_URL = os.environ.get("CELERY_BROKER_URL", "")
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_SOFT_TIME_LIMIT, CELERY_TASK_TIME_LIMIT = 3300, 3600
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 30
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_WORKER_MAX_TASKS_PER_CHILD = 200
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 4000,  # Longer than the hard limit, or a task would run twice.
    "unacked_restore_interval": 10,
    "unacked_restore_throttle": 1,  # 10, the default, looks for lost tasks each 100 s only.
    "max_retries": 1,  # Of a ring; the default tries for six seconds.
    "interval_start": 0,
    "interval_step": 0.1,
    "socket_connect_timeout": 2,
    "socket_timeout": 30,
    "socket_keepalive": True,
    "health_check_interval": 25,
    "global_keyprefix": "lotline:",
}

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "style-src-attr": ["'unsafe-inline'"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_HTTPONLY = True
if flag("SECURE_HTTPS", SITE_URL.startswith("https://")):
    SECURE_SSL_REDIRECT = True
    SECURE_REDIRECT_EXEMPT = [r"^health/"]
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    SECURE_HSTS_SECONDS = number("SECURE_HSTS_SECONDS", 31536000)
    SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = True
    if TRUSTED_PROXIES:
        SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
DATA_UPLOAD_MAX_NUMBER_FIELDS = 20000
# Of products without a pattern of their own; see docs/numbering.md.
NUMBER_PATTERN = os.environ.get("NUMBER_PATTERN", "{YY}{JJJ}{counter:3/day}{check}")
# Records are kept so long behind the shelf life; until then no number may come again.
# So much of what was made or received may be missing before a balance counts as open.
BALANCE_TOLERANCE_PER_MILLE = number("BALANCE_TOLERANCE_PER_MILLE", 0)
RETENTION_DAYS = number("RETENTION_DAYS", 5 * 366)
IMPORT_MAX_BYTES = number("IMPORT_MAX_BYTES", 64 * 1024 * 1024)
IMPORT_MAX_UNPACKED = number("IMPORT_MAX_UNPACKED", 64 * 1024 * 1024)
IMPORT_MAX_ROWS = number("IMPORT_MAX_ROWS", 500_000)

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": os.environ.get("LOG_LEVEL", "WARNING")},
}

if WRONG:
    raise ImproperlyConfigured(" ".join(WRONG))

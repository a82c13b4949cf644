"""Settings of a town. Everything that differs between towns comes from the environment (docs/howto/configuration.md).

The demo is a town too: `doorstep demo` sets DOORSTEP_DEMO=1 and its own database before Django starts.
"""

import os
from ipaddress import ip_network
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from whitenoise.compress import Compressor

PACKAGE = Path(__file__).resolve().parent.parent
HOME = Path(os.environ.get("DOORSTEP_HOME", PACKAGE.parent.parent / "var"))

DEMO = os.environ.get("DOORSTEP_DEMO") == "1"
TESTING = os.environ.get("DOORSTEP_TESTING") == "1"
DEBUG = False


class ConfigurationError(Exception):
    """The environment does not describe a town that can run."""


def database(url: str) -> dict[str, object]:
    """`sqlite:///ABSOLUTE/PATH` or `postgresql://user:password@host:port/name?host=/socket/dir` as a Django database."""
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": unquote(parts.path[1:] if parts.path.startswith("//") else parts.path),
            # Writers queue for the lock at BEGIN instead of failing at their first write; a full sync is what a receipt is worth.
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 30,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA cache_size=-32000;",
            },
            "CONN_MAX_AGE": None,
        }
    if parts.scheme in {"postgresql", "postgres"}:
        query = parse_qs(parts.query)
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": unquote(parts.path.lstrip("/")),
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            "HOST": query["host"][0] if "host" in query else (parts.hostname or ""),
            "PORT": str(parts.port or query.get("port", [""])[0]),
            "CONN_MAX_AGE": 60,
            "CONN_HEALTH_CHECKS": True,
            "OPTIONS": {"application_name": "doorstep"},
        }
    raise ConfigurationError(f"DOORSTEP_DATABASE_URL must begin with sqlite:// or postgresql://, not {parts.scheme!r}")


DATABASES = {"default": database(os.environ.get("DOORSTEP_DATABASE_URL") or f"sqlite:///{HOME / 'town.sqlite3'}")}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"


def secret_key() -> str:
    """From the environment, or a file of the town's own that is made at the first start (never a default in code)."""
    given = os.environ.get("DOORSTEP_SECRET_KEY")
    if given:
        return given
    kept = HOME / "secret-key"
    if not kept.exists():
        kept.parent.mkdir(parents=True, exist_ok=True)
        made = os.open(kept, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(made, "w") as file:
            file.write(os.urandom(48).hex())
    return kept.read_text().strip()


SECRET_KEY = secret_key()
ALLOWED_HOSTS = (
    ["127.0.0.1", "localhost", "[::1]"] if DEMO else [h for h in os.environ.get("DOORSTEP_HOSTS", "127.0.0.1,localhost").split(",") if h]
)
if TESTING:
    ALLOWED_HOSTS = [*ALLOWED_HOSTS, "testserver"]
# Behind a TLS proxy a town says DOORSTEP_HTTPS=1; cookies are then for HTTPS alone.
HTTPS = os.environ.get("DOORSTEP_HTTPS") == "1"
CSRF_TRUSTED_ORIGINS = [f"https://{host}" for host in ALLOWED_HOSTS] if HTTPS else []


def trusted_proxies(given: str | None, *, https: bool) -> list[str]:
    """Whose word on where a request came from is taken (site.wsgi): addresses and networks. Without a word, whoever speaks from this machine
    where a TLS proxy is said to stand before the town, else nobody. Everybody (`*`) is refused: then anyone could be anywhere."""
    if given is None:
        return ["127.0.0.1", "::1"] if https else []
    found = [each.strip() for each in given.split(",") if each.strip()]
    for each in found:
        try:
            ip_network(each)
        except ValueError as error:
            raise ConfigurationError(f"DOORSTEP_TRUSTED_PROXIES: {each!r} is no address and no network") from error
    return found


TRUSTED_PROXIES = trusted_proxies(os.environ.get("DOORSTEP_TRUSTED_PROXIES"), https=HTTPS)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 60 * 60 * 24 * 30
SESSION_ENGINE = "doorstep.foundation.identity.sessions"
# An error page for a stale form: says that nothing typed is lost, and how to go on.
CSRF_FAILURE_VIEW = "doorstep.site.views.csrf_failure"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

INSTALLED_APPS = [
    "doorstep.foundation",
    "doorstep.organisations",
    "doorstep.talents",
    "doorstep.resources",
    "doorstep.affairs",
    "doorstep.projects",
    "doorstep.services",
    "doorstep.site",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "django_tasks",
    "django_tasks_db",
    "ninja",
]
MIDDLEWARE = [
    "doorstep.site.middleware.Headers",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "doorstep.site.middleware.Metrics",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "doorstep.site.middleware.Language",
    "doorstep.site.limits.Limits",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "doorstep.foundation.access.middleware.ViewerMiddleware",
    "doorstep.site.middleware.StaffIdle",
    "doorstep.site.middleware.Api",
]
ROOT_URLCONF = "doorstep.site.urls"
APPEND_SLASH = False
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [room / "templates" for room in sorted((PACKAGE / "foundation").iterdir()) if (room / "templates").is_dir()],
        "OPTIONS": {
            "context_processors": ["django.template.context_processors.request", "doorstep.foundation.ui.context.ui"],
            "builtins": ["django.templatetags.i18n", "doorstep.foundation.ui.templatetags.ui"],
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    ["django.template.loaders.filesystem.Loader", "django.template.loaders.app_directories.Loader"],
                )
            ],
            "string_if_invalid": "",
        },
    }
]
WSGI_APPLICATION = "doorstep.site.wsgi.application"

AUTH_USER_MODEL = "foundation.Account"
AUTHENTICATION_BACKENDS = ["doorstep.foundation.identity.backend.AccountBackend"]
LOGIN_URL = "/login/"
# A link to choose a new password (identity.staff) is good for an hour.
PASSWORD_RESET_TIMEOUT = 3600
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
if TESTING:
    # A test that wants a password wants it quickly; the Argon2 path has a test of its own.
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher", *PASSWORD_HASHERS]

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "中文"), ("en", "English")]
LANGUAGE_COOKIE_NAME = "language"
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"

STATIC_URL = "/static/"
STATIC_ROOT = HOME / "static"
STATIC_ROOT.mkdir(parents=True, exist_ok=True)
STATICFILES_DIRS = [PACKAGE / "foundation" / "ui" / "static"]
WHITENOISE_USE_FINDERS = DEMO or TESTING
WHITENOISE_AUTOREFRESH = False
# Source maps of the API's reading page, for whoever debugs it: packing them would take longer than all the rest of a start.
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = (*Compressor.SKIP_COMPRESS_EXTENSIONS, "map")
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": HOME / "files"}},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEMO or TESTING
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

TASKS = {
    "default": {
        "BACKEND": "django_tasks.backends.immediate.ImmediateBackend" if TESTING else "django_tasks_db.DatabaseBackend",
        "ENQUEUE_ON_COMMIT": True,
    }
}

# A form may carry nine photos; each is bounded again by files.actions.
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FILES = 20

# How one-time codes leave the house: console, or a class of the town's own (identity.senders).
DOORSTEP_CODE_SENDER = os.environ.get("DOORSTEP_CODE_SENDER", "doorstep.foundation.identity.senders.ConsoleSender")

# Mail: to the terminal unless a server is named. The site's own address stands in every link that is sent.
SITE_URL = os.environ.get("DOORSTEP_SITE_URL", "http://127.0.0.1:8000").rstrip("/")
MAIL_SERVER = urlsplit(os.environ.get("DOORSTEP_MAIL_URL", ""))  # smtp://user:password@host:587, smtps://… for TLS from the first byte
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if MAIL_SERVER.hostname else 'console'}.EmailBackend"
EMAIL_HOST, EMAIL_PORT = MAIL_SERVER.hostname or "", MAIL_SERVER.port or (465 if MAIL_SERVER.scheme == "smtps" else 587)
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = unquote(MAIL_SERVER.username or ""), unquote(MAIL_SERVER.password or "")
EMAIL_USE_SSL = MAIL_SERVER.scheme == "smtps"
EMAIL_USE_TLS = not EMAIL_USE_SSL and bool(MAIL_SERVER.hostname)
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = os.environ.get("DOORSTEP_MAIL_FROM", "doorstep@localhost")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": "doorstep.site.logs.Line"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {"django.server": {"level": "WARNING"}, "django.request": {"level": "ERROR"}},
}
SILENCED_SYSTEM_CHECKS: list[str] = []

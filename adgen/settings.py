"""The settings of the project: one file, twelve-factor. Every knob is read once, through env.py.

docs/settings.md lists the knobs for those who run the studio.
"""

import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured
from django.utils.csp import CSP

from adgen import env, watchers

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = env.folder("VAR_DIR", BASE_DIR / "var")
VERSION = "0.1.0"

# --- Where it is reached -------------------------------------------------------------------------------------
HOST = env.text("HOST", "127.0.0.1").strip("[]")
PORT = env.integer("PORT", 8000, least=1, most=65_535)
_EVERYWHERE = "0.0.0.0"  # nosec B104 # only compared with
_here = "localhost" if HOST in (_EVERYWHERE, "::") else f"[{HOST}]" if ":" in HOST else HOST
PUBLIC_URL = env.text("PUBLIC_URL", f"http://{_here}:{PORT}").rstrip("/")
SERVER = env.choice("SERVER", "uvicorn", "uvicorn", "daphne")
DRAIN_SECONDS = env.integer("DRAIN_SECONDS", 0, most=300)
_public = urlsplit(PUBLIC_URL)
if _public.scheme not in ("http", "https") or not _public.hostname or _public.path or _public.query:
    raise ImproperlyConfigured(
        f"PUBLIC_URL is “{PUBLIC_URL}”. Set it to an address without a path, such as https://ads.example.com."
    )
HTTPS = _public.scheme == "https"

DEBUG = env.flag("DEBUG")
SECRET_KEY = env.secret("SECRET_KEY", VAR_DIR / "secret_key")
_domain = f"[{_public.hostname}]" if ":" in _public.hostname else _public.hostname
ALLOWED_HOSTS = list(dict.fromkeys([_domain, "127.0.0.1", "localhost", "[::1]", *env.words("ALLOWED_HOSTS")]))
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]

# --- Applications --------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "adgen.administration.Administration",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",
    "channels",
    "django_htmx",
    "ninja",  # serves its own copy of the API page's scripts
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "accounts",
    "runs",
    "studio",
]

if SERVER == "daphne" or sys.argv[1:2] == ["runserver"]:
    # It is `runserver`'s server, before staticfiles. Whoever does not serve with it saves its memory.
    INSTALLED_APPS.insert(0, "daphne")

MIDDLEWARE = [
    "adgen.gate.guard",
    "django.middleware.security.SecurityMiddleware",
    "adgen.pages.StaticFiles",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "accounts.sessions.limits",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]

ROOT_URLCONF = "adgen.urls"
ASGI_APPLICATION = "adgen.asgi.application"
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "studio.context.shell",
            ],
        },
    },
]

# --- Rows, files, messages -----------------------------------------------------------------------------------
DATABASES: dict[str, Any] = {
    "default": env.database("DATABASE_URL", f"sqlite:///{VAR_DIR / 'studio.sqlite3'}")
}
POSTGRES = DATABASES["default"]["ENGINE"] == "django.db.backends.postgresql"
if POSTGRES:
    from adgen.postgres import Impatient

    # A request waits five seconds for a connection, then says so; none is handed out that a restart has broken.
    DATABASES["default"]["OPTIONS"] = {
        **DATABASES["default"].get("OPTIONS", {}),
        "connect_timeout": 5,
        # What a cable that was pulled leaves hanging is noticed within a minute.
        "keepalives_idle": 20,
        "keepalives_interval": 5,
        "keepalives_count": 4,
        "tcp_user_timeout": 30_000,
        "pool": {
            "min_size": 1,
            "max_size": env.integer("DATABASE_POOL", 10, least=1, most=200),
            "timeout": 5,
            "reconnect_timeout": 5,
            "max_waiting": 100,  # whoever comes then is told at once: threads must not pile up
            "connection_class": Impatient,
            "check": Impatient.check,
        },
    }
    INSTALLED_APPS.append("procrastinate.contrib.django")  # its migrations fail on SQLite
else:
    # Measured: with these four no writer is ever refused; with Django's defaults most are, under load.
    DATABASES["default"]["OPTIONS"] = {
        "timeout": 20,
        "transaction_mode": "IMMEDIATE",
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

ENGINE = env.choice("ENGINE", "workers" if POSTGRES else "embedded", "embedded", "workers")
REDIS_URL = env.credential("REDIS_URL")
# What process managers set: looked at, never obeyed.
WEB_PROCESSES = env.integer("WEB_CONCURRENCY", 1, least=1)
# A server that hangs must not hang the pages: every wait for it is short.
_REDIS_WAITS = {"socket_timeout": 2, "socket_connect_timeout": 2}
CHANNEL_LAYERS: dict[str, Any] = {
    "default": {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {"hosts": [{"address": REDIS_URL, **_REDIS_WAITS}], "prefix": "adgen"},
    }
    if REDIS_URL
    else {"BACKEND": "channels.layers.InMemoryChannelLayer", "CONFIG": {"capacity": 2000}},
}


def _cache(name: str, most: int) -> dict[str, Any]:
    if REDIS_URL:
        shared = {"BACKEND": "adgen.cache.ForgivingRedisCache", "LOCATION": REDIS_URL}
        return shared | {"KEY_PREFIX": "adgen", "OPTIONS": _REDIS_WAITS}
    own = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": name}
    return own | {"OPTIONS": {"MAX_ENTRIES": most}}


# Proofs of the brief page weigh about 50 KB each, so theirs holds 20 MB at most; Redis drops them by their age.
CACHES: dict[str, Any] = {"default": _cache("default", 5000), "proofs": _cache("proofs", 400)}
TASKS: dict[str, Any] = {
    "default": {
        "BACKEND": "adgen.tasks.EmbeddedBackend"
        if ENGINE == "embedded"
        else "adgen.worker_tasks.WorkerBackend",
        "QUEUES": [],
    }
}
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = ""  # ours are Django's tasks, not its own
PROCRASTINATE_IMPORT_PATHS = ["adgen.worker_tasks"]

MEDIA_ROOT = Path(env.text("MEDIA_ROOT", str(VAR_DIR / "media")))
MEDIA_STORAGE = env.choice("MEDIA_STORAGE", "files", "files", "s3", "gcs")
_BUCKET = env.text("MEDIA_BUCKET")
if MEDIA_STORAGE != "files" and not _BUCKET:
    raise ImproperlyConfigured(f"MEDIA_STORAGE is “{MEDIA_STORAGE}”: name the bucket in MEDIA_BUCKET.")
_MEDIA_STORAGES: dict[str, dict[str, Any]] = {
    "files": {"BACKEND": "runs.storage.AtomicFileStorage", "OPTIONS": {"location": MEDIA_ROOT}},
    "s3": {
        "BACKEND": "runs.buckets.S3",
        "OPTIONS": {"bucket_name": _BUCKET, "file_overwrite": True, "querystring_expire": 300},
    },
    "gcs": {
        "BACKEND": "storages.backends.gcloud.GoogleCloudStorage",
        "OPTIONS": {"bucket_name": _BUCKET, "file_overwrite": True, "expiration": 300},
    },
}
STATIC_URL = "/static/"
STATIC_ROOT = Path(env.text("STATIC_ROOT", str(BASE_DIR / "staticfiles")))
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": _MEDIA_STORAGES[MEDIA_STORAGE],
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "servestatic.storage.CompressedManifestStaticFilesStorage"
    },
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000  # 50 messages in twelve languages, with post text

# --- People --------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS: list[dict[str, Any]] = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
if _list := env.text("PASSWORD_LIST"):
    if not Path(_list).is_file():
        raise ImproperlyConfigured(
            f"PASSWORD_LIST names no file: {_list}. Give one with a password on each line."
        )
    AUTH_PASSWORD_VALIDATORS += [AUTH_PASSWORD_VALIDATORS[-1] | {"OPTIONS": {"password_list_path": _list}}]
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_ADAPTER = "accounts.adapter.InvitedOnly"
_forms = [("login", "SignIn"), ("set_password", "FirstPassword"), ("change_password", "OtherPassword")]
_forms.append(("reset_password_from_key", "LostPassword"))
ACCOUNT_FORMS = {use: f"accounts.forms.{name}" for use, name in _forms}
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False  # or anybody could make the studio send mail to anybody
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
MFA_TOTP_ISSUER = "AdGen Studio"
MFA_ALLOW_UNVERIFIED_EMAIL = True  # addresses are the owner's to give; none is ever confirmed by its person
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_LOGOUT_REDIRECT_URL = "/accounts/login/"
_mailer = env.mailer("EMAIL_URL")
SENDS_MAIL = _mailer is not None
# Without a mail server what would be sent is in the log: whoever runs the studio can pass it on.
MAILERS = {"default": _mailer or {"BACKEND": "django.core.mail.backends.console.EmailBackend"}}
DEFAULT_FROM_EMAIL = env.text("EMAIL_FROM", f"AdGen Studio <studio@{_public.hostname}>")

# --- Suggestions for copy: any service that speaks OpenAI's chat completions; without an address there are none ------
COPY_API_URL = env.web_address("COPY_API_URL")
COPY_API_KEY = env.credential("COPY_API_KEY")
COPY_API_MODEL = env.text("COPY_API_MODEL", "gpt-4o-mini")

# --- Security ------------------------------------------------------------------------------------------------
SECURE_CSP = {
    "default-src": [CSP.NONE],
    "script-src": [CSP.SELF],
    "style-src": [CSP.SELF],
    "font-src": [CSP.SELF],
    "connect-src": [CSP.SELF],
    "img-src": [CSP.SELF, "data:", "blob:", *env.words("MEDIA_ORIGIN")],
    "form-action": [CSP.SELF],
    "base-uri": [CSP.NONE],
    "frame-ancestors": [CSP.NONE],
    "object-src": [CSP.NONE],
    "manifest-src": [CSP.SELF],
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_NAME = "__Host-session" if HTTPS else "adgen_session"
CSRF_COOKIE_NAME = "__Host-csrf" if HTTPS else "adgen_csrf"
# No third cookie, with rules of its own.
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
SESSION_COOKIE_AGE = 14 * 24 * 3600
SESSION_IDLE_MINUTES = env.integer("SESSION_IDLE_MINUTES", 0, most=14 * 24 * 60)  # 0: the 14 days alone
SECOND_STEP = env.choice("SECOND_STEP", "nobody", "nobody", "staff", "everybody")  # of whom it is asked
_PROXIED = HTTPS and env.flag("BEHIND_PROXY")
ALLAUTH_TRUSTED_PROXY_COUNT = int(_PROXIED)  # whose tries to sign in are counted together
SECURE_REDIRECT_EXEMPT = [r"^health(z$|/)"]  # who asks beside the proxy may take the redirect for a yes
if HTTPS:
    SECURE_HSTS_SECONDS = 31_536_000
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _PROXIED else None
    SECURE_SSL_REDIRECT = env.flag("SSL_REDIRECT")
    SECURE_REDIRECT_EXEMPT = [
        r"^health(z|/|$)"
    ]  # who asks from beside the proxy would take the redirect for a yes

# What `check --deploy` would ask of every operator, and only some can promise: that each host below this one speaks
# https too, that no proxy redirects to it; and that there is a mail server.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W008", "security.W021"]
SILENCED_SYSTEM_CHECKS += [] if SENDS_MAIL else ["mail.E001"]

# --- GPU servers and the engine ------------------------------------------------------------------------------
COMFYUI_URLS = env.words("COMFYUI_URLS")
COMFYUI_CHECKPOINT = env.text("COMFYUI_CHECKPOINT")
COMFYUI_TOKEN = env.credential("COMFYUI_TOKEN")
COMFYUI_CA = env.content("COMFYUI_CA")
COMFYUI_ALLOWED_HOSTS = env.hosts("COMFYUI_ALLOWED_HOSTS")  # which the admin may name though they are inside
TEST_MODE = env.choice("TEST_MODE", "auto", "auto", "on", "off")
SIMULATOR_SECONDS_PER_STEP = env.number("SIMULATOR_SECONDS_PER_STEP", 0.12)
SEATS_PER_SERVER = env.integer("SEATS_PER_SERVER", 2, least=1)
# Pictures of one workspace at the servers at once; 0 is no limit.
QUOTA_RUNNING = env.integer("QUOTA_RUNNING", 0)
QUOTA_PER_DAY = env.integer("QUOTA_PER_DAY", 0)  # pictures that one workspace may order within 24 hours
WORKSPACES_PER_PERSON = env.integer("WORKSPACES_PER_PERSON", 5)  # that one person may make; 0 is no limit
C2PA_CERT = env.content("C2PA_CERT")  # ads are signed when both are given
C2PA_KEY = env.content("C2PA_KEY")
RETENTION_DAYS = env.integer("RETENTION_DAYS", 0, most=36_500)  # 0 keeps everything
# Each workspace may have its own in the admin. What is left out is as RETENTION_DAYS.
RETENTION_PICTURE_DAYS = env.maybe_integer("RETENTION_PICTURE_DAYS", most=36_500)
RETENTION_AD_DAYS = env.maybe_integer("RETENTION_AD_DAYS", most=36_500)
RETENTION_FAILED_DAYS = env.maybe_integer("RETENTION_FAILED_DAYS", most=36_500)
RETENTION_DELETED_DAYS = env.integer(
    "RETENTION_DELETED_DAYS", 30, most=36_500
)  # to have back what was deleted
RETENTION_KEEP_APPROVED = env.flag("RETENTION_KEEP_APPROVED", True)
RETENTION_KEEP_PINNED = env.flag("RETENTION_KEEP_PINNED", True)
RETENTION_KEEP_LAST = env.integer("RETENTION_KEEP_LAST", 0, most=10_000)  # runs of each brief
RETENTION_CEILING = env.integer("RETENTION_CEILING", 0)  # bytes a workspace may hold; 0 is no limit

# --- Language, time, logs ------------------------------------------------------------------------------------
LANGUAGE_CODE = "en"
TIME_ZONE = env.time_zone("TIME_ZONE", "UTC")
USE_TZ = True
FORMAT_MODULE_PATH = ["adgen.formats"]
METRICS_TOKEN = env.credential("METRICS_TOKEN", least=16)  # without one there is no /metrics
LOG_LEVEL = env.choice("LOG_LEVEL", "info", "debug", "info", "warning", "error").upper()
LOG_FORMAT = env.choice("LOG_FORMAT", "text", "text", "json")
SENTRY_DSN = env.credential("SENTRY_DSN")
OTEL_ENDPOINT = env.text("OTEL_EXPORTER_OTLP_ENDPOINT")  # OpenTelemetry's own name; its package reads it, too
watchers.begin(sentry=SENTRY_DSN, telemetry=OTEL_ENDPOINT, version=VERSION)
# Programs are told of every request and of every step of a picture; people would not find the rest between them.
_EVENTS = {"level": "INFO" if LOG_FORMAT == "json" else "WARNING"}
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "text": {
            "()": "adgen.logs.Text",
            "format": "{asctime} {levelname} {name}: {message}",
            "style": "{",
        },
        "json": {"()": "adgen.logs.Json"},
    },
    "filters": {"outage": {"()": "adgen.outage.OneLine"}},
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": LOG_FORMAT, "filters": ["outage"]}
    },
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
    "loggers": {
        "adgen.logs": _EVENTS,
        "runs.trail": _EVENTS,
        "httpx": {"level": "WARNING"},  # one line a request would drown the engine's own
        "django.request": {"level": "ERROR"},
        "procrastinate": {"level": "WARNING"},
        "channels_redis": {
            "level": "CRITICAL"
        },  # a traceback every second while Redis is away; live.py tells it
        "uvicorn.access": {"level": "WARNING"},
        "daphne.server": {"level": "WARNING"},  # says what it listens on, even when it is refused right after
    },
}

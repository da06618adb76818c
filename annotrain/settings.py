"""Settings: the embedded default needs no variable; each server is switched by one (docs/deploy.md lists them)."""

from pathlib import Path

import django_htmx
import environ
from csp.constants import NONCE, NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from annotrain import __version__
from annotrain.connections import database_options, queue_connection, storage_backend
from annotrain.logs import logging_config
from annotrain.state import read_or_create_secret_key, redis_socket_path

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

VERSION = __version__
PRODUCTION = env.bool("ANNOTRAIN_PRODUCTION", default=False)
DEBUG = env.bool("DEBUG", default=False)
STATE_DIR = Path(env.str("ANNOTRAIN_STATE_DIR", default=str(BASE_DIR / "var"))).absolute()
if PRODUCTION and DEBUG:
    raise ImproperlyConfigured("ANNOTRAIN_PRODUCTION and DEBUG exclude each other.")
if PRODUCTION:
    SECRET_KEY = env.str("SECRET_KEY")  # shared by all machines, so it cannot be made here
else:
    SECRET_KEY = env.str("SECRET_KEY", default="") or read_or_create_secret_key(STATE_DIR / "secret_key")

# ---------------------------------------------------------------- applications
INSTALLED_APPS = [
    "accounts",
    "jobs",
    "ontologies",
    "datasets",
    "projects",
    "labels",
    "reviews",
    "benchmarks",
    "annotrain",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django_htmx",
    "template_partials.apps.SimpleAppConfig",
    "csp",
    "axes",
    "django_rq",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",  # a view is open only if it says login_not_required
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "accounts.middleware.FragmentMiddleware",
    "axes.middleware.AxesMiddleware",
]
ROOT_URLCONF = "annotrain.urls"
WSGI_APPLICATION = "annotrain.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "annotrain.context.page",
                "accounts.context_processors.shell",
                "jobs.context_processors.running_jobs",
            ],
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    [
                        "django.template.loaders.filesystem.Loader",
                        "django.template.loaders.app_directories.Loader",
                    ],
                )
            ],
            "builtins": ["template_partials.templatetags.partials"],
        },
    }
]
if DEBUG:
    TEMPLATES[0]["OPTIONS"]["loaders"] = TEMPLATES[0]["OPTIONS"]["loaders"][0][1]  # type: ignore[index]

# ---------------------------------------------------------------- servers
DATABASES = {"default": env.db_url("DATABASE_URL", default=f"sqlite:///{STATE_DIR / 'annotrain.sqlite3'}")}
DATABASES["default"] |= database_options(
    DATABASES["default"],
    pooled=env.bool("ANNOTRAIN_DATABASE_POOL", default=False),  # the runner sets it for web processes only
    pool_size=env.int("ANNOTRAIN_DATABASE_POOL_SIZE", default=10),
)
REDIS_URL = env.str("REDIS_URL", default=f"unix://{redis_socket_path(STATE_DIR)}")
RQ_QUEUES = {
    "default": queue_connection(REDIS_URL, timeout_s=env.float("ANNOTRAIN_REDIS_TIMEOUT_S", default=0.5))
    | {"SERIALIZER": "rq.serializers.JSONSerializer", "DEFAULT_TIMEOUT": 900, "DEFAULT_RESULT_TTL": 60}
}
# A claimed row: how long without a sign of life, when a waiting row is rung again, what one run may use.
JOB_LEASE_S = env.float("ANNOTRAIN_JOB_LEASE_S", default=30)
JOB_RING_AGAIN_S = env.float("ANNOTRAIN_JOB_RING_AGAIN_S", default=15)
JOB_WALL_S = env.int("ANNOTRAIN_JOB_WALL_S", default=600)
JOB_MEMORY_MB = env.int("ANNOTRAIN_JOB_MEMORY_MB", default=1500)
INGEST_MEMORY_MB = env.int("ANNOTRAIN_INGEST_MEMORY_MB", default=1000)  # the decoder's own process
SWEEP_EVERY_S = env.float("ANNOTRAIN_SWEEP_EVERY_S", default=5)
RQ = {
    "COMMIT_MODE": "auto"
}  # jobs.enqueue_on_commit waits for the commit itself, and survives a Redis that is down
STORAGES = {
    "default": storage_backend(env.str("STORAGE_URL", default=""), media_dir=STATE_DIR / "media"),
    "staticfiles": {
        "BACKEND": "annotrain.static_files.ManifestStorage"
        if PRODUCTION
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
vars().update(env.email_url("EMAIL_URL", default="consolemail://"))
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="Annotrain <annotrain@localhost>")
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

# ---------------------------------------------------------------- static files
NODE_MODULES = BASE_DIR / "node_modules"
STATIC_URL = "/static/"
STATIC_ROOT = Path(env.str("STATIC_ROOT", default=str(STATE_DIR / "static")))
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "annotrain.static_files.PackageFinder",
]
VENDOR_FILES = {  # prefix: (directory, what pages may use of it)
    "django_htmx": (
        Path(django_htmx.__file__).parent / "static/django_htmx",
        ["htmx-2.min.js", "django-htmx.js"],
    ),
    "vendor/tabler": (
        NODE_MODULES / "@tabler/core/dist",
        ["css/tabler.min.css*", "js/tabler.min.js*", "js/tabler.esm.min.js*"],
    ),
    "vendor/chart.js": (NODE_MODULES / "chart.js/dist", ["chart.js*", "chunks/*.js*"]),
    "vendor/kurkle-color": (NODE_MODULES / "@kurkle/color/dist", ["color.esm.js"]),
    # Not konva/lib: its modules import each other in circles, which no hashed name can follow.
    "vendor/konva": (NODE_MODULES / "konva", ["konva.min.js"]),
    "vendor/inter": (NODE_MODULES / "@fontsource-variable/inter", ["*.css", "files/*.woff2"]),
}
WHITENOISE_USE_FINDERS = not PRODUCTION  # on a laptop there is no collectstatic step
WHITENOISE_AUTOREFRESH = DEBUG
WHITENOISE_MAX_AGE = 0 if DEBUG else 300

# ---------------------------------------------------------------- time and language
LANGUAGE_CODE = "en-gb"
USE_I18N = False
TIME_ZONE = "UTC"
USE_TZ = True

# ---------------------------------------------------------------- people
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("email", "name")},
    },
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
PASSWORD_RESET_TIMEOUT = 60 * 60 * 24
LOGIN_URL = "accounts:login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "accounts:login"

# Ten wrong passwords for one account from one address: locked for a quarter of an hour.
AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_USERNAME_FORM_FIELD = "username"
AXES_RESET_ON_SUCCESS = True
AXES_HTTP_RESPONSE_CODE = 429
AXES_LOCKOUT_CALLABLE = "accounts.throttle.too_many_attempts"
AXES_CLIENT_IP_CALLABLE = "annotrain.client_address.client_address"
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", default=0)

# ---------------------------------------------------------------- the browser's side
ALLOWED_HOSTS = (
    env.list("ALLOWED_HOSTS")
    if PRODUCTION
    else env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
)
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
CSRF_USE_SESSIONS = True  # scripts read the token from <meta name="csrf-token">
CSRF_FAILURE_VIEW = "annotrain.errors.csrf_failure"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 60 * 60 * 24 * 14
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PRODUCTION
SESSION_COOKIE_NAME = "__Host-session" if PRODUCTION else "annotrain_session"
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
if PRODUCTION:
    SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=True)
    SECURE_REDIRECT_EXEMPT = [r"^healthz$"]  # probes speak plain HTTP inside the network
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", default=60 * 60 * 24 * 365)
    SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = True
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:", "blob:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "media-src": [SELF, "blob:"],
        "worker-src": [SELF, "blob:"],
        "frame-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "object-src": [NONE],
    }
}

# ---------------------------------------------------------------- limits of one request
DATA_UPLOAD_MAX_MEMORY_SIZE = 20 * 1024 * 1024  # a body that is not a file; views set lower ones
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5_000
DATA_UPLOAD_MAX_NUMBER_FILES = 200
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o700

GALLERY = DEBUG  # /_gallery/ shows every component of the design system

LOG_LEVEL = env.str("LOG_LEVEL", default="INFO")
LOGGING = logging_config(level=LOG_LEVEL, as_json=PRODUCTION)

SILENCED_SYSTEM_CHECKS = [
    "auth.W004",  # e-mail is unique without regard to case, by a constraint that the check does not know
    "security.W003",  # the CSRF middleware is there; W003/W016 look at cookies that CSRF_USE_SESSIONS does not set
    "security.W016",
]

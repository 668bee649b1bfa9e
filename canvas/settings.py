"""Every setting of the project, from the environment with a development default."""

import hashlib
import os
import re
import secrets
import tempfile
from pathlib import Path

import dj_database_url

ROOT = Path(__file__).resolve().parent.parent
HOME = Path(os.environ.get("INKLING_HOME", ROOT / "var"))
HOME.mkdir(parents=True, exist_ok=True)


def _secret_key() -> str:
    """SECRET_KEY from the environment, else one generated once into a file only its owner can read."""
    if given := os.environ.get("SECRET_KEY"):
        return given
    path = HOME / "secret-key"
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(48))
    return path.read_text()


def _words(name: str, default: str = "") -> list[str]:
    """A comma-separated variable as a list."""
    return [word.strip() for word in os.environ.get(name, default).split(",") if word.strip()]


def _flag(name: str, default: bool = False) -> bool:
    """A variable that is 1 or 0."""
    return os.environ.get(name, "1" if default else "0") == "1"


def _socket_path() -> Path:
    """Where our own Valkey listens: in HOME, unless its path is longer than a socket's name may be (104 bytes)."""
    path = HOME / "valkey.sock"
    if len(os.fsencode(path)) < 100:
        return path
    place = hashlib.sha256(os.fsencode(HOME.resolve())).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"inkling-{os.getuid()}-{place}" / "valkey.sock"


SECRET_KEY = _secret_key()
# Keys that seal saved passwords, 64 hex digits each, newest first: a new one is put in front, the old ones still open.
CONNECTION_KEYS = _words("CONNECTION_KEYS") or [
    hashlib.scrypt(SECRET_KEY.encode(), salt=b"inkling connections 1", n=2**12, r=8, p=1, dklen=32).hex()]
DEBUG = _flag("DEBUG")
ALLOWED_HOSTS = _words("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]")
DATABASE_URL = os.environ.get("DATABASE_URL") or f"sqlite:///{HOME / 'inkling.sqlite3'}"
REDIS_URL = os.environ.get("REDIS_URL") or f"unix://{_socket_path()}"
STORE_URL = os.environ.get("STORE_URL") or str(HOME / "store")
# Where the sandbox of SQL and Python cells keeps its jobs; on the disk of the store it need not copy tables.
SANDBOX_HOME = os.environ.get("SANDBOX_HOME") or str(HOME / "sandbox")
# The address people use, e.g. https://canvas.example.org. Its scheme decides about secure cookies and HSTS.
PUBLIC_URL = os.environ.get("PUBLIC_URL", "").rstrip("/")
HTTPS = PUBLIC_URL.startswith("https://")
# open: anyone may sign up; closed: accounts are made by an administrator. A public server without mail must be closed.
SIGNUP = os.environ.get("SIGNUP", "open")
# Plain http beyond this machine: only in a network you trust, since passwords cross it in the clear.
INSECURE_LAN = _flag("INSECURE_LAN")

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "django_vite",
    "canvas",
    "canvas.accounts",
    "canvas.documents",
    "canvas.datasets",
    "canvas.sharing",
    "canvas.runs",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "canvas.security.headers.ContentSecurityPolicyMiddleware",
    "canvas.security.headers.IsolationMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "canvas.urls"
ASGI_APPLICATION = "canvas.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "canvas.pages.chrome",
            ]
        },
    }
]

# --- rows
DATABASES = {"default": dj_database_url.parse(DATABASE_URL, conn_max_age=60)}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["OPTIONS"] = {
        "timeout": 20,
        "transaction_mode": "IMMEDIATE",
        # FULL: an acknowledged edit survives power loss; group commit hides the cost.
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# Rate limits count in here. A database table: shared by all processes, and signing in works while Redis is down.
CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "cache"}}

# --- people
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
     "OPTIONS": {"user_attributes": ["email", "name"]}},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
# Mail: console unless MAIL_URL says smtp://user:password@host:587 (smtps:// for TLS from the start).
MAIL_URL = os.environ.get("MAIL_URL", "")
if MAIL_URL:
    _mail = re.fullmatch(r"(?P<scheme>smtps?)://(?:(?P<user>[^:@]+):(?P<word>[^@]+)@)?(?P<host>[^:/]+)(?::(?P<port>\d+))?",
                         MAIL_URL)
    if _mail is None:
        raise ValueError("MAIL_URL must look like smtp://user:password@host:587")
    EMAIL_HOST, EMAIL_PORT = _mail["host"], int(_mail["port"] or (465 if _mail["scheme"] == "smtps" else 587))
    EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _mail["user"] or "", _mail["word"] or ""
    EMAIL_USE_SSL = _mail["scheme"] == "smtps"
    EMAIL_USE_TLS = not EMAIL_USE_SSL and EMAIL_HOST not in ("localhost", "127.0.0.1")
else:
    EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
DEFAULT_FROM_EMAIL = os.environ.get("MAIL_FROM", "Inkling <inkling@localhost>")
ACCOUNT_ADAPTER = "canvas.accounts.adapter.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_SIGNUP_FORM_CLASS = "canvas.accounts.forms.NameForm"
ACCOUNT_FORMS = {"login": "canvas.accounts.signin_form.SignInForm"}
# An address counts as someone's only when mail can prove it.
ACCOUNT_EMAIL_VERIFICATION = "mandatory" if MAIL_URL else "none"
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_EMAIL_NOTIFICATIONS = bool(MAIL_URL)
ACCOUNT_LOGOUT_REDIRECT_URL = "/accounts/login/"
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if HTTPS else "http"
ACCOUNT_RATE_LIMITS = {
    "login": "30/m/ip",
    "login_failed": "10/m/ip,5/5m/key",
    "signup": "20/m/ip",
    "reset_password": "20/m/ip,5/m/key",
    "change_password": "5/m/user",
}
# How many reverse proxies stand in front; their X-Forwarded-For is trusted, nobody else's.
ALLAUTH_TRUSTED_PROXY_COUNT = int(os.environ.get("TRUSTED_PROXIES", "0"))

# --- sessions and cookies
SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_NAME = "inkling_session"
SESSION_COOKIE_AGE = 30 * 24 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL] if PUBLIC_URL else []
CSRF_FAILURE_VIEW = "canvas.pages.csrf_failed"
if ALLAUTH_TRUSTED_PROXY_COUNT:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# --- headers. Names as in Django 6, so that our middleware can go when we get there.
# The hash of nothing: Plotly makes an empty <style> and fills it by CSSOM, which no policy forbids.
_EMPTY_STYLE = "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='"
_vite = "http://localhost:5173" if _flag("VITE_DEV") else ""
SECURE_CSP = {
    "default-src": ["'none'"],
    "script-src": ["'self'", *([_vite, "'unsafe-inline'"] if _vite else [])],
    "style-src": ["'self'", "'unsafe-inline'" if _vite else _EMPTY_STYLE],
    "img-src": ["'self'", "data:", "blob:"],
    "font-src": ["'self'", *([_vite] if _vite else [])],
    "connect-src": ["'self'", *([_vite, _vite.replace("http", "ws")] if _vite else [])],
    "worker-src": ["'self'", "blob:"],
    "manifest-src": ["'self'"],
    "object-src": ["'none'"],
    "base-uri": ["'none'"],
    "form-action": ["'self'"],
    "frame-ancestors": ["'none'"],
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
# Only behind a proxy that tells the scheme; without one, everything looks like http and would loop.
SECURE_SSL_REDIRECT = HTTPS and ALLAUTH_TRUSTED_PROXY_COUNT > 0
X_FRAME_OPTIONS = "DENY"

# --- sizes
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 100
MAX_UPLOAD = int(os.environ.get("MAX_UPLOAD", 2 * 1024**3))
"""Bytes of one uploaded file."""
WORKSPACE_QUOTA = int(os.environ.get("WORKSPACE_QUOTA", 50 * 1024**3))
"""Bytes of raw files a workspace may keep."""

# --- static files
LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True
STATIC_URL = "/static/"
STATIC_ROOT = HOME / "static"
STATIC_ROOT.mkdir(exist_ok=True)
_dist, _public = ROOT / "static" / "dist", ROOT / "static" / "public"
# Only what is built and what is public: sources and node_modules are never served.
STATICFILES_DIRS = [("app", _dist), ("public", _public)]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    # Not the manifest storage: chunks import each other by Vite's names, and a second hash loads them twice.
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedStaticFilesStorage"},
}


def collected() -> bool:
    """Whether STATIC_ROOT holds (compressed) what the last build made; else files are served from where they are."""
    pairs = [(_dist / "manifest.json", STATIC_ROOT / "app" / "manifest.json"),
             *((path, STATIC_ROOT / "public" / path.name) for path in _public.iterdir() if path.is_file())]
    return all(made.exists() and copy.exists() and made.read_bytes() == copy.read_bytes() for made, copy in pairs)


WHITENOISE_USE_FINDERS = not collected()
WHITENOISE_AUTOREFRESH = DEBUG


def WHITENOISE_IMMUTABLE_FILE_TEST(path: str, url: str) -> bool:
    """Vite's own hash in the name means the bytes never change."""
    return re.match(r"^.+-[\w-]{8}\.\w+(\.\w+)?$", url) is not None and "/app/" in url


DJANGO_VITE = {
    "default": {
        "dev_mode": _flag("VITE_DEV"),
        "dev_server_port": 5173,
        "manifest_path": _dist / "manifest.json",
        "static_url_prefix": "" if _flag("VITE_DEV") else "app",
    }
}

# --- log lines as JSON: path, never query strings; no values of rows, no tokens
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": "canvas.security.logs.Line"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": os.environ.get("LOG_LEVEL", "WARNING")},
    "loggers": {"canvas": {"level": os.environ.get("LOG_LEVEL", "INFO")}},
}
# W004: there is no dist before the first build. W001: a page without one says itself what to run.
# W021: the browsers' preload list is for the operator to choose.
SILENCED_SYSTEM_CHECKS = ["staticfiles.W004", "django_vite.W001", "security.W021"]

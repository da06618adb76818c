"""From one address per server (DATABASE_URL, REDIS_URL, STORAGE_URL) to the options that each of them needs."""

from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured
from redis.backoff import NoBackoff
from redis.connection import parse_url
from redis.retry import Retry

SQLITE_OPTIONS = {
    # A writer takes the lock when its transaction begins, so that a read-then-write cannot lose an update.
    "transaction_mode": "IMMEDIATE",
    "timeout": 10,
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
}


def database_options(database: dict[str, Any], *, pooled: bool, pool_size: int) -> dict[str, Any]:
    """What to add to a database's settings: SQLite's concurrency options, or PostgreSQL's pool (web processes only).

    Workers fork, and a pool must not be inherited by a fork; they run without one.
    """
    if database["ENGINE"].endswith("sqlite3"):
        return {"OPTIONS": SQLITE_OPTIONS}
    options = dict(database.get("OPTIONS", {}))
    if pooled:
        options["pool"] = {"min_size": 1, "max_size": pool_size, "timeout": 10}
    else:
        options["connect_timeout"] = 5
    return {"OPTIONS": options, "CONN_MAX_AGE": 0}


def queue_connection(url: str, *, timeout_s: float) -> dict[str, Any]:
    """A django-rq queue's connection with bounded waiting: an absent Redis costs `timeout_s`, not seconds of retries.

    django-rq ignores client options beside a URL, so the address is taken apart here.
    """
    parsed = parse_url(url)  # type: ignore[no-untyped-call]
    client: dict[str, Any] = {
        "socket_timeout": timeout_s,
        "socket_connect_timeout": timeout_s,
        "retry": Retry(NoBackoff(), 0),
        "health_check_interval": 30,
    }
    if "path" in parsed:
        client["unix_socket_path"] = parsed["path"]
    return {
        "HOST": parsed.get("host", "localhost"),
        "PORT": parsed.get("port", 6379),
        "DB": parsed.get("db", 0),
        "USERNAME": parsed.get("username"),
        "PASSWORD": parsed.get("password"),
        "SSL": urlsplit(url).scheme == "rediss",
        "REDIS_CLIENT_KWARGS": client,
    }


def storage_backend(url: str, *, media_dir: Path) -> dict[str, Any]:
    """The private file store: a directory, or `s3://key:secret@host[:port]/bucket?region=..&scheme=http`.

    Nothing in it has a public address; views serve files after checking permission.
    """
    if not url:
        return {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {
                "location": media_dir,
                "file_permissions_mode": 0o600,
                "directory_permissions_mode": 0o700,
            },
        }
    parts = urlsplit(url)
    if parts.scheme == "file":
        return storage_backend("", media_dir=Path(parts.path))
    bucket = parts.path.strip("/")
    if parts.scheme != "s3" or not bucket:
        raise ImproperlyConfigured("STORAGE_URL must be file:///directory or s3://key:secret@host/bucket")
    query = {key: values[-1] for key, values in parse_qs(parts.query).items()}
    options: dict[str, Any] = {
        "bucket_name": bucket,
        "region_name": query.get("region"),
        "default_acl": None,
        "file_overwrite": False,
        "querystring_auth": True,
        "addressing_style": query.get("addressing", "path"),
    }
    if parts.hostname:
        port = f":{parts.port}" if parts.port else ""
        options["endpoint_url"] = f"{query.get('scheme', 'https')}://{parts.hostname}{port}"
    if parts.username:  # else the usual AWS variables or the machine's role
        options["access_key"] = unquote(parts.username)
        options["secret_key"] = unquote(parts.password or "")
    return {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options}

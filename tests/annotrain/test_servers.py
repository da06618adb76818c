"""Addresses of servers become the options that the product needs."""

import socket
import time

import pytest
import redis
from django.core.exceptions import ImproperlyConfigured
from django_rq.connection_utils import get_redis_connection

from annotrain.connections import database_options, queue_connection, storage_backend


def test_an_absent_redis_is_given_up_within_a_second(tmp_path):
    connection = get_redis_connection(queue_connection(f"unix://{tmp_path}/nobody.sock", timeout_s=0.5))
    began = time.monotonic()
    with pytest.raises(redis.ConnectionError):
        connection.ping()
    assert time.monotonic() - began < 1


def test_a_redis_that_accepts_but_never_answers_is_given_up_within_a_second():
    with socket.create_server(("127.0.0.1", 0)) as mute:
        port = mute.getsockname()[1]
        connection = get_redis_connection(queue_connection(f"redis://127.0.0.1:{port}/0", timeout_s=0.5))
        began = time.monotonic()
        with pytest.raises(redis.TimeoutError):
            connection.ping()
        assert time.monotonic() - began < 1


def test_the_address_of_a_redis_keeps_its_password_database_and_encryption():
    found = queue_connection("rediss://worker:s3cret@queue.example:6380/2", timeout_s=0.5)
    assert (found["HOST"], found["PORT"], found["DB"]) == ("queue.example", 6380, 2)
    assert (found["USERNAME"], found["PASSWORD"], found["SSL"]) == ("worker", "s3cret", True)


def test_sqlite_takes_the_write_lock_at_the_start_of_a_transaction():
    options = database_options({"ENGINE": "django.db.backends.sqlite3"}, pooled=True, pool_size=4)["OPTIONS"]
    assert options["transaction_mode"] == "IMMEDIATE"
    assert "journal_mode=WAL" in options["init_command"]


def test_only_a_web_process_pools_its_connections():
    postgres = {"ENGINE": "django.db.backends.postgresql", "OPTIONS": {"sslmode": "require"}}
    web = database_options(postgres, pooled=True, pool_size=4)["OPTIONS"]
    worker = database_options(postgres, pooled=False, pool_size=4)["OPTIONS"]
    assert web["pool"]["max_size"] == 4
    assert "pool" not in worker
    assert web["sslmode"] == worker["sslmode"] == "require"


def test_files_go_to_the_state_directory_unless_a_store_is_named(tmp_path):
    backend = storage_backend("", media_dir=tmp_path)
    assert backend["OPTIONS"]["location"] == tmp_path
    assert backend["OPTIONS"]["file_permissions_mode"] == 0o600


def test_an_object_store_is_private_and_never_overwrites():
    url = "s3://key:se%2Fcret@objects:9000/labels?region=eu-1&scheme=http"
    options = storage_backend(url, media_dir=None)["OPTIONS"]
    assert options["endpoint_url"] == "http://objects:9000"
    assert (options["access_key"], options["secret_key"]) == ("key", "se/cret")
    assert options["bucket_name"] == "labels"
    assert options["querystring_auth"] is True
    assert options["default_acl"] is None
    assert options["file_overwrite"] is False


@pytest.mark.parametrize("url", ["https://example.org/bucket", "s3://key:secret@host/", "ftp://host/x"])
def test_an_address_that_names_no_store_is_refused(url):
    with pytest.raises(ImproperlyConfigured, match="STORAGE_URL"):
        storage_backend(url, media_dir=None)

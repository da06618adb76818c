"""Secrets, sockets and directories of an installation."""

import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from annotrain.state import (
    UnsafeDirectory,
    make_private_directory,
    read_or_create_secret_key,
    redis_socket_path,
)


def test_the_secret_key_is_made_once_and_only_its_owner_can_read_it(tmp_path):
    path = tmp_path / "state" / "secret_key"
    first = read_or_create_secret_key(path)
    assert len(first) >= 64
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert read_or_create_secret_key(path) == first


def test_processes_that_start_together_agree_on_one_secret_key(tmp_path):
    path = tmp_path / "secret_key"
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(lambda _: read_or_create_secret_key(path), range(32)))
    assert len(keys) == 1
    assert [file.name for file in tmp_path.iterdir()] == ["secret_key"]


def test_the_socket_lies_in_the_state_directory():
    assert redis_socket_path(Path("/srv/annotrain")) == Path("/srv/annotrain/run/redis.sock")


def test_a_deep_state_directory_gets_a_short_socket_path_of_its_own(tmp_path):
    deep, other = tmp_path / ("d" * 120), tmp_path / ("e" * 120)
    assert len(os.fsencode(redis_socket_path(deep))) < 107
    assert redis_socket_path(deep) == redis_socket_path(deep) != redis_socket_path(other)


def test_a_private_directory_that_is_a_link_is_refused(tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "run").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(UnsafeDirectory):
        make_private_directory(tmp_path / "run")


def test_a_private_directory_is_closed_to_others(tmp_path):
    directory = tmp_path / "run"
    directory.mkdir(mode=0o755)
    make_private_directory(directory)
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700

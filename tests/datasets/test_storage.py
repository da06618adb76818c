"""The store of pixels: ranged reads and local copies, also where objects lie elsewhere."""

import io
from types import SimpleNamespace

import pytest
from botocore.exceptions import ClientError
from django.core.files.base import ContentFile
from django.core.files.storage import Storage, default_storage

from datasets import storage


class ObjectStore(Storage):
    """What django-storages shows of S3: objects by key, a bucket that answers ranges, no paths."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.asked: list[str] = []
        self.bucket = SimpleNamespace(
            Object=lambda key: SimpleNamespace(get=lambda **asked: self.get(key, asked["Range"]))
        )

    def get(self, key: str, wanted: str) -> dict[str, io.BytesIO]:
        self.asked.append(wanted)
        if key not in self.objects:
            raise ClientError({"Error": {"Code": "NoSuchKey"}}, "GetObject")
        first, last = map(int, wanted.removeprefix("bytes=").split("-"))
        return {"Body": io.BytesIO(self.objects[key][first : last + 1])}

    def _open(self, name, mode="rb"):
        return ContentFile(self.objects[name])

    def _save(self, name, content):
        self.objects[name] = content.read()
        return name

    def exists(self, name):
        return name in self.objects


@pytest.fixture
def object_store(monkeypatch):
    store = ObjectStore()
    monkeypatch.setattr(storage, "default_storage", store)
    return store


def test_an_object_store_is_asked_for_the_range_alone(object_store):
    object_store.objects["pack"] = b"0123456789"
    assert storage.read_range("pack", 3, 4) == b"3456"
    assert object_store.asked == ["bytes=3-6"]


def test_an_absent_object_is_an_absent_file_everywhere(object_store):
    with pytest.raises(FileNotFoundError):
        storage.read_range("nothing", 0, 1)
    with pytest.raises(FileNotFoundError):
        default_storage.open("nothing-here")


def test_decoders_get_local_copies_that_are_gone_afterwards(object_store):
    object_store.objects["source"] = b"content"
    with storage.as_local_files(["source"]) as (path,):
        assert path.read_bytes() == b"content"
    assert not path.exists()


def test_a_directory_is_read_in_place():
    key = default_storage.save("range-of-a-test", ContentFile(b"0123456789"))
    assert storage.read_range(key, 8, 2) == b"89"
    with storage.as_local_files([key]) as (path,):
        assert str(path) == default_storage.path(key)
    assert path.exists()
    default_storage.delete(key)

"""Frames as they are served: the right bytes, a type of ours, kept by the browser, and words while they are made."""

import gzip
import struct
from pathlib import Path

import pytest
from django.conf import settings
from django.urls import reverse

from datasets.media import limits
from labels.editor import media_of
from tests.factories import FileFactory, FramesFactory, picture_bytes

pytestmark = pytest.mark.django_db


@pytest.fixture
def video(organisation):
    return FramesFactory(organisation=organisation, frame_count=3)


def address(file, frame: int, name: str = "frame") -> str:
    return reverse(f"datasets:{name}", args=[file.organisation.slug, file.uuid, frame])


def test_each_frame_has_its_own_bytes(as_creator, video):
    for frame in range(3):
        answer = as_creator.get(address(video, frame))
        assert answer.content == picture_bytes(seed=frame)
        assert answer.headers["Content-Type"] == "image/jpeg"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Content-Disposition"] == f'inline; filename="{video.uuid}-{frame}.jpg"'
        assert {"private", "immutable"} <= set(answer.headers["Cache-Control"].split(", "))


def test_a_frame_the_browser_has_is_not_sent_again(as_creator, video):
    etag = as_creator.get(address(video, 1)).headers["ETag"]
    assert video.uuid.hex in etag
    answer = as_creator.get(address(video, 1), headers={"If-None-Match": etag})
    assert (answer.status_code, answer.content) == (304, b"")


def test_frames_that_are_not_made_yet_are_too_early(as_creator, organisation):
    file = FramesFactory(organisation=organisation, state="processing", frame_count=9, ready_frames=2)
    assert as_creator.get(address(file, 1)).status_code == 200
    answer = as_creator.get(address(file, 2))
    assert (answer.status_code, answer.headers["Retry-After"]) == (425, "1")
    assert {"ready": 2, "frame_count": 9}.items() <= answer.json().items()
    assert "no-store" in answer.headers["Cache-Control"]
    assert as_creator.get(address(file, 9)).status_code == 404
    status = as_creator.get(reverse("datasets:status", args=[organisation.slug, file.uuid])).json()
    assert status == {"state": "processing", "ready": 2, "frame_count": 9, "error": None}


def test_there_is_no_frame_behind_the_last(as_creator, video, organisation):
    assert as_creator.get(address(video, 3)).status_code == 404
    assert as_creator.get(address(FileFactory(organisation=organisation), 1)).status_code == 404


def test_a_single_image_is_its_own_frame_0(as_creator, organisation):
    file = FileFactory(organisation=organisation)
    assert b"".join(as_creator.get(address(file, 0)).streaming_content).startswith(b"\xff\xd8")


def test_values_are_little_endian_int16_packed_where_the_browser_takes_it(as_creator, organisation):
    file = FramesFactory(organisation=organisation, kind="dicom", width=4, height=2)
    packed = as_creator.get(address(file, 2, "pixels"), headers={"Accept-Encoding": "gzip, br"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in packed.headers["Vary"]
    plain = as_creator.get(address(file, 2, "pixels"))
    assert plain.headers["Content-Type"] == "application/octet-stream"
    assert plain.content == gzip.decompress(packed.content) == struct.pack("<8h", *[2] * 8)


def test_only_dicom_has_values(as_creator, video):
    assert as_creator.get(address(video, 0, "pixels")).status_code == 404


def test_no_answer_names_the_storage(as_creator, video):
    pack = video.packs.get()
    for url in (address(video, 0), reverse("datasets:file", args=[video.organisation.slug, video.uuid])):
        answer = as_creator.get(url)
        assert pack.key not in answer.content.decode(errors="replace") + str(answer.headers)
        assert "organisations/" not in answer.content.decode(errors="replace")


class TestTheEditorsMediaBlock:
    def test_a_video(self, video, organisation):
        media = media_of(video, organisation)
        base = f"/o/{organisation.slug}/files/{video.uuid}"
        assert media == {
            "kind": "video",
            "frame_count": 3,
            "frame_url": base + "/frames/{frame}/",
            "sizes": [[64, 48]],
            "rate": 25.0,
            "times": None,
            "names": None,
            "ready": 3,
            "status_url": None,
            "pixels": None,
        }

    def test_a_video_of_a_varying_rate_has_times(self, video, organisation):
        video.frame_index.times = struct.pack("<3q", 0, 40_000, 240_000)
        assert media_of(video, organisation)["times"] == [0.0, 40.0, 240.0]
        video.frame_index.times = struct.pack("<3q", 0, 33_000, 67_000)
        assert media_of(video, organisation)["times"] is None, "rounded by a clock of milliseconds"

    def test_a_group_has_a_size_and_a_name_for_each_frame(self, organisation):
        file = FramesFactory(organisation=organisation, kind="image_group", frame_count=2)
        file.frame_index.sizes = struct.pack("<4I", 64, 48, 30, 90)
        file.frame_index.names = ["a.jpg", "b.jpg"]
        media = media_of(file, organisation)
        assert (media["sizes"], media["names"]) == ([[64, 48], [30, 90]], ["a.jpg", "b.jpg"])

    def test_a_series_has_values_and_a_window(self, organisation):
        file = FramesFactory(organisation=organisation, kind="dicom")
        pixels = media_of(file, organisation)["pixels"]
        assert pixels["url"].endswith("/frames/{frame}/pixels/")
        assert pixels["window"] == {"center": 4, "width": 9}

    def test_a_single_image_has_the_same_shape(self, organisation):
        media = media_of(FileFactory(organisation=organisation), organisation)
        assert (media["kind"], media["frame_count"], media["sizes"], media["ready"]) == (
            "image",
            1,
            [[64, 48]],
            1,
        )
        assert media["frame_url"].endswith("/frames/{frame}/")


def test_the_page_on_media_names_the_limits():
    page = (Path(settings.BASE_DIR) / "docs" / "media.md").read_text(encoding="utf-8")
    for limit in (limits.MAX_VIDEO_FRAMES, limits.MAX_VIDEO_SIDE, limits.MAX_PICTURES, limits.MAX_SLICES):
        assert f"{limit:,}" in page
    assert f"{limits.MAX_VIDEO_PIXELS // 1_000_000} megapixels" in page
    assert f"quality {limits.VIDEO_JPEG_QUALITY}" in page
    assert limits.MAX_VIDEO_BYTES == 2 * 1024**3
    assert limits.MAX_DICOM_BYTES == 1024**3

"""Videos to frames: exact numbers and times, and clear words for what cannot be decoded."""

import io

import av
import numpy as np
import pytest
from PIL import Image

from datasets.decoding import decode
from datasets.media.frames import Frame, Outcome, Plan, Refused
from datasets.media.limits import MAX_VIDEO_FRAMES
from tests.datasets.media_samples import turned, video_bytes
from tests.scoring.real_data import folder


@pytest.fixture
def decoded(tmp_path):
    """A function: bytes (or a path) of a clip -> (plan, frames, outcome)."""

    def decode_clip(clip, **options):
        path = clip
        if isinstance(clip, bytes):
            path = tmp_path / "clip"
            path.write_bytes(clip)
        found = list(decode("video", [(path, "clip.mp4")], **options))
        frames = [one for one in found if isinstance(one, Frame)]
        assert isinstance(found[0], Plan)
        assert isinstance(found[-1], Outcome)
        return found[0], frames, found[-1]

    return decode_clip


def greys(frames: list[Frame]) -> list[int]:
    """The middle grey of each frame."""
    return [int(np.median(np.asarray(Image.open(io.BytesIO(one.display)).convert("L")))) for one in frames]


def sentence(decoded, clip, **options) -> str:
    with pytest.raises(Refused) as refusal:
        decoded(clip, **options)
    return str(refusal.value)


@pytest.mark.parametrize(
    ("codec", "container"),
    [("libx264", "mp4"), ("libx264", "matroska"), ("mpeg4", "avi"), ("libvpx-vp9", "webm"), ("mjpeg", "mov")],
)
def test_every_frame_comes_once_in_the_order_of_presentation(decoded, codec, container):
    plan, frames, outcome = decoded(video_bytes(codec=codec, container=container))
    assert plan.frames == len(frames) == len(outcome.times_us) == 12
    assert {(one.width, one.height) for one in frames} == {(64, 48)}
    assert greys(frames) == pytest.approx([10 + 12 * n for n in range(12)], abs=6)


def test_a_variable_rate_keeps_the_containers_times(decoded):
    times = [0, 40, 80, 200, 240, 500, 510, 1000]
    _, frames, outcome = decoded(video_bytes(8, times_ms=times))
    assert [round(moment / 1000) for moment in outcome.times_us] == times
    assert greys(frames) == pytest.approx([10 + 12 * n for n in range(8)], abs=6)
    assert outcome.rate == pytest.approx(7.0)


def test_times_count_from_the_first_frame(decoded):
    _, _, outcome = decoded(video_bytes(3, times_ms=[5000, 5040, 5080], container="matroska"))
    assert outcome.times_us == [0, 40_000, 80_000]


def test_a_clip_of_a_phone_held_upright_is_turned(decoded):
    plain = video_bytes(2)
    _, frames, _ = decoded(turned(plain))
    assert (frames[0].width, frames[0].height) == (48, 64)


def test_the_turn_goes_the_right_way(decoded, tmp_path):
    written = io.BytesIO()
    with av.open(written, "w", format="mp4") as output:
        stream = output.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        values = np.zeros((48, 64, 3), dtype=np.uint8)
        values[:16] = 255  # a bright top; turned clockwise it is at the right
        output.mux(stream.encode(av.VideoFrame.from_ndarray(values, format="rgb24")))
        output.mux(stream.encode())
    _, (frame,), _ = decoded(turned(written.getvalue()))
    shown = np.asarray(Image.open(io.BytesIO(frame.display)).convert("L"))
    assert shown[:, -8:].mean() > 200
    assert shown[:, :8].mean() < 50


def test_going_on_gives_the_same_frames_and_all_times(decoded):
    clip = video_bytes(12)
    _, whole, outcome = decoded(clip)
    _, rest, again = decoded(clip, skip=5)
    assert [one.display for one in rest] == [one.display for one in whole[5:]]
    assert again.times_us == outcome.times_us


def test_the_real_clip_has_its_1500_frames(decoded):
    plan, frames, outcome = decoded(folder("flies-video/clip.mp4"), skip=1490)
    assert (plan.frames, len(frames), len(outcome.times_us)) == (1500, 10, 1500)
    assert outcome.rate == pytest.approx(25)
    assert (frames[0].width, frames[0].height) == (1024, 1024)
    assert outcome.times_us[250] == 10_000_000


class TestRefused:
    def test_an_empty_file(self, decoded):
        assert "empty" in sentence(decoded, b"")

    @pytest.mark.parametrize("share", [0.3, 0.7, 0.85])
    @pytest.mark.parametrize("container", ["mp4", "avi"])
    def test_a_clip_that_was_cut_off(self, decoded, share, container):
        clip = video_bytes(20, container=container, codec="mpeg4")
        said = sentence(decoded, clip[: int(len(clip) * share)])
        assert "incomplete" in said or "damaged" in said

    def test_a_cut_behind_an_index_at_the_front(self, decoded, tmp_path):
        whole, ordered = tmp_path / "whole.mp4", tmp_path / "ordered.mp4"
        whole.write_bytes(video_bytes(100))
        with (
            av.open(str(whole)) as source,
            av.open(str(ordered), "w", options={"movflags": "faststart"}) as output,
        ):
            stream = output.add_stream_from_template(source.streams.video[0])
            for packet in source.demux(video=0):
                if packet.size:
                    packet.stream = stream
                    output.mux(packet)
        clip = ordered.read_bytes()
        assert clip.index(b"moov") < clip.index(b"mdat"), "the clip begins with its index"
        said = sentence(decoded, clip[: len(clip) // 2])
        assert "incomplete" in said or "damaged" in said

    def test_a_clip_without_a_key_frame(self, decoded, tmp_path):
        clip, written = tmp_path / "whole.mp4", io.BytesIO()
        clip.write_bytes(video_bytes(12))
        with av.open(str(clip)) as source, av.open(written, "w", format="matroska") as output:
            stream = output.add_stream_from_template(source.streams.video[0])
            for packet in source.demux(video=0):
                if packet.size and not packet.is_keyframe:
                    packet.stream = stream
                    output.mux(packet)
        assert "no key frame" in sentence(decoded, written.getvalue())

    def test_only_sound(self, decoded):
        written = io.BytesIO()
        with av.open(written, "w", format="mp4") as output:
            stream = output.add_stream("aac", rate=8000)
            frame = av.AudioFrame.from_ndarray(
                np.zeros((1, 1024), dtype=np.float32), format="fltp", layout="mono"
            )
            frame.sample_rate = 8000
            output.mux(stream.encode(frame))
            output.mux(stream.encode())
        assert "no picture" in sentence(decoded, written.getvalue())

    def test_a_codec_that_is_not_supported_is_named(self, decoded):
        said = sentence(decoded, video_bytes(3, codec="flv", container="avi"))
        assert "“flv”" in said
        assert "H.264" in said

    def test_frames_that_all_have_one_time(self, decoded, tmp_path):
        whole, written = tmp_path / "whole.mov", io.BytesIO()
        whole.write_bytes(video_bytes(6, codec="mjpeg", container="mov"))
        with av.open(str(whole)) as source, av.open(written, "w", format="matroska") as output:
            stream = output.add_stream_from_template(source.streams.video[0])
            for packet in source.demux(video=0):
                if packet.size:
                    packet.stream, packet.pts, packet.dts = stream, 0, 0
                    output.mux(packet)
        assert "no duration" in sentence(decoded, written.getvalue())

    def test_frames_of_absurd_size(self, decoded):
        clip = video_bytes(1, codec="mjpeg", container="mov", size=(8192, 64))
        assert "8,192 × 64" in sentence(decoded, clip)

    def test_more_frames_than_can_be_labelled(self, decoded):
        clip = video_bytes(MAX_VIDEO_FRAMES + 5, size=(16, 16), codec="mpeg4", container="matroska")
        assert f"up to {MAX_VIDEO_FRAMES:,}" in sentence(decoded, clip)

    @pytest.mark.parametrize(
        ("content", "word"),
        [
            (b"GIF89a" + b"\0" * 400, "a GIF"),
            (b"<svg xmlns='http://www.w3.org/2000/svg'/>" + b" " * 400, "an SVG drawing"),
            (b"<!DOCTYPE html><html></html>" + b" " * 400, "a web page"),
            (b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n" + b" " * 400, "a playlist"),
            (b"%PDF-1.7" + b" " * 400, "a PDF document"),
            (b"no video at all " * 40, "not a video"),
        ],
    )
    def test_other_things_are_named(self, decoded, content, word):
        assert word in sentence(decoded, content)

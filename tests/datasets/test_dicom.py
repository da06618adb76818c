"""DICOM: slices in the order of the body, values as the modality means them, nothing of the patient."""

import gzip
import io

import numpy as np
import pydicom
import pytest
from PIL import Image
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGLSLossless,
    RLELossless,
)

from datasets.decoding import decode
from datasets.media.frames import Frame, Refused, SeveralSeries
from tests.datasets.media_samples import CT, SAMPLES, dicom_bytes, sample_of_pydicom


@pytest.fixture
def decoded(tmp_path):
    """A function: bytes of each upload -> (frames, outcome)."""

    def decode_all(*uploads, **options):
        paths = []
        for number, content in enumerate(uploads):
            path = tmp_path / f"{number}"
            path.write_bytes(content)
            paths.append((path, f"{number}.dcm"))
        found = list(decode("dicom", paths, **options))
        if isinstance(found[-1], SeveralSeries):
            return found[-1]
        return [one for one in found if isinstance(one, Frame)], found[-1]

    return decode_all


def values_of(frame: Frame) -> np.ndarray:
    """The int16 values that the editor gets."""
    return np.frombuffer(gzip.decompress(frame.pixels), dtype="<i2").reshape(frame.height, frame.width)


def shown(frame: Frame) -> np.ndarray:
    """The greys of the display version."""
    return np.asarray(Image.open(io.BytesIO(frame.display)))


def sentence(decoded, *uploads) -> str:
    with pytest.raises(Refused) as refusal:
        decoded(*uploads)
    return str(refusal.value)


def test_slices_come_in_the_order_of_their_position_whatever_their_names(decoded):
    contents = [path.read_bytes() for path in CT]
    sizes_by_order = [decoded(*order)[0] for order in (contents, contents[::-1], contents[1:] + contents[:1])]
    first = [frame.pixels for frame in sizes_by_order[0]]
    assert all([frame.pixels for frame in frames] == first for frames in sizes_by_order)
    _, outcome = decoded(*contents[::-1])
    assert outcome.names == ["-128.7 mm", "-127.7 mm", "-126.7 mm"]


def test_an_oblique_stack_is_ordered_along_its_normal(decoded):
    # Normal of (0, 1, 0) x (0, 0, -1) is (-1, 0, 0): larger x comes first.
    slices = [
        dicom_bytes(
            np.full((4, 4), n, dtype=np.int16),
            ImageOrientationPatient=[0, 1, 0, 0, 0, -1],
            ImagePositionPatient=[x, 5, 5],
            InstanceNumber=n,
        )
        for n, x in enumerate([10, 30, 20])
    ]
    frames, _ = decoded(*slices)
    assert [values_of(frame)[0, 0] for frame in frames] == [1, 2, 0]


def test_without_positions_the_instance_number_decides(decoded):
    frames, outcome = decoded(
        *(dicom_bytes(np.full((4, 4), n, dtype=np.int16), InstanceNumber=n) for n in (12, 3, 7))
    )
    assert [values_of(frame)[0, 0] for frame in frames] == [3, 7, 12]
    assert outcome.names == []


def test_series_are_told_apart(decoded):
    uploads = [dicom_bytes(series=one) for one in ("1.2.3", "1.2.4", "1.2.3")]
    assert decoded(*uploads) == SeveralSeries([[0, 2], [1]])


def test_a_scout_of_another_size_is_a_series_of_its_own(decoded):
    found = decoded(dicom_bytes(), dicom_bytes(np.zeros((8, 8), dtype=np.int16)))
    assert found == SeveralSeries([[0], [1]])


def test_a_file_of_several_frames_without_positions_keeps_their_order(decoded):
    content = (SAMPLES / "dicom" / "emri_small_10_frames.dcm").read_bytes()
    frames, outcome = decoded(content)
    raw = pydicom.dcmread(io.BytesIO(content)).pixel_array
    assert [values_of(frame).tolist() for frame in frames] == raw.tolist()
    assert outcome.pixels["window"]["width"] > 0


def test_the_frames_of_an_enhanced_file_are_read_each_with_its_own_groups(decoded):
    def group(**tags):
        inner = Dataset()
        for name, value in tags.items():
            setattr(inner, name, value)
        return Sequence([inner])

    heights = [30, 10, 20]
    own = []
    for height in heights:
        one = Dataset()
        one.PlanePositionSequence = group(ImagePositionPatient=[0, 0, height])
        one.PixelValueTransformationSequence = group(RescaleSlope=height, RescaleIntercept=1)
        own.append(one)
    shared = Dataset()
    shared.PlaneOrientationSequence = group(ImageOrientationPatient=[1, 0, 0, 0, 1, 0])
    shared.FrameVOILUTSequence = group(WindowCenter=40, WindowWidth=80)
    raw = np.ones((3, 4, 4), dtype=np.int16)
    content = dicom_bytes(
        raw[0],
        pixels=raw.tobytes(),
        NumberOfFrames=3,
        PerFrameFunctionalGroupsSequence=Sequence(own),
        SharedFunctionalGroupsSequence=Sequence([shared]),
    )
    frames, outcome = decoded(content)
    assert [values_of(frame)[0, 0] for frame in frames] == [11, 21, 31]
    assert outcome.names == ["10.0 mm", "20.0 mm", "30.0 mm"]
    assert outcome.pixels["window"] == {"center": 40.0, "width": 80.0}


def test_rescale_gives_the_modalitys_values(decoded):
    raw = np.array([[0, 1000], [2000, 4095]], dtype=np.uint16)
    (frame,), outcome = decoded(dicom_bytes(raw, RescaleSlope=1, RescaleIntercept=-1024, BitsStored=12))
    assert values_of(frame).tolist() == [[-1024, -24], [976, 3071]]
    assert (outcome.pixels["min"], outcome.pixels["max"]) == (-1024, 3071)


def test_each_slice_has_its_own_rescale(decoded):
    raw = np.full((2, 2), 100, dtype=np.uint16)
    frames, _ = decoded(
        *(
            dicom_bytes(raw, RescaleSlope=slope, RescaleIntercept=0, InstanceNumber=slope)
            for slope in (1, 2, 3)
        )
    )
    assert [values_of(frame)[0, 0] for frame in frames] == [100, 200, 300]


def test_values_that_do_not_fit_are_spread_over_the_range(decoded):
    raw = np.array([[0, 45_000], [60_000, 15_000]], dtype=np.uint16)
    (frame,), outcome = decoded(dicom_bytes(raw, WindowCenter=30_000, WindowWidth=60_000))
    # 0 -> -32768 and 60,000 -> 32767: v = raw * 65535 / 60000 - 32768
    assert values_of(frame).tolist() == [[-32768, 16383], [32767, -16384]]
    assert outcome.pixels["window"]["center"] == pytest.approx(-0.5, abs=0.1)
    assert outcome.pixels["window"]["width"] == pytest.approx(65_535, abs=1)


def test_fractions_keep_their_proportions(decoded):
    raw = np.array([[0, 100], [200, 400]], dtype=np.uint16)
    (frame,), _ = decoded(dicom_bytes(raw, RescaleSlope=0.001, RescaleIntercept=0))
    values = values_of(frame).astype(int) + 32768
    assert values[0, 1] * 4 == pytest.approx(values[1, 1], abs=4)


def test_the_window_of_the_file_is_the_default_and_a_preset(decoded):
    raw = np.arange(256, dtype=np.int16).reshape(16, 16)
    (frame,), outcome = decoded(
        dicom_bytes(
            raw, WindowCenter=[128, 60], WindowWidth=[256, 20], WindowCenterWidthExplanation=["Whole", "Dark"]
        )
    )
    assert outcome.pixels["window"] == {"center": 128.0, "width": 256.0}
    assert [one["name"] for one in outcome.pixels["presets"]][:2] == ["Whole", "Dark"]
    # Centre 128, width 256: (v - 127.5) / 255 + 0.5 = v / 255.
    assert shown(frame).tolist() == raw.tolist()


def test_without_a_window_the_values_give_one(decoded):
    _, outcome = decoded(dicom_bytes(np.arange(100, 356, dtype=np.int16).reshape(16, 16)))
    window = outcome.pixels["window"]
    assert window["center"] == pytest.approx(227.5, abs=2)
    assert window["width"] == pytest.approx(252, abs=4)


def test_monochrome1_is_shown_dark_to_light(decoded):
    raw = np.array([[0, 255]] * 2, dtype=np.uint16)
    tags = {"WindowCenter": 128, "WindowWidth": 256}
    (plain,), _ = decoded(dicom_bytes(raw, **tags))
    (turned,), outcome = decoded(dicom_bytes(raw, PhotometricInterpretation="MONOCHROME1", **tags))
    assert shown(plain)[0].tolist() == [0, 255]
    assert shown(turned)[0].tolist() == [255, 0]
    assert outcome.pixels["invert"] is True
    assert values_of(turned).tolist() == raw.tolist(), "the editor inverts, the values stay"


@pytest.mark.parametrize(
    "syntax", [ImplicitVRLittleEndian, DeflatedExplicitVRLittleEndian], ids=lambda syntax: syntax.name
)
def test_uncompressed_codings(decoded, syntax):
    (frame,), _ = decoded(dicom_bytes(syntax=syntax))
    assert values_of(frame).ravel().tolist() == list(range(48 * 64))


@pytest.mark.parametrize("syntax", [RLELossless, JPEG2000Lossless, JPEGLSLossless], ids=lambda one: one.name)
def test_compressed_without_loss_gives_the_same_values(decoded, syntax):
    ds = pydicom.dcmread(io.BytesIO(dicom_bytes()))
    ds.compress(syntax)
    written = io.BytesIO()
    ds.save_as(written)
    (frame,), _ = decoded(written.getvalue())
    assert values_of(frame).ravel().tolist() == list(range(48 * 64))


@pytest.mark.parametrize(
    "name",
    [
        "CT_small.dcm", "MR_small.dcm", "MR_small_RLE.dcm", "MR_small_bigendian.dcm", "MR_small_jp2klossless.dcm",
        "MR_small_jpeg_ls_lossless.dcm", "693_J2KI.dcm", "JPEG2000.dcm", "SC_rgb_rle_2frame.dcm", "rtdose.dcm",
        "SC_rgb_jpeg_dcmtk.dcm", "examples_palette.dcm", "examples_ybr_color.dcm", "liver_1frame.dcm",
    ],
)  # fmt: skip
def test_samples_of_many_makers_are_shown_or_refused_by_name(decoded, name):
    content = sample_of_pydicom(name)
    if name == "liver_1frame.dcm":
        assert "segmentation" in sentence(decoded, content)
        return
    frames, outcome = decoded(content)
    ds = pydicom.dcmread(io.BytesIO(content))
    assert len(frames) == int(ds.get("NumberOfFrames", 1))
    assert (frames[0].height, frames[0].width) == (ds.Rows, ds.Columns)
    assert (outcome.pixels is None) == (ds.PhotometricInterpretation not in ("MONOCHROME1", "MONOCHROME2"))


def test_nothing_of_the_patient_leaves_the_decoder(decoded):
    frames, outcome = decoded(dicom_bytes(StudyDate="20200202", InstitutionName="Secret Hospital"))
    handed = repr(outcome).encode() + b"".join(one.display + gzip.decompress(one.pixels) for one in frames)
    for secret in (b"Secret", b"SECRET", b"20200202", b"1.2.3"):
        assert secret not in handed


class TestRefused:
    def test_jpeg_extended_with_12_bits(self, decoded):
        said = sentence(decoded, sample_of_pydicom("JPEG-lossy.dcm"))
        assert "JPEG Extended (12-bit)" in said
        assert "JPEG 2000" in said

    def test_a_coding_without_a_decoder_is_named(self, decoded):
        ds = pydicom.dcmread(io.BytesIO(dicom_bytes()))
        ds.compress(RLELossless)
        ds.file_meta.TransferSyntaxUID = "1.2.840.10008.1.2.4.70"
        written = io.BytesIO()
        ds.save_as(written)
        assert "JPEG Lossless" in sentence(decoded, written.getvalue())

    def test_no_pixels(self, decoded):
        assert "no pixels" in sentence(decoded, dicom_bytes(pixels=None))

    def test_a_report(self, decoded):
        assert "holds no picture" in sentence(decoded, sample_of_pydicom("test-SR.dcm"))

    def test_huge_dimensions_are_refused_before_decoding(self, decoded):
        assert "65,000 × 65,000" in sentence(decoded, dicom_bytes(Rows=65_000, Columns=65_000))

    def test_pixels_that_are_cut_off(self, decoded):
        content = dicom_bytes()
        assert "incomplete: 6,0" in sentence(decoded, content[:-100])

    def test_a_small_picture_that_claims_many_frames(self, decoded):
        assert "incomplete" in sentence(decoded, dicom_bytes(NumberOfFrames=900))
        assert "frames" in sentence(decoded, dicom_bytes(NumberOfFrames=90_000))

    def test_a_stream_larger_than_its_tags_say(self, decoded):
        ds = pydicom.dcmread(io.BytesIO(dicom_bytes(np.zeros((512, 512), dtype=np.int16))))
        ds.compress(JPEG2000Lossless)
        ds.Rows = ds.Columns = 16
        written = io.BytesIO()
        ds.save_as(written)
        assert "512 × 512, but its tags say 16 × 16" in sentence(decoded, written.getvalue())

    def test_what_is_no_dicom_file(self, decoded):
        assert "a PDF document" in sentence(decoded, dicom_bytes(), b"%PDF-1.4" + b" " * 400)
        assert "not a DICOM file" in sentence(decoded, b"x" * 400)

    def test_big_endian_lengths(self, decoded):
        raw = np.arange(16, dtype=">i2").reshape(4, 4)
        ds = pydicom.dcmread(io.BytesIO(dicom_bytes(np.zeros((4, 4), dtype=np.int16))))
        ds.file_meta.TransferSyntaxUID = ExplicitVRBigEndian
        ds.PixelData = raw.tobytes()
        ds["PixelData"].VR = "OW"
        written = io.BytesIO()
        pydicom.dcmwrite(written, ds, little_endian=False, implicit_vr=False)
        (frame,), _ = decoded(written.getvalue())
        assert values_of(frame).ravel().tolist() == list(range(16))

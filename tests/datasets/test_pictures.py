"""What may be uploaded, and what becomes of it."""

import io
import time
from pathlib import Path

import pytest
from PIL import Image, ImageCms

from datasets.pictures import BadPicture, read_picture

# Red top half, blue bottom half: tells orientation and colour.
FLAG = Image.new("RGB", (60, 40), (200, 30, 30))
FLAG.paste((30, 30, 200), (0, 20, 60, 40))


def encoded(picture: Image.Image, image_format: str, **options) -> bytes:
    written = io.BytesIO()
    picture.save(written, image_format, **options)
    return written.getvalue()


def opened(content: bytes) -> Image.Image:
    picture = Image.open(io.BytesIO(content))
    picture.load()
    return picture


def refusal(content: bytes) -> str:
    with pytest.raises(BadPicture) as refused:
        read_picture(content)
    return str(refused.value)


class TestAccepted:
    @pytest.mark.parametrize(
        ("image_format", "shown_as"),
        [("JPEG", "image/jpeg"), ("PNG", "image/png"), ("WEBP", "image/jpeg"), ("TIFF", "image/png")],
    )
    def test_each_format_is_shown_as_something_every_browser_draws(self, image_format, shown_as):
        picture = read_picture(encoded(FLAG, image_format))
        assert (picture.width, picture.height, picture.display_type) == (60, 40, shown_as)
        red, _, blue = opened(picture.display).convert("RGB").getpixel((5, 5))
        assert red > 150 > 100 > blue

    def test_a_small_lossless_picture_keeps_every_pixel(self):
        picture = read_picture(encoded(FLAG, "PNG"))
        assert opened(picture.display).tobytes() == FLAG.tobytes()

    def test_the_camera_was_turned_and_the_picture_is_upright(self):
        exif = Image.Exif()
        exif[0x0112] = 6  # turn 90 degrees clockwise to see it upright
        picture = read_picture(encoded(FLAG, "JPEG", exif=exif, quality=95))
        assert (picture.width, picture.height) == (40, 60)
        red, _, blue = opened(picture.display).getpixel((35, 30))
        assert red > 150 > 100 > blue

    def test_what_the_file_says_about_place_and_people_is_not_served(self):
        exif = Image.Exif()
        exif[0x010E] = "Patient Jane Doe"
        picture = read_picture(encoded(FLAG, "JPEG", exif=exif, comment=b"Patient Jane Doe"))
        assert b"Jane Doe" not in picture.display + picture.thumbnail

    def test_bytes_behind_the_picture_are_not_served(self):
        picture = read_picture(encoded(FLAG, "JPEG") + b"<script>alert(1)</script>")
        assert b"script" not in picture.display

    def test_transparency_is_kept_and_white_in_the_thumbnail(self):
        clear = Image.new("RGBA", (50, 50), (0, 0, 0, 0))
        picture = read_picture(encoded(clear, "PNG"))
        assert opened(picture.display).getpixel((1, 1))[3] == 0
        assert opened(picture.thumbnail).getpixel((1, 1)) == (255, 255, 255)

    @pytest.mark.parametrize("image_format", ["PNG", "TIFF"])
    def test_sixteen_bits_are_spread_over_what_a_screen_shows(self, image_format):
        deep = Image.new("I;16", (20, 10), 100)
        deep.paste(4000, (10, 0, 20, 10))  # a microscope's 12 bits: black on a screen without spreading
        shown = opened(read_picture(encoded(deep, image_format)).display)
        assert (shown.mode, shown.getpixel((1, 1)), shown.getpixel((15, 1))) == ("L", 0, 255)

    def test_a_colour_profile_is_applied(self):
        profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
        broken = read_picture(
            encoded(FLAG, "PNG", icc_profile=profile)
        )  # does not fit RGB: ignored, not fatal
        assert broken.width == 60

    def test_print_colours_are_converted(self):
        shown = opened(read_picture(encoded(FLAG.convert("CMYK"), "JPEG", quality=95)).display)
        assert shown.mode == "RGB"
        assert shown.getpixel((5, 5))[0] > 150

    def test_the_thumbnail_is_small(self):
        picture = read_picture(encoded(Image.new("RGB", (2000, 500), (9, 99, 9)), "JPEG"))
        assert opened(picture.thumbnail).size == (320, 80)


class TestRefused:
    @pytest.mark.parametrize("image_format", ["JPEG", "PNG", "WEBP", "TIFF"])
    def test_a_truncated_file_is_refused(self, image_format):
        noisy = Image.effect_noise((200, 200), 80).convert("RGB")
        content = encoded(noisy, image_format)
        assert "damaged or incomplete" in refusal(content[: len(content) // 2])

    @pytest.mark.parametrize(
        ("content", "said"),
        [
            (b"", "empty"),
            (b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>', "SVG"),
            (b'<?xml version="1.0"?><svg/>', "SVG"),
            (b"\xef\xbb\xbf  <!-- x --><svg></svg>", "SVG"),
            (b"<!DOCTYPE html><html><script>alert(1)</script></html>", "web page"),
            (b"%PDF-1.7\n", "PDF"),
            (b"PK\x03\x04" + bytes(60), "archive"),
            (b"\x00\x00\x00\x18ftypheic" + bytes(40), "HEIC"),
            (b"\x00\x00\x00\x18ftypmp42" + bytes(40), "video"),
            (bytes(128) + b"DICM", "DICOM"),
            (b"hello", "not a picture"),
        ],
    )
    def test_other_kinds_of_files_are_named_and_refused(self, content, said):
        sentence = refusal(content)
        assert said in sentence
        assert sentence.endswith(".")

    @pytest.mark.parametrize("image_format", ["GIF", "BMP", "ICO", "PPM"])
    def test_other_picture_formats_are_refused(self, image_format):
        assert "JPEG, PNG, WebP or TIFF" in refusal(encoded(FLAG, image_format))

    def test_a_picture_above_40_megapixels_is_refused_before_it_is_decoded(self):
        assert "41 megapixels (6401 × 6401)" in refusal(encoded(Image.new("L", (6401, 6401)), "PNG"))

    @pytest.mark.alone
    def test_a_decompression_bomb_is_refused_at_once(self):
        bomb = encoded(Image.new("1", (30_000, 20_000)), "PNG")  # 600 megapixels in some kilobytes
        assert len(bomb) < 200_000
        began = time.monotonic()
        assert "megapixels" in refusal(bomb)
        assert time.monotonic() - began < 0.5

    def test_a_stack_of_pictures_is_refused_because_all_but_one_would_be_lost(self):
        assert "2 pictures" in refusal(encoded(FLAG, "TIFF", save_all=True, append_images=[FLAG]))

    def test_the_name_is_not_believed(self):
        """The type comes from the content alone: `read_picture` does not even get a name."""
        assert read_picture(encoded(FLAG, "PNG")).width == 60

    def test_every_cut_of_a_real_file_is_either_read_or_refused_with_a_sentence(self):
        content = encoded(Image.effect_noise((64, 64), 50).convert("RGB"), "TIFF", compression="tiff_lzw")
        for cut in range(1, len(content), 97):
            try:
                read_picture(content[:cut])
            except BadPicture as refused:
                assert str(refused).endswith(".")


def test_the_real_demo_pictures_are_readable():
    pictures = sorted(Path(__file__).parents[2].glob("demo/*/images/*"))[:3]
    assert pictures
    for path in pictures:
        assert read_picture(path.read_bytes()).width > 50

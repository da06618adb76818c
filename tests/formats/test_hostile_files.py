"""Files that want to break the reader: every one ends in items or in a FormatError with a sentence, quickly."""

import io
import json
import stat
import time
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from formats import (
    FormatError,
    ImportFile,
    document_problems,
    parse_json,
    read_coco,
    read_labels,
    read_own,
    read_voc,
    sniff,
)
from formats.archives import unpack_zip
from tests.formats.ontologies import FRAME, STRUCTURE, full_document

IMAGES = {"a.png": [FRAME]}
VOC = b"<annotation><filename>a.png</filename><size><width>8</width><height>4</height></size></annotation>"
OWN = json.dumps(
    {"format": "annotrain-labels", "version": 1, "items": [{"file": "a.png", "document": full_document()}]}
).encode()
COCO = json.dumps(
    {
        "images": [{"id": 1, "file_name": "a.png", "width": 8, "height": 4}],
        "annotations": [
            {
                "id": 1,
                "image_id": 1,
                "category_id": 1,
                "bbox": [1, 1, 2, 2],
                "attributes": {"Cell type": "Neutrophil"},
            },
            {"id": 2, "image_id": 1, "category_id": 2, "segmentation": [[1, 1, 2, 2, 3, 1]]},
            {"id": 3, "image_id": 1, "category_id": 3, "segmentation": {"size": [4, 8], "counts": "44h0"}},
            {"id": 4, "image_id": 1, "category_id": 4, "keypoints": [1, 1, 2, 2, 2, 2]},
        ],
        "categories": [
            {"id": 1, "name": "White blood cell"},
            {"id": 2, "name": "Nucleus"},
            {"id": 3, "name": "Tissue"},
            {"id": 4, "name": "Fly", "keypoints": ["head", "thorax"]},
        ],
    }
).encode()


def read(content: bytes, name: str = "labels") -> ImportFile:
    return read_labels(content, name, STRUCTURE, images=IMAGES)


def refusal(content: bytes, reader: Callable[[bytes], Any] = read) -> str:
    """The sentence of the refusal, after checking that it is one for people."""
    with pytest.raises(FormatError) as caught:
        reader(content)
    sentence = str(caught.value)
    assert sentence[0].isupper() or sentence[0] == '"'
    assert sentence.endswith(".")
    assert len(sentence) < 400
    return sentence


def check(result: ImportFile) -> None:
    """What every result must keep: documents can be stored, the report can be sent as JSON."""
    for item in result.items:
        if item.document is not None:
            assert document_problems(item.document, STRUCTURE, frames=[FRAME]) == []
            json.dumps(item.document, allow_nan=False).encode()
        for problem in item.problems:
            assert problem.message and problem.severity in ("refused", "repaired")
            json.dumps(problem.as_json(), ensure_ascii=False).encode()
    for problem in result.problems:
        json.dumps(problem.as_json(), ensure_ascii=False).encode()


def test_the_three_files_that_are_broken_below_are_fine_themselves() -> None:
    for content, count in ((OWN, 9), (COCO, 4), (VOC, 0)):
        (item,) = read(content).items
        assert item.label_count == count
        assert item.problems == ()


# JSON


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b'{"a": NaN}', "NaN"),
        (b'{"a": -Infinity}', "Infinity"),
        (b'{"a": 1e999}', "too large"),
        (b'{"a": -1e999}', "too large"),
        (b'{"a": ' + b"9" * 5000 + b"}", "5000 digits"),
        (b'{"a": "x\\u0000y"}', "NUL"),
        (b'{"x\\u0000y": 1}', "NUL"),
        (b'{"a": "\\ud800"}', "half a character"),
        (b'{"a": "x\0y"}', "not valid JSON"),
        (b'{"a": ', "not valid JSON"),
        (b'{"a": "\xff"}', "UTF-8"),
        ('{"a": "é"}'.encode("utf-16"), "UTF-8"),
        (b"[" * 100 + b"]" * 100, "too deeply"),
        (b"[" * 1_000_000, "too deeply"),
        (b'{"a":' * 500_000, "too deeply"),
        (b"", "not valid JSON"),
    ],
)
def test_json_is_refused_with_its_reason(text: bytes, reason: str) -> None:
    assert reason in refusal(text, parse_json)


def test_json_that_only_looks_suspicious_is_read() -> None:
    assert parse_json(rb'{"a": "\\u0000", "b": "\ud83d\ude00"}') == {"a": "\\u0000", "b": "\U0001f600"}


def test_a_json_file_above_the_limit_is_refused_before_it_is_read() -> None:
    content = b'{"format": "annotrain-labels", "x": "' + b"x" * (20 * 1024 * 1024) + b'"}'
    assert "20" in refusal(content)


@pytest.mark.parametrize("content", [OWN, COCO])
def test_truncated_json_is_refused_at_every_length(content: bytes) -> None:
    for length in range(0, len(content), 7):
        refusal(content[:length])


@pytest.mark.parametrize(
    "root",
    [
        {"format": "annotrain-labels"},
        {"format": "annotrain-labels", "version": 2, "items": []},
        {"format": "annotrain-labels", "version": True, "items": []},
        {"format": "annotrain-labels", "version": 1, "items": {}},
        {"format": ["annotrain-labels"], "version": 1, "items": []},
    ],
)
def test_an_own_file_of_another_kind_is_refused(root: Any) -> None:
    refusal(json.dumps(root).encode())


def mutated(value: Any, path: tuple[Any, ...], replacement: Any) -> Any:
    if not path:
        return replacement
    copied = dict(value) if isinstance(value, dict) else list(value)
    copied[path[0]] = mutated(copied[path[0]], path[1:], replacement)
    return copied


def every_path(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path]
    if isinstance(value, dict | list):
        for key, child in value.items() if isinstance(value, dict) else enumerate(value):
            found += every_path(child, (*path, key))
    return found


WRONG: list[Any] = [None, True, -1, 0, 3.7, 1e15, "", "x", "9" * 100, [], [[]], [None], {}, {"x": {}}, 10**17]


@pytest.mark.parametrize("content", [OWN, COCO])
def test_a_wrong_value_in_any_place_is_refused_or_reported(content: bytes) -> None:
    root = json.loads(content)
    for path in every_path(root):
        for wrong in WRONG:
            try:
                result = read(json.dumps(mutated(root, path, wrong)).encode())
            except FormatError as reason:
                assert str(reason).endswith(".")
            else:
                check(result)


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda children: (
        st.lists(children, max_size=4) | st.dictionaries(st.text(max_size=8), children, max_size=4)
    ),
    max_leaves=12,
)


@st.composite
def broken_files(draw: st.DrawFn) -> bytes:
    """One of the good files with a few values replaced by anything."""
    root = json.loads(draw(st.sampled_from([OWN, COCO])))
    for _ in range(draw(st.integers(1, 3))):
        root = mutated(root, draw(st.sampled_from(every_path(root))), draw(JSON_VALUES))
    return json.dumps(root).encode()


@given(broken_files())
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_no_json_file_makes_a_reader_raise_anything_but_a_format_error(content: bytes) -> None:
    for reader in (read_own, read_coco):
        try:
            check(reader(content, STRUCTURE, images=IMAGES))
        except FormatError as reason:
            assert str(reason)


@given(JSON_VALUES)
def test_the_ontology_of_a_file_is_not_trusted_either(ontology: Any) -> None:
    root = {"format": "annotrain-labels", "version": 1, "ontology": ontology, "items": []}
    try:
        check(read_own(json.dumps(root).encode(), STRUCTURE))
    except FormatError as reason:
        assert str(reason)


@given(st.binary(max_size=200))
def test_any_bytes_are_refused_with_a_sentence(content: bytes) -> None:
    try:
        check(read(content))
    except FormatError as reason:
        assert str(reason).endswith(".")


@given(st.integers(0, len(VOC)), st.binary(max_size=12))
def test_any_damage_to_an_xml_file_is_refused_or_harmless(position: int, junk: bytes) -> None:
    try:
        check(
            read_voc({"a.xml": VOC[:position] + junk + VOC[position + len(junk) :]}, STRUCTURE, images=IMAGES)
        )
    except FormatError as reason:
        assert str(reason).endswith(".")


# XML

BOMB = (
    b'<!DOCTYPE annotation [<!ENTITY a "ha">'
    + b"".join(b'<!ENTITY %c "%s">' % (98 + i, b"&%c;" % (97 + i) * 10) for i in range(9))
    + b"]><annotation><filename>&j;</filename></annotation>"
)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (BOMB, "document type"),
        (
            b'<!DOCTYPE annotation SYSTEM "http://evil.example/x.dtd"><annotation></annotation>',
            "document type",
        ),
        (
            b'<!DOCTYPE annotation [<!ENTITY x SYSTEM "file:///etc/passwd">]><annotation><filename>&x;</filename></annotation>',
            "document type",
        ),
        (b"<annotation><filename>a.png</annotation>", "not valid XML"),
        (b"<annotation>" + b"<object>" * 300, "not valid XML"),
        (b'<?xml version="1.0" encoding="no-such-thing"?><annotation></annotation>', "not valid XML"),
        (b'<?xml version="1.0" encoding="utf-7"?><annotation></annotation>', "not valid XML"),
        (b"<annotation>&undefined;</annotation>", "not valid XML"),
        (b"<annotation>\0</annotation>", "not valid XML"),
        (b"<annotation>" + b" " * 3_000_000 + b"</annotation>", "larger than"),
        (b"<x><annotation></annotation></x>", "outermost"),
        (b"<annotations></annotations>", "CVAT"),
        (b"<html></html>", "not a Pascal VOC"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"></svg>', "not a Pascal VOC"),
    ],
)
def test_hostile_xml_is_refused_with_its_reason(content: bytes, reason: str) -> None:
    started = time.monotonic()
    assert reason in refusal(content)
    assert time.monotonic() - started < 2


def test_deeply_nested_xml_is_read_and_thrown_away() -> None:
    deep = b"<a>" * 100_000 + b"</a>" * 100_000
    result = read(VOC.replace(b"</annotation>", deep + b"</annotation>"))
    check(result)
    assert result.items[0].label_count == 0


def test_the_path_in_a_voc_file_is_ignored() -> None:
    content = VOC.replace(b"<filename>", b"<path>/etc/passwd</path><filename>../../")
    assert read(content).items[0].file == "a.png"


# Archives


def zipped(*entries: tuple[str | zipfile.ZipInfo, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", compression) as archive:
        for name, data in entries:
            archive.writestr(name, data)
    return content.getvalue()


def test_a_zip_of_voc_files_is_read_and_a_broken_one_among_them_is_an_item() -> None:
    content = zipped(
        ("labels/a.xml", VOC),
        ("labels/bad.xml", b"<x"),
        ("readme.txt", b"hello"),
        ("__MACOSX/._a.xml", b"junk"),
    )
    result = read(content, "labels.zip")
    assert [(item.file, item.document is None) for item in result.items] == [
        ("a.png", False),
        ("bad.xml", True),
    ]


def test_a_zip_of_one_json_file_is_read() -> None:
    assert read(zipped(("x/labels.json", COCO))).format == "coco"
    assert "several JSON" in refusal(zipped(("a.json", COCO), ("b.json", COCO)))
    assert "no label files" in refusal(zipped(("a.txt", b"x")))


@pytest.mark.parametrize(
    "name", ["../a.xml", "x/../../a.xml", "/etc/a.xml", "..\\a.xml", "\\a.xml", "C:\\a.xml", "C:/a.xml"]
)
def test_a_path_that_leaves_the_archive_is_refused(name: str) -> None:
    assert "out of the archive" in refusal(zipped((name, VOC)))


def test_a_link_in_an_archive_is_refused() -> None:
    link = zipfile.ZipInfo("a.xml")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    assert "link" in refusal(zipped((link, b"/etc/passwd")))


def test_a_zip_bomb_is_refused_before_it_unpacks() -> None:
    bomb = zipped(*((f"{n}.xml", b" " * 10_000_000) for n in range(20)))
    assert len(bomb) < 400_000
    started = time.monotonic()
    assert "far more than it should" in refusal(bomb)
    assert time.monotonic() - started < 2


def test_an_archive_that_lies_about_its_sizes_is_refused() -> None:
    content = zipped(("a.xml", b" " * 3_000_000))
    honest = (3_000_000).to_bytes(4, "little")
    assert content.count(honest) == 2
    refusal(content.replace(honest, (10).to_bytes(4, "little")))


def test_too_many_files_are_refused() -> None:
    assert "more than 20,000" in refusal(zipped(*((f"{n}.txt", b"") for n in range(20_001))))


@pytest.mark.parametrize("compression", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_an_unusual_compression_is_refused(compression: int) -> None:
    assert "unusual compression" in refusal(zipped(("a.xml", VOC), compression=compression))


def test_an_encrypted_or_broken_archive_is_refused() -> None:
    good = zipped(("a.xml", VOC))
    flagged = bytearray(good)
    flagged[good.index(b"PK\x01\x02") + 8] |= 1
    assert "encrypted" in refusal(bytes(flagged))
    for length in range(4, len(good), 5):
        refusal(good[:length])


@given(st.data())
@settings(max_examples=200, deadline=None)
def test_any_damage_to_an_archive_is_refused_or_harmless(data: st.DataObject) -> None:
    content = bytearray(zipped(("a.xml", VOC), ("b.xml", VOC)))
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    try:
        unpack_zip(bytes(content), endings=(".xml",))
    except FormatError as reason:
        assert str(reason).endswith(".")


# Telling files apart


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (OWN, "own"),
        (b"\xef\xbb\xbf \n" + OWN, "own"),
        (COCO, "coco"),
        (VOC, "voc"),
        (b'<?xml version="1.0"?>\n' + VOC, "voc"),
        (zipped(("a.xml", VOC)), "zip"),
    ],
)
def test_the_format_is_told_by_the_content_not_by_the_name(content: bytes, kind: str) -> None:
    assert sniff(content, "photo.jpg") == kind
    check(read(content, "photo.jpg"))


@pytest.mark.parametrize(
    "content", [b"", b"  \n", b"\x89PNG\r\n", b"[]", b'{"a": 1}', b"0 0.5 0.5 0.1 0.1\n", b"<svg/>"]
)
def test_what_is_no_label_file_is_refused_with_its_name(content: bytes) -> None:
    with pytest.raises(FormatError, match=r'^"holiday\.jpg" is'):
        sniff(content, "holiday.jpg")

"""Pascal VOC on the command line: folders, single files, archives."""

import zipfile

import pytest

from tests.score_cli.files import bbox, coco, counts, run, scored, voc, write

CELL = ("cell", 10, 10, 50, 50)


@pytest.fixture
def folders(tmp_path):
    """Two empty folders."""
    made = tmp_path / "gold", tmp_path / "own"
    for one in made:
        one.mkdir()
    return made


def test_folders_are_paired_by_the_pictures_name(folders):
    gold, own = folders
    write(gold / "1.xml", voc([CELL], filename="a.jpg"))
    write(gold / "2.xml", voc([CELL], filename="b.jpg"))
    write(own / "x.xml", voc([("cell", 10, 10, 50, 30)], filename="a.png"))
    write(own / "y.xml", voc([CELL], filename="c.png"))
    (own / "readme.txt").write_text("not a label file")
    result = scored(gold, own)

    assert counts(result) == (1, 0, 0, 1, 0, 0)
    assert result["mean_iou"] == pytest.approx(0.5)
    assert "c.png: only in the submission" in run(gold, own).err


@pytest.mark.parametrize("filename", [None, "", "a"])
def test_without_a_file_name_the_label_files_own_name_counts(folders, filename):
    gold, own = folders
    write(gold / "a.xml", voc([CELL], filename="a.jpg"))
    write(own / "a.xml", voc([CELL], filename=filename))

    assert counts(scored(gold, own)) == (1, 0, 0, 0, 0, 0)


def test_a_single_file_and_an_archive_are_read_as_well(folders, tmp_path):
    gold, _ = folders
    one = write(gold / "a.xml", voc([CELL]))
    archive = tmp_path / "own.zip"
    with zipfile.ZipFile(archive, "w") as made:
        made.writestr("labels/a.xml", voc([CELL]))

    assert counts(scored(one, archive)) == (1, 0, 0, 0, 0, 0)
    assert counts(scored(archive, gold)) == (1, 0, 0, 0, 0, 0)


def test_edges_are_continuous_nothing_is_added(folders):
    gold, own = folders
    write(gold / "a.xml", voc([("cell", 0, 0, 2, 2)]))
    write(own / "a.xml", voc([("cell", 0, 0, 2, 1)]))

    assert scored(gold, own)["mean_iou"] == pytest.approx(0.5)


def test_voc_and_coco_are_compared_with_each_other(folders, tmp_path):
    gold, _ = folders
    write(gold / "a.xml", voc([CELL]))
    submitted = write(tmp_path / "own.json", coco([bbox(10, 10, 40, 40)]))

    assert counts(scored(gold, submitted)) == (1, 0, 0, 0, 0, 0)
    assert counts(scored(submitted, gold)) == (1, 0, 0, 0, 0, 0)


def test_attributes_are_answers(folders):
    gold, own = folders
    write(gold / "a.xml", voc([(*CELL, {"kind": "round", "size": "3"})]))
    write(own / "a.xml", voc([(*CELL, {"kind": "flat", "size": "3.0"})]))

    result = scored(gold, own)
    assert (result["earned"], result["available"]) == (150, 200)


def test_a_size_of_nothing_is_taken_from_the_submission(folders):
    gold, own = folders
    write(gold / "a.xml", voc([CELL], size=(0, 0)))
    write(own / "a.xml", voc([CELL]))

    assert counts(scored(gold, own)) == (1, 0, 0, 0, 0, 0)
    write(own / "a.xml", voc([CELL], size=(0, 0)))
    ran = run(gold, own)
    assert ran.status == 2
    assert '"a.jpg": gold does not state the width and height' in ran.err


@pytest.mark.parametrize(
    "edges", [("x", 0, 1, 1), (5, 5, 5, 5), (9, 9, 1, 1), ("nan", 0, 1, 1), ("1e999", 0, 1, 1)]
)
def test_a_broken_box_counts_as_spurious(folders, edges):
    gold, own = folders
    write(gold / "a.xml", voc([CELL]))
    write(own / "a.xml", voc([CELL, ("cell", *edges)]))

    assert counts(scored(gold, own)) == (1, 0, 0, 0, 0, 1)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("<annotation>", "not valid XML"),
        ("<annotations/>", "outermost element is not <annotation>"),
        ('<!DOCTYPE a [<!ENTITY x "y">]><annotation/>', "document type or entities"),
    ],
)
def test_a_file_of_a_folder_that_cannot_be_read_is_named(folders, content, message):
    gold, own = folders
    write(gold / "a.xml", voc([CELL]))
    write(own / "a.xml", voc([CELL]))
    write(own / "b.xml", content)
    ran = run(gold, own)

    assert (ran.status, ran.out) == (2, "")
    assert f"{own}: b.xml: " in ran.err
    assert message in ran.err


def test_two_label_files_of_one_picture_are_refused(folders):
    gold, own = folders
    write(gold / "a.xml", voc([CELL]))
    write(own / "a.xml", voc([CELL]))
    write(own / "b.xml", voc([CELL], filename="a.png"))
    ran = run(gold, own)

    assert ran.status == 2
    assert 'b.xml: "a.png" and "a.jpg" have the same name without ending' in ran.err


def test_a_folder_without_labels_says_what_a_folder_is_for(folders):
    ran = run(*folders)

    assert ran.status == 2
    assert "The folder has no XML files" in ran.err


def test_an_empty_folder_is_a_submission_of_nothing(folders):
    gold, own = folders
    write(gold / "a.xml", voc([CELL]))
    ran = run(gold, own, "--json")

    assert ran.status == 0
    assert counts(ran.result) == (0, 0, 0, 1, 0, 0)
    assert "The folder is empty: nothing was submitted." in ran.err
    write(own / "notes.txt", "not a label")
    assert run(gold, own).status == 2


def test_a_name_written_with_combining_accents_is_the_same_picture(folders):
    gold, own = folders
    write(gold / "a.xml", voc([CELL], filename="b\u00e4r.jpg"))
    write(own / "a.xml", voc([CELL], filename="ba\u0308r.png"))

    assert scored(gold, own)["matched"] == 1

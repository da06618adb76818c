"""The demo sets as plain records: what a loader needs to build them through the product's own operations.

Real people are called what their sources call them (an annotator's number); simulated people have invented names and
say so in ``about``.
"""

import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from demo.error_generator import ErrorProfile, with_errors
from demo.track_errors import TrackErrors, radio_options, with_track_errors
from formats import ImportFile, read_labels
from formats.records import Document, Images

HERE = Path(__file__).resolve().parent
SEED = "annotrain-demo-1"


@dataclass(frozen=True)
class LabelFile:
    """A label file as a person would upload it."""

    name: str
    content: bytes


@dataclass(frozen=True)
class DemoFile:
    """A file of several frames: its kind, what is uploaded for it, and the size of each frame."""

    title: str
    kind: str
    parts: tuple[Path, ...]
    sizes: list[tuple[int, int]]


@dataclass(frozen=True)
class Trainee:
    """A person of a demo set, with the labels that he or she has submitted: picture title -> label document."""

    name: str
    email: str
    about: str
    is_simulated: bool
    documents: Mapping[str, Document]


@dataclass(frozen=True)
class DemoSet:
    """Pictures, ontology, gold and trainees; ``gold`` goes through the product's import with ``class_map``.

    ``images`` are single pictures, all of ``size``; ``media`` is everything that has several frames.
    """

    key: str
    title: str
    description: str
    ontology_title: str
    structure: dict[str, Any]
    instructions: str
    credit: str
    images: tuple[Path, ...]
    size: tuple[int, int]
    gold: LabelFile
    class_map: Mapping[str, str]
    trainees: tuple[Trainee, ...]
    media: tuple[DemoFile, ...] = ()

    @property
    def frames(self) -> Images:
        """Picture title -> sizes of its frames, as ``formats.read_labels`` wants it."""
        single = {image.name: [self.size] for image in self.images}
        return single | {file.title: file.sizes for file in self.media}


@dataclass(frozen=True)
class _Persona:
    name: str
    about: str
    profile: ErrorProfile
    pictures: int


_PERSONAS = (
    _Persona("Amara Okafor", "careful", ErrorProfile(drop=0.02, swap=0.005, shift=0.02, resize=0.03), 42),
    _Persona("Jonas Lindqvist", "fast, misses cells", ErrorProfile(drop=0.22, shift=0.04, resize=0.06), 42),
    _Persona("Mei Tanaka", "finds all, draws loosely", ErrorProfile(drop=0.03, shift=0.10, resize=0.15), 42),
    _Persona(
        "Rafael Costa", "confuses classes", ErrorProfile(drop=0.05, swap=0.20, shift=0.04, resize=0.05), 34
    ),
    _Persona(
        "Priya Nair",
        "boxes cells twice",
        ErrorProfile(drop=0.04, duplicate=0.18, shift=0.05, resize=0.06),
        21,
    ),
    _Persona("Tomasz Zielinski", "has not begun", ErrorProfile(), 0),
)


def demo_sets() -> tuple[DemoSet, ...]:
    """All demo sets, read from the files beside this module."""
    return (
        blood_cells(),
        car_polygons(),
        muscle_cells(),
        moving_smear(),
        person_keypoints(),
        parking(),
        abdomen(),
    )


def blood_cells() -> DemoSet:
    """Boxes in three classes; gold by the data set's authors, trainees simulated from it."""
    folder = HERE / "blood-cells"
    structure, images = _structure(folder), _images(folder)
    class_map = json.loads((folder / "class_map.json").read_text(encoding="utf-8"))
    gold = LabelFile("blood-cells-voc.zip", _zipped(sorted((folder / "gold").glob("*.xml"))))
    size = (640, 480)
    imported = read_labels(
        gold.content,
        gold.name,
        structure,
        class_map=class_map,
        images={image.name: [size] for image in images},
    )
    return DemoSet(
        key="blood-cells",
        title="Blood cells",
        description="Red and white blood cells and platelets on 42 micrographs, as boxes.",
        ontology_title="Blood cells",
        structure=structure,
        instructions=_instructions(folder),
        credit="BCCD data set, MIT licence. The annotators of this set are simulated.",
        images=images,
        size=size,
        gold=gold,
        class_map=class_map,
        trainees=tuple(_simulated(persona, _documents(imported), structure) for persona in _PERSONAS),
    )


def car_polygons() -> DemoSet:
    """One vehicle on each of ten crops, outlined by four real annotators; the third is gold."""
    about = "A real annotator of the data set."
    return _of_real_people(
        "car-polygons",
        title="Cars",
        description="One vehicle on each of ten crops of 64 x 64 pixels, outlined as a polygon.",
        credit="shuffler test data, MIT licence. Gold and all annotators are real people.",
        size=(64, 64),
        people={f"annotator_{n}": (f"Car annotator {n}", about) for n in (1, 2, 4)},
    )


def muscle_cells() -> DemoSet:
    """Masks of smooth muscle cells by four real persons; gold is the data set's fusion of experts."""
    about = "A real expert of the data set, working with ImageJ."
    return _of_real_people(
        "muscle-cells",
        title="Muscle cells",
        description="Rat smooth muscle cells on five phase contrast micrographs, as masks.",
        credit="BU-BIL data set 1, Boston University (Gurari et al., WACV 2015). All annotators are real people.",
        size=(1024, 811),
        people={f"person_{n}": (f"Cell person {n}", about) for n in (1, 3, 4, 5)},
    )


def moving_smear() -> DemoSet:
    """Cells followed with boxes on two clips; gold follows from the blood cells', trainees simulated from it."""
    clips = sorted((HERE / "smear-video").glob("*.mp4"))
    return _of_simulated_people(
        "smear-video",
        title="Moving smear",
        description="Blood cells followed with boxes while the microscope's stage moves, on two clips of 75 frames.",
        credit="Clips made of pictures of the BCCD data set, MIT licence. The annotators of this set are simulated.",
        media=tuple(DemoFile(clip.name, "video", (clip,), [(640, 480)] * 75) for clip in clips),
        not_handed_in=frozenset({("Diego Marin", "smear_b.mp4")}),  # a video that can be opened as a trainee
        people=(
            ("Leila Farsi", "careful", TrackErrors(jitter=0.012, step=0)),
            (
                "Diego Marin",
                "sets few key frames, lets boxes drift",
                TrackErrors(jitter=0.02, step=12, drift=0.3, forget=0.15),
            ),
            (
                "Hanna Virtanen",
                "begins late, loses tracks, mixes up cells",
                TrackErrors(0.05, 0.4, 0.03, 0.1, 0, 5, lost=0.3, exchange=0.3, forget=0.5),
            ),
        ),
    )


def person_keypoints() -> DemoSet:
    """One person as a skeleton of 17 points; gold by the data set's authors, trainees simulated from it."""
    return _of_simulated_people(
        "person-keypoints",
        title="Body points",
        description="One person on a photo as a skeleton of the 17 points of COCO.",
        credit="COCO: labels CC BY 4.0, photo CC BY 2.0. The annotators of this set are simulated.",
        size=(640, 425),
        gold="person_keypoints.json",
        class_map={"person": "Person"},
        people=(
            ("Nadia Rahman", "careful", TrackErrors(jitter=0.006)),
            ("Viktor Novak", "guesses joints under clothes", TrackErrors(jitter=0.035)),
        ),
    )


def parking() -> DemoSet:
    """Rotated boxes with an answer that changes over time, on two sequences; trainees simulated from gold."""
    folders = [HERE / "parking" / name for name in ("sequence0", "sequence1")]
    return _of_simulated_people(
        "parking",
        title="Parking lot",
        description="Numbered spaces of a parking lot as rotated boxes; on each frame free or occupied.",
        credit="PKLot (UFPR), CC BY 4.0. The annotators of this set are simulated.",
        media=tuple(
            DemoFile(
                f"parking_{folder.name[-1]}",
                "image_sequence",
                tuple(sorted(folder.iterdir())),
                [(1280, 720)] * len(list(folder.iterdir())),
            )
            for folder in folders
        ),
        people=(
            ("Grace Mwangi", "careful", TrackErrors(drop=0.02, jitter=0.02, flip=0.01)),
            ("Oskar Brandt", "does not look at every frame", TrackErrors(0.05, 0.1, 0.04, 0, 0.15)),
            ("Yuki Sato", "draws loosely", TrackErrors(0.08, 0, 0.09, 0, 0.03)),
        ),
    )


def abdomen() -> DemoSet:
    """Masks of three organs on a CT series; trainees simulated from gold."""
    slices = tuple(sorted((HERE / "ct-abdomen").glob("*.dcm")))
    return _of_simulated_people(
        "ct-abdomen",
        title="Abdomen CT",
        description="Liver, heart and spine on three slices of a computed tomography, as masks.",
        credit="dcmqi sample data, BSD 3-clause licence. The annotators of this set are simulated.",
        media=(DemoFile("ct_abdomen", "dicom", slices, [(512, 512)] * len(slices)),),
        people=(
            ("Elena Petrova", "careful", TrackErrors(jitter=0.02)),
            ("Samuel Adeyemi", "paints beyond the edge", TrackErrors(jitter=0.08)),
            ("Ingrid Solberg", "overlooks an organ", TrackErrors(drop=0.4, jitter=0.04)),
        ),
    )


def _of_simulated_people(
    key: str,
    *,
    title: str,
    description: str,
    credit: str,
    people: tuple[tuple[str, str, TrackErrors], ...],
    media: tuple[DemoFile, ...] = (),
    size: tuple[int, int] = (0, 0),
    gold: str = "gold.json",
    class_map: Mapping[str, str] | None = None,
    not_handed_in: frozenset[tuple[str, str]] = frozenset(),
) -> DemoSet:
    """Single pictures of ``size``, which lie in the folder ``images``, or ``media``; (person, file) not handed in."""
    folder = HERE / key
    structure, images = _structure(folder), () if media else _images(folder)
    labels = LabelFile(gold, (folder / gold).read_bytes())
    frames = {file.title: file.sizes for file in media} | {image.name: [size] for image in images}
    imported = read_labels(labels.content, gold, structure, class_map=class_map, images=frames)
    documents = _documents(imported)
    options = radio_options(structure)

    def trainee(name: str, about: str, errors: TrackErrors) -> Trainee:
        drawn = {
            file: with_track_errors(document, errors, seed=f"{SEED}/{name}/{file}", options=options)
            for file, document in sorted(documents.items())
            if (name, file) not in not_handed_in
        }
        return Trainee(name, _email(name), f"Simulated: {about}.", is_simulated=True, documents=drawn)

    return DemoSet(
        key=key,
        title=title,
        description=description,
        ontology_title=title,
        structure=structure,
        instructions=_instructions(folder),
        credit=credit,
        images=images,
        size=media[0].sizes[0] if media else size,
        gold=labels,
        class_map=class_map or {},
        trainees=tuple(trainee(*person) for person in people),
        media=media,
    )


def _of_real_people(
    key: str,
    *,
    title: str,
    description: str,
    credit: str,
    size: tuple[int, int],
    people: dict[str, tuple[str, str]],
) -> DemoSet:
    folder = HERE / key
    structure, images = _structure(folder), _images(folder)
    frames = {image.name: [size] for image in images}

    def trainee(stem: str) -> Trainee:
        name, about = people[stem]
        labels = read_labels((folder / f"{stem}.json").read_bytes(), f"{stem}.json", structure, images=frames)
        return Trainee(name, _email(name), about, is_simulated=False, documents=_documents(labels))

    return DemoSet(
        key=key,
        title=title,
        description=description,
        ontology_title=title,
        structure=structure,
        instructions=_instructions(folder),
        credit=credit,
        images=images,
        size=size,
        gold=LabelFile("gold.json", (folder / "gold.json").read_bytes()),
        class_map={},
        trainees=tuple(trainee(stem) for stem in people),
    )


def _simulated(persona: _Persona, gold: Mapping[str, Document], structure: Mapping[str, Any]) -> Trainee:
    classes = [node["featureNodeHash"] for node in structure["objects"]]
    documents = {
        title: with_errors(
            gold[title], persona.profile, seed=f"{SEED}/{persona.name}/{title}", classes=classes
        )
        for title in sorted(gold)[: persona.pictures]
    }
    about = f"Simulated: {persona.about}."
    return Trainee(persona.name, _email(persona.name), about, is_simulated=True, documents=documents)


def _documents(labels: ImportFile) -> dict[str, Document]:
    return {item.file: item.document for item in labels.items if item.document is not None}


def _structure(folder: Path) -> dict[str, Any]:
    structure: dict[str, Any] = json.loads((folder / "ontology.json").read_text(encoding="utf-8"))
    return structure


def _instructions(folder: Path) -> str:
    return (folder / "instructions.md").read_text(encoding="utf-8")


def _images(folder: Path) -> tuple[Path, ...]:
    return tuple(sorted((folder / "images").iterdir()))


def _zipped(files: list[Path]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in files:
            # A fixed time keeps the archive, and with it the stored file's digest, the same on every machine.
            archive.writestr(zipfile.ZipInfo(file.name, (2020, 1, 1, 0, 0, 0)), file.read_bytes())
    return content.getvalue()


def _email(name: str) -> str:
    return f"{name.lower().replace(' ', '.')}@demo.example"

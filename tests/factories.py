"""Factories of every room's rows. Shared: append, never rename.

A factory makes a row as the product would leave it (a file has a real picture, an ontology version a real
digest), but without the audit rows and events of the operations: use the operation where those matter.
"""

import gzip
import hashlib
import io
import json
import struct
import uuid
from datetime import timedelta
from typing import Any

import factory
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone
from factory.django import DjangoModelFactory
from PIL import Image, ImageDraw

from accounts.models import Group, Invitation, Membership, Organisation, OrganisationRole, Tag, User
from benchmarks.models import (
    BenchmarkFunction,
    Evaluation,
    GoldItem,
    GoldTask,
    GoldVersion,
    Publication,
    SourceProject,
    TaskCopy,
    TrainingProject,
)
from datasets.frames import store_pack
from datasets.models import Dataset, DatasetFile, File, FileKind, Folder, FrameIndex, Layer
from jobs.models import Job, WorkerHeartbeat
from labels.models import Instance, InstanceKind, Label, LabelRow, Submission
from ontologies.models import Ontology, OntologyVersion
from ontologies.structure import canonical_digest
from projects.models import Project, ProjectDataset, ProjectKind, ProjectRole, Role, Task, TaskKind, TaskState

PASSWORD = "correct horse battery"  # every UserFactory person has it

# Feature hashes of the two structures below, so that tests can name nodes.
CELL, CELL_TYPE, NEUTROPHIL, LYMPHOCYTE, LOBES = "cellAAAA", "typeAAAA", "neutAAAA", "lympAAAA", "lobeAAAA"
PLATELET = "plateAAA"
QUALITY, QUALITY_ROOT, SHARP, BLURRED = "qualAAAA", "qrotAAAA", "sharAAAA", "blurAAAA"


def simple_structure() -> dict[str, Any]:
    """Boxes with a radio attribute (and a nested number), polygons, and a frame-level choice."""
    return {
        "objects": [
            {
                "id": "1",
                "name": "White blood cell",
                "color": "#D55E00",
                "shape": "bounding_box",
                "featureNodeHash": CELL,
                "required": False,
                "archived": False,
                "hotKey": "1",
                "attributes": [
                    {
                        "id": "1.1",
                        "name": "Cell type",
                        "type": "radio",
                        "featureNodeHash": CELL_TYPE,
                        "required": False,
                        "archived": False,
                        "dynamic": False,
                        "options": [
                            {
                                "id": "1.1.1",
                                "label": "Neutrophil",
                                "value": "neutrophil",
                                "featureNodeHash": NEUTROPHIL,
                                "archived": False,
                                "options": [
                                    {
                                        "id": "1.1.1.1",
                                        "name": "Lobes",
                                        "type": "numeric",
                                        "featureNodeHash": LOBES,
                                        "required": False,
                                        "archived": False,
                                        "dynamic": False,
                                    }
                                ],
                            },
                            {
                                "id": "1.1.2",
                                "label": "Lymphocyte",
                                "value": "lymphocyte",
                                "featureNodeHash": LYMPHOCYTE,
                                "archived": False,
                            },
                        ],
                    }
                ],
            },
            {
                "id": "2",
                "name": "Platelet",
                "color": "#0072B2",
                "shape": "polygon",
                "featureNodeHash": PLATELET,
                "required": False,
                "archived": False,
            },
        ],
        "classifications": [
            {
                "id": "3",
                "featureNodeHash": QUALITY,
                "attributes": [
                    {
                        "id": "3.1",
                        "name": "Image quality",
                        "type": "radio",
                        "featureNodeHash": QUALITY_ROOT,
                        "required": False,
                        "archived": False,
                        "dynamic": False,
                        "options": [
                            {
                                "id": "3.1.1",
                                "label": "Sharp",
                                "value": "sharp",
                                "featureNodeHash": SHARP,
                                "archived": False,
                            },
                            {
                                "id": "3.1.2",
                                "label": "Blurred",
                                "value": "blurred",
                                "featureNodeHash": BLURRED,
                                "archived": False,
                            },
                        ],
                    }
                ],
            }
        ],
        "skeleton_templates": [],
    }


def box(x: float, y: float, w: float, h: float) -> dict[str, Any]:
    """A bounding box geometry of the label document, relative to the frame."""
    return {"type": "bounding_box", "x": x, "y": y, "w": w, "h": h}


def box_document(*boxes: tuple[float, float, float, float], node: str = CELL) -> dict[str, Any]:
    """A label document with one object per box (x, y, w, h, relative), named o1, o2, ..."""
    return {
        "objects": [
            {
                "id": f"o{number}",
                "node": node,
                "answers": {},
                "labels": [{"frame": 0, "geometry": box(*corners), "keyframe": True, "answers": {}}],
            }
            for number, corners in enumerate(boxes, start=1)
        ],
        "classifications": [],
    }


def picture_bytes(width: int = 64, height: int = 48, image_format: str = "JPEG", seed: int = 0) -> bytes:
    """A small real picture; `seed` changes its pixels, so that two files are two pictures."""
    picture = Image.new("RGB", (width, height), (200, 180 - seed % 90, 160))
    ImageDraw.Draw(picture).ellipse(
        (width // 4, height // 4, width // 2, height // 2), fill=(120, seed % 200, 80)
    )
    written = io.BytesIO()
    picture.save(written, image_format)
    return written.getvalue()


# ---------------------------------------------------------------- accounts
class UserFactory(DjangoModelFactory):
    class Meta:
        model = User
        skip_postgeneration_save = True

    name = factory.Sequence(lambda n: f"Person {n}")
    email = factory.Sequence(lambda n: f"person{n}@example.org")
    password = factory.django.Password(PASSWORD)


class OrganisationFactory(DjangoModelFactory):
    class Meta:
        model = Organisation

    name = factory.Sequence(lambda n: f"Organisation {n}")
    slug = factory.Sequence(lambda n: f"organisation-{n}")


class MembershipFactory(DjangoModelFactory):
    class Meta:
        model = Membership

    class Params:
        owner = factory.Trait(role=OrganisationRole.OWNER)
        admin = factory.Trait(role=OrganisationRole.ADMIN)
        ended = factory.Trait(ended_at=factory.LazyFunction(timezone.now))

    organisation = factory.SubFactory(OrganisationFactory)
    user = factory.SubFactory(UserFactory)


class GroupFactory(DjangoModelFactory):
    class Meta:
        model = Group

    organisation = factory.SubFactory(OrganisationFactory)
    name = factory.Sequence(lambda n: f"Cohort {n}")


class TagFactory(DjangoModelFactory):
    class Meta:
        model = Tag

    organisation = factory.SubFactory(OrganisationFactory)
    name = factory.Sequence(lambda n: f"tag-{n}")


class InvitationFactory(DjangoModelFactory):
    """`token` is the secret of the link; the row keeps its digest only."""

    class Meta:
        model = Invitation

    class Params:
        token = factory.Sequence(lambda n: f"token-{n}")

    organisation = factory.SubFactory(OrganisationFactory)
    email = factory.Sequence(lambda n: f"invited{n}@example.org")
    token_digest = factory.LazyAttribute(lambda o: hashlib.sha256(o.token.encode()).hexdigest())
    invited_by = factory.SubFactory(UserFactory)
    expires_at = factory.LazyFunction(lambda: timezone.now() + timedelta(days=7))


# ---------------------------------------------------------------- jobs
class JobFactory(DjangoModelFactory):
    class Meta:
        model = Job

    class Params:
        running = factory.Trait(
            state="running",
            run=1,
            started_at=factory.LazyFunction(timezone.now),
            lease_until=factory.LazyFunction(lambda: timezone.now() + timedelta(seconds=30)),
        )
        done = factory.Trait(state="done", run=1, finished_at=factory.LazyFunction(timezone.now))
        failed = factory.Trait(
            state="failed", run=1, finished_at=factory.LazyFunction(timezone.now), error="The file is empty."
        )

    organisation = factory.SubFactory(OrganisationFactory)
    kind = "test_job"
    title = factory.Sequence(lambda n: f"Job {n}")


class WorkerHeartbeatFactory(DjangoModelFactory):
    class Meta:
        model = WorkerHeartbeat

    name = factory.Sequence(lambda n: f"worker-{n}")
    role = "worker"
    seen_at = factory.LazyFunction(timezone.now)


# ---------------------------------------------------------------- ontologies
class OntologyFactory(DjangoModelFactory):
    class Meta:
        model = Ontology

    organisation = factory.SubFactory(OrganisationFactory)
    title = factory.Sequence(lambda n: f"Ontology {n}")


class OntologyVersionFactory(DjangoModelFactory):
    """Pass `organisation` to place the ontology; `frozen=True` for a version in use."""

    class Meta:
        model = OntologyVersion

    class Params:
        organisation = factory.SubFactory(OrganisationFactory)
        frozen = factory.Trait(frozen_at=factory.LazyFunction(timezone.now))

    ontology = factory.SubFactory(OntologyFactory, organisation=factory.SelfAttribute("..organisation"))
    number = 1
    structure = factory.LazyFunction(simple_structure)
    canonical_digest = factory.LazyAttribute(lambda o: canonical_digest(o.structure))


# ---------------------------------------------------------------- datasets
class FolderFactory(DjangoModelFactory):
    class Meta:
        model = Folder

    organisation = factory.SubFactory(OrganisationFactory)
    name = factory.Sequence(lambda n: f"Folder {n}")


class FileFactory(DjangoModelFactory):
    """A stored picture of `width` x `height`; its bytes are in the default storage under the row's keys."""

    class Meta:
        model = File

    class Params:
        seed = factory.Sequence(lambda n: n)
        content = factory.LazyAttribute(lambda o: picture_bytes(o.width, o.height, seed=o.seed))

    organisation = factory.SubFactory(OrganisationFactory)
    title = factory.Sequence(lambda n: f"picture_{n:04d}.jpg")
    width = 64
    height = 48
    bytes = factory.LazyAttribute(lambda o: len(o.content))
    sha256 = factory.LazyAttribute(lambda o: hashlib.sha256(o.content).hexdigest())
    original_key = factory.LazyAttribute(
        lambda o: default_storage.save(f"tests/{uuid.uuid4().hex}", ContentFile(o.content))
    )
    display_key = factory.SelfAttribute("original_key")
    thumbnail_key = factory.SelfAttribute("original_key")


class FramesFactory(FileFactory):
    """A ready file of `frame_count` frames in one pack, as ingest leaves it; `kind="dicom"` has pixels, too."""

    class Meta:
        skip_postgeneration_save = True

    kind = FileKind.VIDEO
    title = factory.Sequence(lambda n: f"clip_{n:04d}.mp4")
    frame_count = 3
    ready_frames = factory.SelfAttribute("frame_count")
    display_key = ""
    rate = factory.LazyAttribute(lambda o: 25.0 if o.kind == FileKind.VIDEO else None)

    @factory.post_generation
    def frames(self, create: bool, extracted: Any, **kwargs: Any) -> None:
        pictures = [picture_bytes(self.width, self.height, seed=n) for n in range(self.ready_frames)]
        store_pack(self, Layer.DISPLAY, 0, pictures).save()
        index = FrameIndex(file=self)
        if self.kind == FileKind.DICOM:
            values = [
                gzip.compress(struct.pack("<h", n) * (self.width * self.height))
                for n in range(self.ready_frames)
            ]
            store_pack(self, Layer.PIXELS, 0, values).save()
            index.pixels = {
                "min": 0,
                "max": 9,
                "window": {"center": 4, "width": 9},
                "invert": False,
                "presets": [],
            }
        index.save()


class DatasetFactory(DjangoModelFactory):
    """`files=3` (or a list of File rows) fills it."""

    class Meta:
        model = Dataset
        skip_postgeneration_save = True

    organisation = factory.SubFactory(OrganisationFactory)
    title = factory.Sequence(lambda n: f"Dataset {n}")

    @factory.post_generation
    def files(self, create: bool, extracted: int | list[File] | None, **kwargs: Any) -> None:
        if isinstance(extracted, int):
            extracted = FileFactory.create_batch(extracted, organisation=self.organisation, **kwargs)
        for file in extracted or []:
            DatasetFile.objects.create(dataset=self, file=file)


# ---------------------------------------------------------------- projects
class ProjectFactory(DjangoModelFactory):
    """`is_training=True` makes the bare project row; TrainingProjectFactory the training side too."""

    class Meta:
        model = Project
        skip_postgeneration_save = True

    class Params:
        is_training = factory.Trait(kind=ProjectKind.TRAINING)

    organisation = factory.SubFactory(OrganisationFactory)
    kind = ProjectKind.MANUAL_QA
    title = factory.Sequence(lambda n: f"Project {n}")
    ontology_version = factory.SubFactory(
        OntologyVersionFactory, organisation=factory.SelfAttribute("..organisation"), frozen=True
    )

    @factory.post_generation
    def datasets(self, create: bool, extracted: list[Dataset] | None, **kwargs: Any) -> None:
        for dataset in extracted or []:
            ProjectDataset.objects.create(project=self, dataset=dataset)


class ProjectRoleFactory(DjangoModelFactory):
    """A direct role; the person's membership of the organisation is made when it is missing."""

    class Meta:
        model = ProjectRole
        skip_postgeneration_save = True

    project = factory.SubFactory(ProjectFactory)
    user = factory.SubFactory(UserFactory)
    role = Role.ANNOTATOR

    @factory.post_generation
    def membership(self, create: bool, extracted: Any, **kwargs: Any) -> None:
        if create:
            Membership.objects.get_or_create(
                organisation=self.project.organisation, user=self.user, ended_at=None, defaults=kwargs
            )


class TaskFactory(DjangoModelFactory):
    """`held_by=user` makes it theirs (Assigned)."""

    class Meta:
        model = Task

    class Params:
        held_by = None

    project = factory.SubFactory(ProjectFactory)
    file = factory.SubFactory(FileFactory, organisation=factory.SelfAttribute("..project.organisation"))
    kind = TaskKind.ANNOTATE
    queue_rank = factory.Sequence(lambda n: n)
    assignee = factory.SelfAttribute("held_by")
    state = factory.LazyAttribute(lambda o: TaskState.ASSIGNED if o.assignee else TaskState.QUEUED)


# ---------------------------------------------------------------- labels
class LabelRowFactory(DjangoModelFactory):
    class Meta:
        model = LabelRow

    task = factory.SubFactory(TaskFactory)


class InstanceFactory(DjangoModelFactory):
    class Meta:
        model = Instance

    row = factory.SubFactory(LabelRowFactory)
    identifier = factory.Sequence(lambda n: f"o{n}")
    kind = InstanceKind.OBJECT
    node = CELL


class LabelFactory(DjangoModelFactory):
    class Meta:
        model = Label

    instance = factory.SubFactory(InstanceFactory)
    geometry = factory.LazyFunction(lambda: box(0.1, 0.1, 0.2, 0.2))


class SubmissionFactory(DjangoModelFactory):
    class Meta:
        model = Submission

    task = factory.SubFactory(TaskFactory)
    round = factory.SelfAttribute("task.round")
    key = factory.LazyFunction(uuid.uuid4)
    document = factory.LazyFunction(lambda: box_document((0.1, 0.1, 0.2, 0.2)))
    label_count = factory.LazyAttribute(lambda o: sum(len(item["labels"]) for item in o.document["objects"]))
    submitted_by = factory.SubFactory(UserFactory)


# ---------------------------------------------------------------- benchmarks
class TrainingProjectFactory(DjangoModelFactory):
    class Meta:
        model = TrainingProject

    class Params:
        organisation = factory.SubFactory(OrganisationFactory)

    project = factory.SubFactory(
        ProjectFactory, is_training=True, organisation=factory.SelfAttribute("..organisation")
    )


class SourceProjectFactory(DjangoModelFactory):
    class Meta:
        model = SourceProject

    training = factory.SubFactory(TrainingProjectFactory)
    project = factory.SubFactory(
        ProjectFactory, organisation=factory.SelfAttribute("..training.project.organisation")
    )
    title = factory.SelfAttribute("project.title")
    position = factory.Sequence(lambda n: n)


class GoldItemFactory(DjangoModelFactory):
    class Meta:
        model = GoldItem

    training = factory.SubFactory(TrainingProjectFactory)
    file = factory.SubFactory(
        FileFactory, organisation=factory.SelfAttribute("..training.project.organisation")
    )
    position = factory.Sequence(lambda n: n)


class GoldVersionFactory(DjangoModelFactory):
    class Meta:
        model = GoldVersion

    training = factory.SubFactory(TrainingProjectFactory)
    number = 1


class GoldTaskFactory(DjangoModelFactory):
    class Meta:
        model = GoldTask

    version = factory.SubFactory(GoldVersionFactory)
    item = factory.SubFactory(GoldItemFactory, training=factory.SelfAttribute("..version.training"))
    document = factory.LazyFunction(lambda: box_document((0.1, 0.1, 0.2, 0.2)))
    label_count = 1


class BenchmarkFunctionFactory(DjangoModelFactory):
    """`settings` is empty: pass the function file that the test is about."""

    class Meta:
        model = BenchmarkFunction

    training = factory.SubFactory(TrainingProjectFactory)
    number = 1
    settings = factory.LazyFunction(dict)
    comparison_key = factory.LazyAttribute(
        lambda o: hashlib.sha256(json.dumps(o.settings, sort_keys=True).encode()).hexdigest()
    )


class TaskCopyFactory(DjangoModelFactory):
    class Meta:
        model = TaskCopy

    annotator = factory.SubFactory(UserFactory)
    item = factory.SubFactory(GoldItemFactory)
    training = factory.SelfAttribute("item.training")
    task = factory.SubFactory(
        TaskFactory,
        kind=TaskKind.COPY,
        project=factory.SelfAttribute("..training.project"),
        file=factory.SelfAttribute("..item.file"),
        held_by=factory.SelfAttribute("..annotator"),
    )


class EvaluationFactory(DjangoModelFactory):
    class Meta:
        model = Evaluation

    copy = factory.SubFactory(TaskCopyFactory)
    training = factory.SelfAttribute("copy.training")
    submission = factory.SubFactory(
        SubmissionFactory,
        task=factory.SelfAttribute("..copy.task"),
        submitted_by=factory.SelfAttribute("..copy.annotator"),
    )
    gold_version = factory.SubFactory(GoldVersionFactory, training=factory.SelfAttribute("..training"))
    gold_task = factory.SubFactory(
        GoldTaskFactory,
        version=factory.SelfAttribute("..gold_version"),
        item=factory.SelfAttribute("..copy.item"),
    )
    comparison_key = "0" * 64
    engine_version = "1"


class PublicationFactory(DjangoModelFactory):
    class Meta:
        model = Publication

    training = factory.SubFactory(TrainingProjectFactory)
    number = 1
    function = factory.SubFactory(BenchmarkFunctionFactory, training=factory.SelfAttribute("..training"))
    gold_version = factory.SubFactory(GoldVersionFactory, training=factory.SelfAttribute("..training"))
    comparison_key = factory.SelfAttribute("function.comparison_key")
    engine_version = "1"

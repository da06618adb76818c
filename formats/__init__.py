"""Readers and writers of label files: own JSON, COCO JSON, Pascal VOC XML. No Django, nothing of ours.

For the save API and every other door that takes a label document (see ``formats.validation``):

    ontology = Structure.of(structure_json)            # read once; every function also takes the JSON itself
    document_problems(document, ontology, frames=[(width, height)])  -> [Problem]   # empty = may be stored
    missing_required(document, ontology)               -> [Problem]   # for submit; the document must be valid
    Problem.path, .message, .severity ("refused" | "repaired"), .as_json()

Parts of it, for a save diff whose shape is not a whole document:

    instance_problems(instance, ontology.objects | ontology.classifications, path="upserts.instances[0]")
        checks id, node and static answers; other keys are the caller's
    label_problems(label, ontology.objects[node], frames=..., path="upserts.labels[0]", extra=("instance",))
    classification_problems(instance, ontology, frames=..., path=..., extra=("kind",))
    parse_json(body, max_bytes=2 * 1024 * 1024, max_depth=MAX_DOCUMENT_DEPTH)   # raises FormatError

For imports:

    read_labels(content, file_name, ontology, class_map={"RBC": "Red blood cell"}, images={title: [(w, h)]})
        -> ImportFile(format, items, problems, ontology)
           with ImportItem(file, document, width, height, problems)
        raises FormatError (its text is for the person) when the file as a whole cannot be read
    With ``images`` given, item.file is the title there, labels for other files are refused, and item.document
    has passed ``document_problems`` with the true sizes. item.document is None when all of it was refused.
    item.refused / item.repaired / item.label_count / item.labels_refused for the report.
    survey_labels(content, file_name, ontology) -> Survey(format, items, unknown) before that: which class names of
    the file a class map would help; cheap, and it raises the same FormatErrors about the file as a whole.

For exports: write_own(items, ontology=...) -> bytes, write_coco(items, ontology) -> (bytes, left out),
write_voc(items, ontology) -> ({name: bytes}, left out).

A dynamic attribute is one whose top-level attribute is dynamic; its nested ones go with it. Dynamic answers
stand on each label, static ones on the instance, and all answers of a classification in its one map.
"""

from formats.coco import read_coco
from formats.coco_writer import write_coco
from formats.limits import MAX_DOCUMENT_DEPTH, MAX_FILE_BYTES
from formats.own import read_own, write_own
from formats.reading import read_labels, sniff
from formats.records import FormatError, ImportFile, ImportItem, Problem
from formats.strict_json import parse_json
from formats.structure import Structure
from formats.survey import Survey, UnknownName, survey_labels
from formats.validation import (
    answers_problems,
    classification_problems,
    document_problems,
    frame_problems,
    instance_problems,
    label_problems,
    missing_required,
)
from formats.voc import read_voc, write_voc

__all__ = [
    "MAX_DOCUMENT_DEPTH",
    "MAX_FILE_BYTES",
    "FormatError",
    "ImportFile",
    "ImportItem",
    "Problem",
    "Structure",
    "Survey",
    "UnknownName",
    "answers_problems",
    "classification_problems",
    "document_problems",
    "frame_problems",
    "instance_problems",
    "label_problems",
    "missing_required",
    "parse_json",
    "read_coco",
    "read_labels",
    "read_own",
    "read_voc",
    "sniff",
    "survey_labels",
    "write_coco",
    "write_own",
    "write_voc",
]

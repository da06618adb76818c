"""The configuration that a page hands to the editor; every opener builds it here (docs/editor.md)."""

from collections.abc import Callable, Sequence
from typing import Any

from django.urls import reverse

from accounts.models import Organisation, User
from datasets.models import File, FileKind
from labels.documents import Document
from labels.operations import may_write
from projects.models import Task

ENDPOINTS = (
    "document",
    "save",
    "submit",
    "skip",
    "back",
    "next",
    "previous",
    "instructions",
    "approve",
    "settings",
    "judge",
    "missing",
    "resolve",
)
SKIP = {"key": "skip", "label": "Skip"}
SUBMIT = {"key": "submit", "label": "Submit", "primary": True}
APPROVE = {"key": "approve", "label": "Approve", "primary": True}


Issues = Callable[[Task], list[dict[str, Any]]]
_issue_providers: list[Issues] = []


def register_issues(provider: Issues) -> None:
    """Let a higher room tell the annotator what to see to before a task is handed in again."""
    if provider not in _issue_providers:
        _issue_providers.append(provider)


def media_of(file: File, organisation: Organisation) -> dict[str, Any]:
    """Kind, frames and how to get them (docs/media.md); one query more for anything but single images.

    `frame_url` holds the literal "{frame}".
    """
    names = [organisation.slug, file.uuid]
    first = reverse("datasets:frame", args=[*names, 0])
    sizes = [list(size) for size in file.frame_sizes]
    index = getattr(file, "frame_index", None) if file.kind != FileKind.IMAGE else None
    pixels = index.pixels if index is not None else None
    media: dict[str, Any] = {
        "kind": file.kind,
        "frame_count": file.frame_count,
        "frame_url": _numbered(first),
        "sizes": sizes if any(size != sizes[0] for size in sizes) else sizes[:1],
        "rate": file.rate,
        "times": [moment / 1000 for moment in index.times_us] if index and index.is_uneven else None,
        "names": (index.names or None) if index else None,
        "ready": file.frame_count if file.is_ready else file.ready_frames,
        "status_url": None if file.is_ready else reverse("datasets:status", args=names),
        "pixels": None,
    }
    if pixels is not None:
        media["pixels"] = {"url": _numbered(reverse("datasets:pixels", args=[*names, 0]))} | pixels
    return media


def _numbered(address_of_first: str) -> str:
    """The address of any frame from that of frame 0: scripts put the number in for "{frame}"."""
    before, _, after = address_of_first.rpartition("/frames/0/")
    return f"{before}/frames/{{frame}}/{after}"


def endpoints_of(
    task: Task, organisation: Organisation, *, back: str, **others: str | None
) -> dict[str, str | None]:
    """The addresses for somebody who labels the task; `others` overrides or adds (None takes one away)."""
    names = ("document", "save", "submit", "skip")
    own = {name: reverse(f"labels:{name}", args=[organisation.slug, task.uuid]) for name in names}
    settings = reverse("labels:editor_settings", args=[organisation.slug])
    return dict.fromkeys(ENDPOINTS) | own | {"settings": settings, "back": back} | others


def editor_config(
    *,
    mode: str,
    task: Task,
    user: User,
    organisation: Organisation,
    document: Document,
    revision: int,
    endpoints: dict[str, str | None],
    actions: Sequence[dict[str, Any]] = (),
    position: int | None = None,
    total: int | None = None,
    compare: dict[str, Any] | None = None,
    review: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """The dict for json_script id="editor-config".

    `task` needs project.ontology_version and file; `position` of `total` is the place in the person's list
    (None = not shown). `compare` and `review` are the blocks of the modes of these names; `issues` are what a
    higher room has to say about the task (`register_issues`).
    """
    config = {
        "mode": mode,
        "task": {
            "id": str(task.uuid),
            "title": task.file.title,
            "position": position,
            "total": total,
            "state": task.state,
            "state_label": task.get_state_display(),
            "may_write": may_write(task, user),
        },
        "project": {"title": task.project.title},
        "media": media_of(task.file, organisation),
        "ontology": task.project.ontology_version.structure,
        "document": document,
        "revision": revision,
        "endpoints": {name: endpoints.get(name) for name in ENDPOINTS},
        "actions": list(actions),
        "user": {"id": str(user.uuid), "name": user.name},
        "settings": user.editor_settings,
    }
    if compare is not None:
        config["compare"] = compare
    if review is not None:
        config["review"] = review
    config["issues"] = [issue for provider in _issue_providers for issue in provider(task)]
    return config

"""Annotation instructions: Markdown made harmless, or a PDF in private storage."""

import uuid
from typing import IO

import nh3
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

from accounts.audit import record
from accounts.models import User
from projects.models import Instructions, Project

MAX_MARKDOWN_CHARS = 100_000
MAX_PDF_BYTES = 20 * 1024 * 1024
PDF_START = b"%PDF-"

# Raw HTML is off, so these are all that Markdown can make. Pictures would be loaded from strangers.
ALLOWED_TAGS = {
    *("p", "br", "hr", "strong", "em", "s", "code", "pre", "blockquote", "ul", "ol", "li", "a"),
    *("h1", "h2", "h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td"),
}
_markdown = MarkdownIt("commonmark", {"html": False, "linkify": False}).enable(["table", "strikethrough"])


class InstructionsRefused(Exception):
    """The file or text cannot be used; the message says why, for people."""


def rendered_markdown(text: str) -> SafeString:
    """The text as harmless HTML: no raw HTML, no pictures, links to http, https and mailto only."""
    html = nh3.clean(
        _markdown.render(text),
        tags=ALLOWED_TAGS,
        attributes={"a": {"href", "title"}, "ol": {"start"}},
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer nofollow",
    )
    return mark_safe(html)  # noqa: S308 (nh3 has just cleaned it)


def instructions_of(project: Project) -> Instructions | None:
    """The project's instructions, or None while there are none."""
    found = Instructions.objects.filter(project=project).first()
    return found if found and (found.markdown or found.pdf_key) else None


@transaction.atomic
def write_markdown(*, project: Project, actor: User, text: str) -> Instructions:
    """Replace the instructions by Markdown text (empty text removes them). Raises InstructionsRefused."""
    if len(text) > MAX_MARKDOWN_CHARS or "\0" in text:
        raise InstructionsRefused(f"Instructions may have {MAX_MARKDOWN_CHARS:,} characters of text.")
    return _replace(project, actor, markdown=text.strip())


def read_pdf(content: IO[bytes], size: int) -> bytes:
    """The bytes of an uploaded PDF. Raises InstructionsRefused when it is too large or not a PDF by content."""
    if size > MAX_PDF_BYTES:
        raise InstructionsRefused(f"The PDF has {size / 1_048_576:.1f} MB; at most 20 MB are allowed.")
    data = content.read(MAX_PDF_BYTES + 1)
    if len(data) > MAX_PDF_BYTES or not data.startswith(PDF_START) or b"%%EOF" not in data[-2048:]:
        raise InstructionsRefused("The file is not a complete PDF, whatever its name says.")
    return data


def upload_pdf(*, project: Project, actor: User, content: IO[bytes], name: str, size: int) -> Instructions:
    """Replace the instructions by a PDF. Raises what `read_pdf` raises."""
    data = read_pdf(content, size)
    key = default_storage.save(f"instructions/{uuid.uuid4().hex}.pdf", ContentFile(data))
    try:
        with transaction.atomic():
            return _replace(project, actor, pdf_key=key, pdf_name=name[-200:])
    except BaseException:
        default_storage.delete(key)
        raise


def _replace(
    project: Project, actor: User, *, markdown: str = "", pdf_key: str = "", pdf_name: str = ""
) -> Instructions:
    found, _ = Instructions.objects.select_for_update().get_or_create(
        project=project, defaults={"version": 0}
    )
    _delete_stored_on_commit(found.pdf_key)
    found.markdown, found.pdf_key, found.pdf_name = markdown, pdf_key, pdf_name
    found.version += 1
    found.updated_at, found.updated_by = timezone.now(), actor
    found.save()
    record(
        organisation=project.organisation,
        actor=actor,
        action="change instructions",
        target=project,
        root=project,
        after={"version": found.version, "pdf": pdf_name, "characters": len(markdown)},
    )
    return found


def forget_instructions(project: Project) -> None:
    """Delete the stored file of a project that is being deleted, once that is committed."""
    found = Instructions.objects.filter(project=project).first()
    if found:
        _delete_stored_on_commit(found.pdf_key)


def _delete_stored_on_commit(key: str) -> None:
    if key:
        transaction.on_commit(lambda: default_storage.delete(key), robust=True)

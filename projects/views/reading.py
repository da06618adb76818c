"""Instructions as annotators read them: a page of our own, or the PDF inline. Both may stand in the editor's frame."""

from uuid import UUID

from csp.constants import NONCE, SELF
from csp.decorators import csp, csp_replace
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_GET

from projects.instructions import instructions_of, rendered_markdown
from projects.permissions import Permission, ProjectRequest, project_for

IN_OUR_FRAMES = {"frame-ancestors": [SELF]}


@require_GET
@xframe_options_sameorigin
@csp_replace(IN_OUR_FRAMES | {"script-src": [SELF, NONCE]})
def instructions(request: ProjectRequest, org_slug: str, project_id: UUID) -> HttpResponse:
    """The text, or the way to the PDF."""
    project = project_for(request, org_slug, project_id, Permission.SEE)
    found = instructions_of(project)
    if found is not None and found.pdf_key:
        return redirect("projects:instructions_pdf", org_slug, project.uuid)
    html = rendered_markdown(found.markdown) if found else ""
    return render(
        request, "projects/instructions.html", {"project": project, "instructions": found, "html": html}
    )


@require_GET
@never_cache
@xframe_options_sameorigin
@csp(IN_OUR_FRAMES)  # nothing else: a policy for pages keeps browsers' own PDF viewers from starting
def instructions_pdf(request: ProjectRequest, org_slug: str, project_id: UUID) -> HttpResponse:
    """The PDF inline; its name is ours, whatever it was uploaded as."""
    project = project_for(request, org_slug, project_id, Permission.SEE)
    found = instructions_of(project)
    if found is None or not found.pdf_key:
        raise Http404
    return FileResponse(
        default_storage.open(found.pdf_key), content_type="application/pdf", filename="instructions.pdf"
    )

"""Projects > Manual QA, New Manual QA project, Team, Settings, and instructions as annotators read them."""

import io
from datetime import timedelta
from html.parser import HTMLParser

import pytest
from django.core import mail
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from accounts.models import AuditEvent, Invitation
from projects.instructions import rendered_markdown
from projects.models import Instructions, Project, ProjectRole, Role, Task, TaskState
from projects.permissions import role_in
from tests.factories import (
    DatasetFactory,
    GroupFactory,
    MembershipFactory,
    OntologyVersionFactory,
    ProjectFactory,
    ProjectRoleFactory,
    TagFactory,
    TaskFactory,
)
from tests.flat_queries import assert_flat_queries

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"


def url(world, name, *rest):
    return reverse(f"projects:{name}", args=[world.organisation.slug, world.project.uuid, *rest])


def list_url(world):
    return reverse("projects:manual_qa", args=[world.organisation.slug])


def titles(response):
    return [row.project.title for row in response.context["rows"]]


def another(world, title, *, tags=(), **more):
    project = ProjectFactory(organisation=world.organisation, title=title, **more)
    project.tags.set(tags)
    ProjectRoleFactory(project=project, user=world.people["annotator"])
    return project


class TestList:
    def test_a_row_says_how_far_the_project_is_and_what_one_is_in_it(self, world):
        for state, count in ((TaskState.COMPLETED, 3), (TaskState.IN_REVIEW, 2), (TaskState.QUEUED, 5)):
            for _ in range(count):
                world.task(state)
        (row,) = world.client("reviewer").get(list_url(world)).context["rows"]
        assert (row.completed, row.in_review, row.total, row.role) == (3, 2, 10, Role.REVIEWER)
        assert row.picture is not None

    def test_a_filter_by_several_tags_needs_all_of_them(self, world):
        blood, cohort = (
            TagFactory(organisation=world.organisation),
            TagFactory(organisation=world.organisation),
        )
        another(world, "Both", tags=[blood, cohort])
        another(world, "Blood only", tags=[blood])
        client = world.client("annotator")
        assert set(titles(client.get(list_url(world), {"tag": blood.uuid}))) == {"Both", "Blood only"}
        assert titles(client.get(list_url(world), {"tag": [blood.uuid, cohort.uuid]})) == ["Both"]

    def test_search_looks_at_title_and_description_for_every_word(self, world):
        another(world, "Cars", description="Outlines of parked vehicles")
        client = world.client("annotator")
        assert titles(client.get(list_url(world), {"q": "VEHICLES cars"})) == ["Cars"]
        assert titles(client.get(list_url(world), {"q": "vehicles blood"})) == []
        assertContains(client.get(list_url(world), {"q": "vehicles blood"}), "No projects match")

    def test_the_last_activity_comes_first_and_the_sort_can_be_turned_round(self, world):
        now = timezone.now()
        another(world, "Old", last_activity_at=now - timedelta(days=3))
        another(world, "New", last_activity_at=now + timedelta(minutes=1))
        client = world.client("annotator")
        assert titles(client.get(list_url(world))) == ["New", "Blood smears, gold", "Old"]
        assert titles(client.get(list_url(world), {"sort": "activity"}))[0] == "Old"

    def test_ended_roles_and_training_projects_are_not_in_it(self, world):
        another(world, "Training", is_training=True)
        left = another(world, "Left")
        ProjectRole.objects.filter(project=left).update(ended_at=timezone.now())
        assert titles(world.client("annotator").get(list_url(world))) == ["Blood smears, gold"]

    def test_tabs_show_only_what_has_something_for_somebody_who_cannot_create(self, world):
        def labels(role):
            return [tab["label"] for tab in world.client(role).get(list_url(world)).context["tabs"]]

        assert labels("annotator") == ["Manual QA"]
        assert labels("owner") == ["Training", "Manual QA"]

    def test_new_is_offered_to_who_may_create(self, world):
        creator = MembershipFactory(organisation=world.organisation, may_create=True).user
        client = world.client("anonymous")
        client.force_login(creator)
        assertContains(client.get(list_url(world)), "New Manual QA project")
        assertNotContains(world.client("annotator").get(list_url(world)), "New Manual QA project")

    def test_owners_see_what_they_could_join_and_others_do_not(self, world):
        assertContains(world.client("owner").get(list_url(world)), "Join as admin")
        assertNotContains(world.client("admin").get(list_url(world)), "Join as admin")

    def test_the_number_of_queries_does_not_grow_with_the_rows(self, world):
        def make_rows(count):
            for number in range(count):
                project = another(
                    world, f"Project {number}", tags=[TagFactory(organisation=world.organisation)]
                )
                TaskFactory(project=project)

        assert_flat_queries(world.client("annotator"), list_url(world), make_rows)


class TestNewProject:
    def address(self, world):
        return reverse("projects:new_manual_qa", args=[world.organisation.slug])

    def test_a_project_is_made_with_its_tasks(self, world):
        dataset = DatasetFactory(organisation=world.organisation, files=3)
        version = OntologyVersionFactory(organisation=world.organisation)
        tag = TagFactory(organisation=world.organisation)
        form = {
            "title": " New smears ",
            "description": "Second batch",
            "tags": [tag.uuid],
            "datasets": [dataset.uuid],
            "ontology": version.ontology.uuid,
        }
        response = world.client("owner").post(self.address(world), form, follow=True)
        project = Project.objects.get(title="New smears")
        assertRedirects(response, reverse("labels:summary", args=[world.organisation.slug, project.uuid]))
        assertContains(response, "is ready with 3 tasks")
        assert (project.tasks.count(), project.ontology_version) == (3, version)
        assert role_in(project, world.people["owner"]) == Role.ADMIN

    def test_what_is_missing_is_said_and_what_was_typed_stays(self, world):
        DatasetFactory(organisation=world.organisation, title="Smears B")
        OntologyVersionFactory(organisation=world.organisation)
        response = world.client("owner").post(self.address(world), {"title": "Half", "description": "typed"})
        assert response.status_code == 422
        for text in ("Half", "typed", "Choose at least one dataset", "Choose an ontology"):
            assertContains(response, text, status_code=422)

    def test_datasets_and_ontologies_of_others_cannot_be_chosen(self, world):
        form = {
            "title": "Theft",
            "datasets": [DatasetFactory(files=1).uuid],
            "ontology": OntologyVersionFactory().ontology.uuid,
        }
        assert world.client("owner").post(self.address(world), form).status_code == 422
        assert not Project.objects.filter(title="Theft").exists()

    def test_it_offers_to_make_what_is_needed_first(self, world):
        world.dataset.attachments.all().delete()
        world.dataset.delete()
        response = world.client("owner").get(self.address(world))
        assertContains(response, reverse("datasets:new", args=[world.organisation.slug]))
        assertContains(response, reverse("ontologies:new", args=[world.organisation.slug]))


class TestTeam:
    def test_people_are_listed_with_role_and_origin(self, world):
        group = GroupFactory(organisation=world.organisation, name="Cohort 7")
        group.members.add(world.people["member"])
        world.client("admin").post(url(world, "team_add_group"), {"group": group.uuid, "role": "annotator"})
        page = world.client("manager").get(url(world, "team"))
        row = next(one for one in page.context["members"] if one.user == world.people["member"])
        assert (row.role, row.direct, row.groups) == (Role.ANNOTATOR, False, ["Cohort 7"])
        assertContains(page, "Cohort 7")

    def test_search_and_role_filter(self, world):
        client = world.client("admin")
        found = client.get(url(world, "team"), {"q": "annota"}).context["members"]
        assert [one.user for one in found] == [world.people["annotator"]]
        found = client.get(url(world, "team"), {"role": ["reviewer", "team_manager"]}).context["members"]
        assert {one.role for one in found} == {Role.REVIEWER, Role.TEAM_MANAGER}

    def test_making_an_admin_needs_the_confirmation(self, world):
        person = world.people["annotator"]
        change = url(world, "team_change", person.uuid)
        response = world.client("admin").post(change, {"role": "admin"}, follow=True)
        assertContains(response, "has to be confirmed")
        assert role_in(world.project, person) == Role.ANNOTATOR
        world.client("admin").post(change, {"role": "admin", "confirmed": "on"})
        assert role_in(world.project, person) == Role.ADMIN

    def test_a_broken_rule_is_said_on_the_page(self, world):
        response = world.client("admin").post(url(world, "team_leave"), follow=True)
        assertContains(response, "You are the last admin")
        response = world.client("manager").post(
            url(world, "team_remove", world.people["admin"].uuid), follow=True
        )
        assertContains(response, "can leave the project")

    def test_removing_somebody_frees_their_tasks(self, world):
        person = world.people["annotator"]
        task = world.task(held_by=person)
        world.client("manager").post(url(world, "team_remove", person.uuid))
        assert role_in(world.project, person) is None
        assert Task.objects.get(pk=task.pk).assignee is None

    def test_an_invitation_adds_members_and_writes_to_everybody_else(
        self, world, django_capture_on_commit_callbacks
    ):
        member = world.people["member"]
        emails = f"{member.email.upper()}\nnew.person@example.org, other@example.org"
        with django_capture_on_commit_callbacks(execute=True):
            response = world.client("manager").post(
                url(world, "team_invite"), {"emails": emails, "role": "reviewer"}, follow=True
            )
        assertContains(response, "1 person added, 2 invited by e-mail.")
        assert role_in(world.project, member) == Role.REVIEWER
        assert {to for message in mail.outbox for to in message.to} == {
            "new.person@example.org",
            "other@example.org",
        }
        assert (
            Invitation.objects.filter(grant={"project": str(world.project.uuid), "role": "reviewer"}).count()
            == 2
        )
        assertContains(response, "new.person@example.org")

    def test_the_invited_person_arrives_in_the_project_with_the_role(
        self, world, django_capture_on_commit_callbacks
    ):
        with django_capture_on_commit_callbacks(execute=True):
            form = {"emails": "new.person@example.org", "role": "annotator"}
            world.client("admin").post(url(world, "team_invite"), form)
        link = next(word for word in mail.outbox[0].body.split() if "/invitations/" in word)
        answer = world.client("anonymous").post(
            link, {"name": "New Person", "password": "tangerine kettle 9"}
        )
        assert answer.status_code == 302
        person = Invitation.objects.get().accepted_by
        assert role_in(world.project, person) == Role.ANNOTATOR

    def test_a_wrong_address_invites_nobody(self, world):
        form = {"emails": "good@example.org\nnot an address", "role": "annotator"}
        response = world.client("admin").post(url(world, "team_invite"), form, follow=True)
        assertContains(response, "Not an e-mail address")
        assert not Invitation.objects.exists()

    def test_people_who_joined_a_group_later_are_offered(self, world):
        group = GroupFactory(organisation=world.organisation)
        client = world.client("admin")
        client.post(url(world, "team_add_group"), {"group": group.uuid, "role": "annotator"})
        group.members.add(world.people["member"])
        assert role_in(world.project, world.people["member"]) is None
        client.post(url(world, "team_add_group"), {"group": group.uuid, "role": "annotator"})
        assert role_in(world.project, world.people["member"]) == Role.ANNOTATOR

    def test_the_number_of_queries_does_not_grow_with_the_team(self, world):
        assert_flat_queries(
            world.client("admin"),
            url(world, "team"),
            lambda count: [ProjectRoleFactory(project=world.project) for _ in range(count)],
        )


class TestSettings:
    def test_title_description_and_tags_are_changed(self, world):
        tag = TagFactory(organisation=world.organisation)
        form = {"title": "Smears", "description": "New words", "tags": [tag.uuid]}
        assertContains(world.client("admin").post(url(world, "settings"), form, follow=True), "Saved.")
        world.project.refresh_from_db()
        assert (world.project.title, world.project.description) == ("Smears", "New words")
        assert list(world.project.tags.all()) == [tag]

    def test_extra_fields_change_nothing(self, world):
        form = {"title": "Smears", "kind": "training", "organisation": "1", "created_by": "1"}
        world.client("admin").post(url(world, "settings"), form)
        world.project.refresh_from_db()
        assert (world.project.title, world.project.kind) == ("Smears", "manual_qa")

    def test_the_ontology_is_shown_as_a_tree(self, world):
        page = world.client("admin").get(url(world, "settings_ontology"))
        for text in ("White blood cell", "Cell type", "Neutrophil", "Lobes", "Image quality"):
            assertContains(page, text)

    def test_attaching_and_detaching_says_what_happened(self, world):
        dataset = DatasetFactory(organisation=world.organisation, title="Smears B", files=2)
        client = world.client("admin")
        response = client.post(url(world, "settings_attach"), {"dataset": dataset.uuid}, follow=True)
        assertContains(response, "is attached: 2 new tasks.")
        assertContains(response, "<strong>2 tasks</strong>")
        world.labelled(world.project.tasks.first())
        page = client.get(url(world, "settings_datasets"))
        assertContains(page, "<strong>1 label</strong>")
        response = client.post(url(world, "settings_detach", dataset.uuid), follow=True)
        assertContains(response, "is detached; deleted: 2 tasks, 1 label.")

    def test_deleting_asks_for_the_title(self, world):
        client = world.client("admin")
        response = client.post(url(world, "settings_danger"), {"title": "smears"})
        assertContains(response, "exactly as it is", status_code=422)
        response = client.post(url(world, "settings_danger"), {"title": "Blood smears, gold"}, follow=True)
        assertRedirects(response, list_url(world))
        assertContains(response, "is deleted")
        assert not Project.objects.filter(pk=world.project.pk).exists()
        assert AuditEvent.objects.filter(action="delete project").count() == 1


class Seen(HTMLParser):
    """The tags and attributes that a browser would make of some HTML."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.attributes = set(), []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes += attrs


class TestInstructions:
    def test_markdown_is_rendered_and_versions_count(self, world):
        client = world.client("admin")
        for number, text in enumerate(("# Cells", "# Cells\n\n- tight **boxes**"), start=1):
            client.post(url(world, "settings_instructions"), {"markdown": text})
            assert Instructions.objects.get().version == number
        page = world.client("annotator").get(url(world, "instructions"))
        assertContains(page, "<strong>boxes</strong>")

    @pytest.mark.parametrize(
        "text",
        [
            "<script>alert(1)</script>",
            '<img src=x onerror="alert(1)">',
            "[click](javascript:alert(1))",
            "![x](javascript:alert(1))",
            '[x](data:text/html;base64,PHNjcmlwdD4="onmouseover=alert(1))',
            "<svg/onload=alert(1)>",
            "[a]: javascript:alert(1)\n\n[a]",
            "```\n</code></pre><script>alert(1)</script>\n```",
        ],
    )
    def test_nothing_in_markdown_becomes_a_script_a_picture_or_an_event(self, text):
        seen = Seen(rendered_markdown(text))
        assert seen.tags <= {"p", "a", "pre", "code"}, seen.tags
        assert {name for name, _ in seen.attributes} <= {"href", "rel"}
        assert not [value for name, value in seen.attributes if name == "href" and value != "x"]

    def test_links_go_out_without_saying_where_from(self):
        html = rendered_markdown("[guide](https://example.org/a?b=1&c=2)")
        assert 'href="https://example.org/a?b=1&amp;c=2"' in html
        assert 'rel="noopener noreferrer nofollow"' in html

    def upload(self, world, content, name="guide.pdf", kind="application/pdf"):
        file = SimpleUploadedFile(name, content, content_type=kind)
        return world.client("admin").post(url(world, "settings_instructions"), {"markdown": "", "pdf": file})

    def test_a_pdf_is_served_inline_to_the_project_and_may_stand_in_our_frames_only(self, world):
        assert self.upload(world, PDF, 'evil"\r\nname.pdf').status_code == 302
        response = world.client("annotator").get(url(world, "instructions"), follow=True)
        assert b"".join(response.streaming_content) == PDF
        assert response["Content-Type"] == "application/pdf"
        assert response["Content-Disposition"] == 'inline; filename="instructions.pdf"'
        assert response["X-Frame-Options"] == "SAMEORIGIN"
        assert response["X-Content-Type-Options"] == "nosniff"
        assert "frame-ancestors 'self'" in response["Content-Security-Policy"]
        for role in ("member", "tenant"):
            assert world.client(role).get(url(world, "instructions_pdf")).status_code == 404

    @pytest.mark.parametrize(
        ("content", "kind"),
        [
            (b"<html><script>alert(1)</script></html>", "application/pdf"),
            (b"GIF89a", "application/pdf"),
            (PDF[:-10], "application/pdf"),
            (b"", "application/pdf"),
            (b"MZ" + PDF, "application/pdf"),
        ],
    )
    def test_what_is_no_pdf_by_content_is_refused(self, world, content, kind):
        response = self.upload(world, content, kind=kind)
        assert response.status_code == 422
        assert not Instructions.objects.exists()

    def test_a_pdf_that_is_too_large_is_refused(self, world):
        from projects.instructions import MAX_PDF_BYTES, InstructionsRefused, upload_pdf

        with pytest.raises(InstructionsRefused, match="at most 20 MB"):
            upload_pdf(
                project=world.project,
                actor=world.people["admin"],
                content=io.BytesIO(PDF),
                name="a.pdf",
                size=MAX_PDF_BYTES + 1,
            )
        endless = io.BytesIO(PDF + b" " * MAX_PDF_BYTES)
        with pytest.raises(InstructionsRefused):
            upload_pdf(
                project=world.project, actor=world.people["admin"], content=endless, name="a.pdf", size=10
            )

    def test_a_replaced_pdf_is_deleted_after_the_commit(self, world, django_capture_on_commit_callbacks):
        self.upload(world, PDF)
        key = Instructions.objects.get().pdf_key
        assert default_storage.exists(key)
        with django_capture_on_commit_callbacks(execute=True):
            world.client("admin").post(url(world, "settings_instructions"), {"markdown": "Text now"})
        assert not default_storage.exists(key)
        assert Instructions.objects.get().pdf_key == ""

    def test_without_instructions_the_page_says_so(self, world):
        assertContains(world.client("annotator").get(url(world, "instructions")), "No instructions yet")

"""The pages of background jobs: who sees which, what a row says, trying again."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains

from accounts.models import AuditEvent
from benchmarks.operations.enrolment import CLONE
from benchmarks.publications import RECALCULATE
from jobs.models import RowState
from labels.imports.intake import JOB_KIND as IMPORT
from projects.models import ProjectRole, Role
from tests.factories import (
    JobFactory,
    MembershipFactory,
    OrganisationFactory,
    ProjectFactory,
    ProjectRoleFactory,
    UserFactory,
)
from tests.flat_queries import assert_flat_queries

pytestmark = pytest.mark.django_db


@pytest.fixture
def organisation():
    return OrganisationFactory()


@pytest.fixture
def admin(organisation, client):
    user = MembershipFactory(organisation=organisation, admin=True).user
    client.force_login(user)
    return user


@pytest.fixture
def member(organisation):
    return MembershipFactory(organisation=organisation).user


def address(name: str, organisation, *ids) -> str:
    return reverse(f"jobs:{name}", args=[organisation.slug, *ids])


class TestList:
    def test_an_admin_sees_the_jobs_of_the_organisation_that_belong_to_no_project(
        self, client, organisation, admin, member
    ):
        JobFactory(organisation=organisation, title="Import of gold", created_by=member)
        JobFactory(title="Work of strangers")
        answer = client.get(address("list", organisation))
        assertContains(answer, "Import of gold")
        assertNotContains(answer, "Work of strangers")

    def test_a_member_sees_only_what_they_asked_for(self, client, organisation, admin, member):
        client.force_login(member)
        JobFactory(organisation=organisation, title="Import of gold", created_by=admin)
        JobFactory(organisation=organisation, title="My own export", created_by=member)
        answer = client.get(address("list", organisation))
        assertContains(answer, "My own export")
        assertNotContains(answer, "Import of gold")

    def test_unfinished_jobs_are_after_every_end(self, client, organisation, admin):
        now = timezone.now()
        for title, ended in [("Later", now), ("Unfinished", None), ("Sooner", now - timedelta(hours=1))]:
            JobFactory(organisation=organisation, title=title, finished_at=ended)
        jobs = client.get(address("list", organisation), {"sort": "finished"}).context["jobs"]
        assert [job.title for job in jobs] == ["Sooner", "Later", "Unfinished"]
        jobs = client.get(address("list", organisation), {"sort": "-finished"}).context["jobs"]
        assert [job.title for job in jobs] == ["Unfinished", "Later", "Sooner"]

    def test_a_member_who_may_create_sees_only_what_they_asked_for(self, client, organisation, admin):
        client.force_login(MembershipFactory(organisation=organisation, may_create=True).user)
        JobFactory(organisation=organisation, title="Import of gold", created_by=admin)
        assertNotContains(client.get(address("list", organisation)), "Import of gold")

    def test_search_and_filters_and_their_empty_answer(self, client, organisation, admin):
        JobFactory(organisation=organisation, title="Import of gold", kind="import_labels", failed=True)
        JobFactory(organisation=organisation, title="Cloning", kind="clone_tasks", done=True)
        page = address("list", organisation)
        assertNotContains(client.get(page, {"q": "gold"}), "Cloning")
        assertNotContains(client.get(page, {"state": "done"}), "Import of gold")
        assertNotContains(client.get(page, {"kind": "import_labels"}), "Cloning<")
        assertContains(client.get(page, {"q": "nowhere"}), "No jobs match")

    def test_without_any_job_the_page_says_what_will_be_here(self, client, organisation, admin):
        assertContains(client.get(address("list", organisation)), "No background jobs yet")

    def test_sorting_by_title_and_pages(self, client, organisation, admin):
        for number in range(30):
            JobFactory(organisation=organisation, title=f"Job {number:02d}")
        answer = client.get(address("list", organisation), {"sort": "title", "page": "2"})
        assert [job.title for job in answer.context["jobs"]] == [f"Job {n}" for n in range(25, 30)]
        assertContains(answer, "26–30 of 30 jobs")

    def test_the_fragment_is_the_region_of_the_page(self, client, organisation, admin):
        JobFactory(organisation=organisation, done=True, finished_at=timezone.now() - timedelta(days=3))
        page = client.get(address("list", organisation)).content.decode()
        fragment = client.get(address("list", organisation), headers={"HX-Request": "true"}).content.decode()
        region = fragment[fragment.index("<section") :].strip()
        assert "<html" not in fragment
        assert region in page

    def test_the_number_of_queries_does_not_grow_with_the_rows(self, client, organisation, admin):
        def make(count: int) -> None:
            for _ in range(count):
                JobFactory(organisation=organisation, created_by=UserFactory(), failed=True)

        assert_flat_queries(client, address("list", organisation), make)


class TestOneJob:
    def test_a_row_polls_while_the_job_moves_and_rests_when_it_is_done(self, client, organisation, admin):
        job = JobFactory(organisation=organisation, running=True, progress_done=3, progress_total=8)
        fragment = {"HX-Request": "true"}
        moving = client.get(address("job", organisation, job.uuid), headers=fragment)
        assertContains(moving, 'hx-trigger="every 1500ms"')
        assertContains(moving, "3/8")
        job.state, job.result = RowState.DONE, {"message": "12 labels imported.", "link": "/o/x/p/1/"}
        job.save()
        ended = client.get(address("job", organisation, job.uuid), headers=fragment)
        assertNotContains(ended, "hx-trigger")
        assertContains(ended, "12 labels imported.")
        assertContains(ended, 'href="/o/x/p/1/"')

    def test_a_panel_tells_the_page_that_its_job_has_ended(self, client, organisation, admin):
        job = JobFactory(organisation=organisation, done=True)
        answer = client.get(
            address("job", organisation, job.uuid) + "?show=panel", headers={"HX-Request": "true"}
        )
        assert "job-ended" in answer.headers["HX-Trigger"]

    def test_a_result_cannot_lead_to_another_site(self, client, organisation, admin):
        job = JobFactory(organisation=organisation, done=True, result={"link": "https://evil.example/"})
        assertNotContains(client.get(address("job", organisation, job.uuid)), "evil.example")

    def test_a_title_is_text_not_markup(self, client, organisation, admin):
        job = JobFactory(organisation=organisation, title="<img src=x onerror=alert(1)>")
        assertNotContains(client.get(address("job", organisation, job.uuid)), "<img src=x")

    def test_a_foreign_job_is_absent(self, client, organisation, admin):
        job = JobFactory()
        assert client.get(address("job", organisation, job.uuid)).status_code == 404
        assert client.get(address("job", job.organisation, job.uuid)).status_code == 404
        assert client.post(address("retry", organisation, job.uuid)).status_code == 404

    def test_a_member_cannot_open_or_retry_somebody_elses_job(self, client, organisation, admin, member):
        job = JobFactory(organisation=organisation, created_by=admin, failed=True)
        client.force_login(member)
        assert client.get(address("job", organisation, job.uuid)).status_code == 404
        assert client.post(address("retry", organisation, job.uuid)).status_code == 404


class TestRetry:
    def test_a_failed_job_says_why_and_can_be_put_back_in_line(self, client, organisation, admin):
        job = JobFactory(organisation=organisation, failed=True, error="The file is empty.")
        assertContains(client.get(address("list", organisation)), "The file is empty.")
        answer = client.post(address("retry", organisation, job.uuid), follow=True)
        assertContains(answer, "in line again")
        job.refresh_from_db()
        assert (job.state, job.error) == (RowState.PENDING, "")
        assert AuditEvent.objects.get().action == "retry job"

    def test_a_second_press_changes_nothing(self, client, organisation, admin):
        job = JobFactory(organisation=organisation, failed=True)
        for _ in range(2):
            client.post(address("retry", organisation, job.uuid), headers={"HX-Request": "true"})
        assert AuditEvent.objects.count() == 1

    def test_looking_changes_nothing(self, client, organisation, admin):
        job = JobFactory(organisation=organisation, failed=True)
        assert client.get(address("retry", organisation, job.uuid)).status_code == 405


class TestJobsOfAProject:
    """Re-calculations, clones and imports are for who leads their project, whatever one is in the organisation."""

    @pytest.fixture
    def training(self, organisation):
        return ProjectFactory(organisation=organisation, is_training=True)

    @pytest.fixture
    def job(self, training, person):
        """A failed re-calculation that the training's admin asked for."""
        return self.job_of(training, RECALCULATE, created_by=person("admin"))

    @pytest.fixture
    def person(self, organisation, training, admin):
        """Makes somebody: a role of the training, or a standing in the organisation only."""

        def make(who: str):
            if who == "trainee who may create":
                user = ProjectRoleFactory(project=training, role=Role.ANNOTATOR).user
                user.memberships.update(may_create=True)
            elif who == "may create":
                user = MembershipFactory(organisation=organisation, may_create=True).user
            elif who == "organisation's admin":
                user = admin
            else:
                user = ProjectRoleFactory(project=training, role=who).user
            return user

        return make

    @staticmethod
    def job_of(project, kind, **fields):
        fields = {"failed": True, "title": "Secret of gold"} | fields
        return JobFactory(organisation=project.organisation, kind=kind, root_id=str(project.uuid), **fields)

    @pytest.mark.parametrize(
        "who", ["trainee who may create", "annotator", "may create", "organisation's admin"]
    )
    def test_who_does_not_lead_the_project_finds_nothing(self, client, organisation, job, person, who):
        client.force_login(person(who))
        page = client.get(address("list", organisation))
        assertNotContains(page, "Secret of gold")
        assertNotContains(page, "Recalculate")
        assert client.get(address("job", organisation, job.uuid)).status_code == 404
        assert client.post(address("retry", organisation, job.uuid)).status_code == 404
        job.refresh_from_db()
        assert job.state == RowState.FAILED

    @pytest.mark.parametrize(
        ("who", "kind", "status"),
        [
            ("admin", RECALCULATE, 302),
            ("team_manager", RECALCULATE, 403),
            ("team_manager", CLONE, 302),
            ("team_manager", "unheard_of", 403),
            ("admin", "unheard_of", 302),
        ],
    )
    def test_leads_see_it_and_retry_what_they_may_do(
        self, client, organisation, training, person, who, kind, status
    ):
        job = self.job_of(training, kind)
        client.force_login(person(who))
        retry = address("retry", organisation, job.uuid)
        for answer in (
            client.get(address("list", organisation)),
            client.get(address("job", organisation, job.uuid)),
            client.get(address("job", organisation, job.uuid), headers={"HX-Request": "true"}),
        ):
            assertContains(answer, "Secret of gold")
            assert (retry in answer.content.decode()) == (status == 302)
        assert client.post(retry).status_code == status
        job.refresh_from_db()
        assert job.state == (RowState.PENDING if status == 302 else RowState.FAILED)

    @pytest.mark.parametrize(("role", "status"), [(Role.ADMIN, 302), (Role.TEAM_MANAGER, 403)])
    def test_an_import_is_retried_by_who_may_import(self, client, organisation, role, status):
        project = ProjectFactory(organisation=organisation)
        job = self.job_of(project, IMPORT)
        client.force_login(ProjectRoleFactory(project=project, role=role).user)
        assert client.post(address("retry", organisation, job.uuid)).status_code == status

    def test_who_started_it_still_sees_it_without_the_role_but_does_not_retry(
        self, client, organisation, job, person
    ):
        ProjectRole.objects.filter(user=job.created_by).update(ended_at=timezone.now())
        client.force_login(job.created_by)
        answer = client.get(address("list", organisation))
        assertContains(answer, "Secret of gold")
        assertNotContains(answer, "/retry/")
        assert client.post(address("retry", organisation, job.uuid)).status_code == 403

    def test_a_role_that_ended_opens_nothing(self, client, organisation, job, person):
        was = person("admin")
        ProjectRole.objects.filter(user=was).update(ended_at=timezone.now())
        client.force_login(was)
        assert client.get(address("job", organisation, job.uuid)).status_code == 404

    def test_leading_one_project_opens_no_other(self, client, organisation, job):
        other = ProjectFactory(organisation=organisation, is_training=True)
        client.force_login(ProjectRoleFactory(project=other, role=Role.ADMIN).user)
        assert client.get(address("job", organisation, job.uuid)).status_code == 404

    def test_the_number_of_queries_does_not_grow_with_projects(self, client, organisation):
        user = MembershipFactory(organisation=organisation).user
        client.force_login(user)

        def make(count: int) -> None:
            for _ in range(count):
                project = ProjectFactory(organisation=organisation)
                ProjectRoleFactory(project=project, user=user, role=Role.ADMIN)
                self.job_of(project, IMPORT)

        assert_flat_queries(client, address("list", organisation), make)

"""A job moves on its page without a reload."""

import pytest
from playwright.sync_api import expect

from jobs.models import Job
from tests.factories import JobFactory, MembershipFactory

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_row_follows_its_job_to_the_end_and_retry_puts_it_back(page_as, axe):
    admin = MembershipFactory(admin=True)
    job = JobFactory(
        organisation=admin.organisation,
        title="Import of gold",
        running=True,
        progress_done=3,
        progress_total=8,
    )
    page = page_as(admin.user)
    page.goto(f"/o/{admin.organisation.slug}/jobs/")
    row = page.get_by_role("row", name="Import of gold")
    expect(row).to_contain_text("3/8")
    axe(page)
    Job.objects.filter(pk=job.pk).update(progress_done=7)
    expect(row).to_contain_text("7/8")
    Job.objects.filter(pk=job.pk).update(state="failed", error="The file has no labels.", lease_until=None)
    expect(row).to_contain_text("The file has no labels.")
    row.get_by_role("button", name="Retry").click()
    expect(row).to_contain_text("Waiting")
    Job.objects.filter(pk=job.pk).update(state="done", result={"message": "893 labels imported."})
    expect(row).to_contain_text("893 labels imported.")

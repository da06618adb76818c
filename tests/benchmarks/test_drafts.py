"""Answers of the wizard that arrive at the same time: the later one never takes the earlier one away."""

import io

import pytest

from benchmarks.models import WizardDraft
from benchmarks.operations.drafts import attach_pdf, save_data, save_details
from tests.factories import MembershipFactory

pytestmark = pytest.mark.django_db

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


@pytest.fixture
def draft() -> WizardDraft:
    membership = MembershipFactory(owner=True)
    return WizardDraft.objects.create(user=membership.user, organisation=membership.organisation)


def test_an_upload_and_an_autosave_that_overlap_both_stay(draft):
    other_tab = WizardDraft.objects.get(pk=draft.pk)
    save_details(draft=draft, details={"title": "Cohort 8"})
    attach_pdf(draft=other_tab, content=io.BytesIO(PDF), name="rules.pdf", size=len(PDF))
    save_details(draft=draft, details={"title": "Cohort 9"})
    details = WizardDraft.objects.get(pk=draft.pk).answers["details"]
    assert details["title"] == "Cohort 9"
    assert details["pdf_name"] == "rules.pdf"


def test_weights_for_two_ontologies_saved_from_two_tabs_both_stay(draft):
    other_tab = WizardDraft.objects.get(pk=draft.pk)
    save_data(draft=draft, digest="first", sources=["a"], function={})
    save_data(draft=other_tab, digest="second", sources=["b"], function={})
    assert set(WizardDraft.objects.get(pk=draft.pk).answers["data"]) == {"first", "second"}

"""Pages of ontologies: list, tree, form builder's save, import and export."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from ontologies.models import Ontology, OntologyVersion
from ontologies.operations import create_ontology, freeze_version, save_ontology, stamp_of
from tests.factories import OntologyVersionFactory, ProjectFactory, simple_structure
from tests.flat_queries import assert_flat_queries

pytestmark = pytest.mark.django_db


def address(name: str, organisation, *ids) -> str:
    return reverse(f"ontologies:{name}", args=[organisation.slug, *ids])


def post_json(client, page: str, **data):
    return client.post(page, json.dumps(data), content_type="application/json")


def edit(version, **changes) -> dict:
    """What the form builder posts for this version."""
    given = {
        "title": version.ontology.title,
        "description": "",
        "structure": version.structure,
        "stamp": stamp_of(version),
    }
    return given | changes


class TestWhoMayCome:
    @pytest.mark.parametrize("name", ["list", "new", "import"])
    def test_a_plain_member_may_not(self, client, people, name):
        client.force_login(people.member)
        assert client.get(address(name, people.organisation)).status_code == 403

    @pytest.mark.parametrize("name", ["ontology", "edit", "export"])
    def test_a_foreign_ontology_is_absent(self, as_creator, organisation, name):
        foreign = OntologyVersionFactory().ontology
        assert as_creator.get(address(name, organisation, foreign.uuid)).status_code == 404
        assert as_creator.get(address(name, foreign.organisation, foreign.uuid)).status_code == 404

    def test_a_foreign_ontology_cannot_be_saved_or_deleted(self, as_creator, organisation):
        version = OntologyVersionFactory()
        page = address("edit", organisation, version.ontology.uuid)
        assert post_json(as_creator, page, **edit(version, title="Stolen")).status_code == 404
        assert as_creator.post(address("delete", organisation, version.ontology.uuid)).status_code == 404
        assert Ontology.objects.get().title != "Stolen"


class TestList:
    def test_it_shows_what_is_in_the_latest_version(self, as_creator, organisation, blood):
        freeze_version(version=blood)
        OntologyVersionFactory(ontology__title="Of strangers")
        answer = as_creator.get(address("list", organisation))
        assertContains(answer, "Blood cells")
        assertContains(answer, "White blood cell")
        assertContains(answer, "In use")
        assertNotContains(answer, "Of strangers")
        counts = answer.context["rows"][0].counts
        assert (counts.objects, counts.classifications, counts.attributes) == (2, 1, 2)

    def test_search_sort_and_empty_answers(self, as_creator, organisation, people):
        page = address("list", organisation)
        assertContains(as_creator.get(page), "No ontologies yet")
        for title in ("Cars", "Blood"):
            create_ontology(
                organisation=organisation, actor=people.creator, title=title, structure=simple_structure()
            )
        titles = [row.ontology.title for row in as_creator.get(page, {"sort": "title"}).context["rows"]]
        assert titles == ["Blood", "Cars"]
        assertNotContains(as_creator.get(page, {"q": "car"}), "Blood<")
        assertContains(as_creator.get(page, {"q": "zzz"}), "No ontologies match")

    def test_the_number_of_queries_does_not_grow_with_the_rows(self, as_creator, organisation):
        def make(count: int) -> None:
            for version in OntologyVersionFactory.create_batch(count, organisation=organisation):
                OntologyVersionFactory(ontology=version.ontology, number=2)

        assert_flat_queries(as_creator, address("list", organisation), make)

    def test_the_fragment_is_the_region_of_the_page(self, as_creator, organisation, blood):
        page = as_creator.get(address("list", organisation)).content.decode()
        fragment = as_creator.get(
            address("list", organisation), headers={"HX-Request": "true"}
        ).content.decode()
        assert fragment[fragment.index("<section") :].strip() in page


class TestTree:
    def test_it_shows_every_level_and_the_history(self, as_creator, people, organisation, blood):
        freeze_version(version=blood)
        structure = simple_structure()
        structure["objects"].append({"name": "Red blood cell", "shape": "bounding_box"})
        save_ontology(ontology=blood.ontology, actor=people.creator, **edit(blood, structure=structure))
        page = address("ontology", organisation, blood.ontology.uuid)
        latest = as_creator.get(page)
        for name in ("White blood cell", "Cell type", "Neutrophil", "Lobes", "Image quality", "Sharp"):
            assertContains(latest, name)
        assertContains(latest, "Added Red blood cell")
        first = as_creator.get(page, {"version": "1"})
        assertContains(first, "This is an earlier version")
        assertNotContains(first, '<span class="strong">Red blood cell')

    @pytest.mark.parametrize("number", ["0", "9", "x", "-1", "1e3", "٣"])
    def test_an_unknown_version_is_absent(self, as_creator, organisation, blood, number):
        page = address("ontology", organisation, blood.ontology.uuid)
        assert as_creator.get(page, {"version": number}).status_code == 404

    def test_hostile_names_are_text(self, as_creator, organisation, people):
        structure = {"objects": [{"name": "<script>alert(1)</script>", "shape": "point"}]}
        version = create_ontology(
            organisation=organisation, actor=people.creator, title="</script><b>x", structure=structure
        )
        for name in ("ontology", "edit"):
            answer = as_creator.get(address(name, organisation, version.ontology.uuid))
            assertNotContains(answer, "<script>alert")
            assertNotContains(answer, "</script><b>")
        assertNotContains(as_creator.get(address("list", organisation)), "<script>alert")


class TestSaving:
    def test_the_form_builder_makes_an_ontology(self, as_creator, organisation):
        page = address("new", organisation)
        assertContains(as_creator.get(page), "ontology-config")
        answer = post_json(
            as_creator, page, title="Blood", description="x", stamp="", structure=simple_structure()
        )
        assert answer.json()["url"] == address("ontology", organisation, Ontology.objects.get().uuid)

    def test_problems_come_back_with_their_places_and_nothing_is_saved(self, as_creator, organisation, blood):
        structure = simple_structure()
        structure["objects"][0]["name"] = ""
        structure["objects"][0]["attributes"][0]["options"][1]["label"] = "neutrophil"
        page = address("edit", organisation, blood.ontology.uuid)
        answer = post_json(as_creator, page, **edit(blood, structure=structure))
        assert answer.status_code == 422
        paths = {problem["path"] for problem in answer.json()["problems"]}
        assert paths == {"objects[0].name", "objects[0].attributes[0].options[1]"}
        assert OntologyVersion.objects.get().structure == blood.structure

    def test_the_second_of_two_tabs_gets_409_with_the_way_to_what_was_saved(
        self, as_creator, organisation, blood
    ):
        page = address("edit", organisation, blood.ontology.uuid)
        assert post_json(as_creator, page, **edit(blood, title="First")).status_code == 200
        answer = post_json(as_creator, page, **edit(blood, title="Second"))
        assert answer.status_code == 409
        assert answer.json()["latest_url"] == address("ontology", organisation, blood.ontology.uuid)
        assert Ontology.objects.get().title == "First"

    @pytest.mark.parametrize(
        "body",
        ["", "[]", "{", '{"title": 3}', '{"title": "x", "description": "", "stamp": "", "structure": null}'],
    )
    def test_a_broken_request_is_a_422_never_a_500(self, as_creator, organisation, body):
        answer = as_creator.post(address("new", organisation), body, content_type="application/json")
        assert answer.status_code == 422
        assert answer.json()["problems"]

    def test_a_nul_in_the_title_is_refused(self, as_creator, organisation):
        answer = post_json(
            as_creator,
            address("new", organisation),
            title="a\x00b",
            description="",
            stamp="",
            structure=simple_structure(),
        )
        assert answer.status_code == 422

    def test_the_form_knows_what_is_in_use(self, as_creator, organisation, blood):
        page = address("edit", organisation, blood.ontology.uuid)
        assert as_creator.get(page).context["config"]["used"] == []
        freeze_version(version=blood)
        answer = as_creator.get(page)
        assert len(answer.context["config"]["used"]) == 10
        assertContains(answer, "Save as v2")


class TestImportAndExport:
    def test_an_export_can_be_imported_and_is_exactly_the_same(self, as_creator, organisation, blood):
        exported = as_creator.get(address("export", organisation, blood.ontology.uuid))
        assert exported.headers["Content-Disposition"] == 'attachment; filename="blood-cells-v1.json"'
        file = SimpleUploadedFile("x.json", exported.content, "application/json")
        answer = as_creator.post(address("import", organisation), {"title": "Copy", "file": file})
        copy = Ontology.objects.get(title="Copy")
        assertRedirects(answer, address("ontology", organisation, copy.uuid))
        assert copy.versions.get().canonical_digest == blood.canonical_digest

    def test_what_was_pasted_stays_and_every_problem_is_listed(self, as_creator, organisation):
        text = json.dumps(
            {"objects": [{"name": "My cell", "shape": "cuboid"}, {"name": "", "shape": "point"}]}
        )
        answer = as_creator.post(address("import", organisation), {"title": "Mine", "text": text})
        assertContains(answer, "objects[0].shape", status_code=422)
        assertContains(answer, "objects[1].name", status_code=422)
        assertContains(answer, "My cell", status_code=422)
        assert not Ontology.objects.exists()

    @pytest.mark.parametrize("text", ["", "{", "[1, 2]", "null"])
    def test_what_is_no_ontology_is_refused(self, as_creator, organisation, text):
        answer = as_creator.post(address("import", organisation), {"title": "x", "text": text})
        assert answer.status_code == 422

    def test_a_title_cannot_break_the_download_header(self, as_creator, organisation, people):
        version = create_ontology(
            organisation=organisation,
            actor=people.creator,
            title='a"; filename="evil.html',
            structure=simple_structure(),
        )
        answer = as_creator.get(address("export", organisation, version.ontology.uuid))
        assert answer.headers["Content-Disposition"] == 'attachment; filename="a-filenameevilhtml-v1.json"'


class TestDeleting:
    def test_an_ontology_in_use_says_why_it_stays(self, as_creator, organisation, blood):
        ProjectFactory(organisation=organisation, ontology_version=blood)
        answer = as_creator.post(address("delete", organisation, blood.ontology.uuid), follow=True)
        assertContains(answer, "One project uses")

    def test_an_unused_one_goes(self, as_creator, organisation, blood):
        as_creator.post(address("delete", organisation, blood.ontology.uuid))
        assert not Ontology.objects.exists()

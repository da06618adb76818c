"""Uploading by drag and drop in a real browser."""

import base64
import re

import pytest
from playwright.sync_api import Page, expect

from datasets.ingest import ingest_now
from tests.factories import DatasetFactory, FileFactory, picture_bytes

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def page(page_as, people) -> Page:
    return page_as(people.creator)


def upload(name: str, content: bytes) -> dict:
    return {"name": name, "mimeType": "image/jpeg", "buffer": content}


def test_files_go_up_one_by_one_with_problems_in_place_and_the_grid_follows(page, organisation, axe):
    page.problems.expect("422")
    dataset = DatasetFactory(organisation=organisation)
    page.goto(f"/o/{organisation.slug}/datasets/{dataset.uuid}/")
    expect(page.get_by_text("No files in this dataset yet")).to_be_visible()
    page.locator("[data-upload-input]").set_input_files(
        [
            upload("first.jpg", picture_bytes(seed=1)),
            upload("drawing.jpg", b"<svg onload='alert(1)'/>"),
            upload("second.jpg", picture_bytes(seed=2)),
        ]
    )
    expect(page.get_by_text("2 of 3 uploaded, 1 failed")).to_be_visible()
    expect(page.get_by_text("This is an SVG drawing")).to_be_visible()
    tiles = page.locator(".file-tile")
    expect(tiles).to_have_count(2)
    assert sorted(dataset.files.values_list("title", flat=True)) == ["first.jpg", "second.jpg"]
    loaded = "image => image.complete && image.naturalWidth > 0"
    expect(tiles.first.locator("img")).to_be_visible()
    # Not wait_for_function: it evaluates text, which the policy of the page refuses from the second poll on.
    expect(tiles.first.locator("img")).to_have_js_property("complete", True)
    assert tiles.first.locator("img").evaluate(loaded)
    axe(page)


def test_dropping_files_on_the_zone_uploads_them(page, organisation):
    dataset = DatasetFactory(organisation=organisation)
    page.goto(f"/o/{organisation.slug}/datasets/{dataset.uuid}/")
    encoded = base64.b64encode(picture_bytes()).decode()
    transfer = page.evaluate_handle(
        """(encoded) => {
            const bytes = Uint8Array.from(atob(encoded), (letter) => letter.charCodeAt(0));
            const transfer = new DataTransfer();
            transfer.items.add(new File([bytes], "dropped.jpg", { type: "image/jpeg" }));
            return transfer;
        }""",
        encoded,
    )
    page.locator("[data-drop-zone]").dispatch_event("drop", {"dataTransfer": transfer})
    expect(page.get_by_text("1 file uploaded")).to_be_visible()
    assert dataset.files.get().title == "dropped.jpg"


def test_a_failed_file_can_be_tried_again(page, organisation):
    page.problems.expect("Failed to load resource")
    dataset = DatasetFactory(organisation=organisation)
    page.goto(f"/o/{organisation.slug}/datasets/{dataset.uuid}/")
    page.route("**/upload/", lambda route: route.abort(), times=1)
    page.locator("[data-upload-input]").set_input_files([upload("a.jpg", picture_bytes())])
    expect(page.get_by_text("No connection to the server")).to_be_visible()
    page.get_by_role("button", name="Retry", exact=True).click()
    expect(page.get_by_text("1 file uploaded")).to_be_visible()
    assert dataset.files.count() == 1


def test_selected_files_are_added_to_a_dataset(page, organisation, axe):
    dataset = DatasetFactory(organisation=organisation, title="Smears")
    for title in ("a.jpg", "b.jpg", "c.jpg"):
        FileFactory(organisation=organisation, title=title)
    page.goto(f"/o/{organisation.slug}/files/?sort=title")
    page.get_by_label("Select a.jpg").check()
    page.get_by_label("Select c.jpg").check()
    page.get_by_label("Dataset", exact=True).select_option("Smears")
    axe(page)
    page.get_by_role("button", name="Add 2 to dataset").click()
    expect(page.get_by_text("2 added to “Smears”.")).to_be_visible()
    assert sorted(dataset.files.values_list("title", flat=True)) == ["a.jpg", "c.jpg"]


def test_search_as_you_type_keeps_its_state_in_the_address(page, organisation):
    for title in ("alpha.jpg", "beta.jpg"):
        FileFactory(organisation=organisation, title=title)
    page.goto(f"/o/{organisation.slug}/files/")
    page.get_by_placeholder("Search files").press_sequentially("alp")
    expect(page.get_by_text("beta.jpg")).to_have_count(0)
    expect(page.get_by_text("1 file found")).to_be_visible()
    page.reload()
    expect(page.get_by_placeholder("Search files")).to_have_value("alp")
    expect(page.get_by_text("beta.jpg")).to_have_count(0)


def test_pictures_become_a_sequence_whose_frames_one_steps_through(page, organisation, axe):
    dataset = DatasetFactory(organisation=organisation)
    page.goto(f"/o/{organisation.slug}/datasets/{dataset.uuid}/")
    page.locator(".kind-option", has_text="Image sequence").click()
    expect(page.get_by_text("What you drop together becomes one file")).to_be_visible()
    page.get_by_label("Title").fill("Walk")
    page.locator("[data-upload-input]").set_input_files(
        [upload(f"frame_{number}.jpg", picture_bytes(seed=number)) for number in (10, 9, 1)]
    )
    expect(page.get_by_text("4 files uploaded")).to_be_visible()
    expect(page.locator(".file-tile").get_by_text("Processing")).to_be_visible()
    axe(page)
    file = dataset.files.select_related("job", "organisation").get()
    assert list(file.sources.values_list("name", flat=True)) == ["frame_1.jpg", "frame_9.jpg", "frame_10.jpg"]
    ingest_now(file)
    # The list looks again by itself.
    expect(page.locator(".file-tile").get_by_text("3 frames")).to_be_visible()
    page.locator(".file-tile-title").click()
    expect(page.locator("[data-frame-text]")).to_have_text("1 of 3 · frame_1.jpg")
    page.get_by_role("button", name="Next frame").click()
    expect(page.locator("[data-frame-text]")).to_have_text("2 of 3 · frame_9.jpg")
    expect(page.locator("[data-frame-picture]")).to_have_attribute("src", re.compile(r"/frames/1/$"))
    page.get_by_role("slider", name="Frame").press("End")
    expect(page.locator("[data-frame-text]")).to_have_text("3 of 3 · frame_10.jpg")
    axe(page)

"""The label editor as a person uses it, and what it stored: for tests in a browser."""

from typing import Any

from django.urls import reverse
from playwright.sync_api import Page, expect

from labels.documents import document_of_task
from projects.models import Task

WIDTH, HEIGHT = 640, 480


class Editor:
    """The page as a person uses it; points are pixels of the picture."""

    def __init__(self, page: Page, task: Task) -> None:
        self.page = page
        self.url = reverse("labels:annotate", args=[task.project.organisation.slug, task.uuid])
        self.canvas = page.locator(".ed-pane")
        self.instances = page.get_by_role("listbox", name="Instances on this frame")

    def open(self) -> "Editor":
        self.page.goto(self.url)
        return self.wait()

    def wait(self) -> "Editor":
        self.page.locator("#editor[data-ready]").wait_for()
        return self

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Where a pixel of the picture lies on the page."""
        view = self.page.evaluate("annotrainEditor.view.panes()[0].viewport")
        pane = self.canvas.bounding_box()
        assert pane is not None
        return pane["x"] + view["x"] + x * view["scale"], pane["y"] + view["y"] + y * view["scale"]

    def drag(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        self.page.mouse.move(*self.at(*start))
        self.page.mouse.down()
        self.page.mouse.move(*self.at(*end), steps=4)
        self.page.mouse.up()

    def click(self, point: tuple[float, float], **options: Any) -> None:
        self.page.mouse.click(*self.at(*point), **options)

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def save(self) -> None:
        """Send now what autosave would send in two seconds."""
        self.press("Control+s")
        self.expect_saved()

    def expect_saved(self) -> None:
        expect(self.page.locator(".ed-save")).to_contain_text("Saved ")


def stored(task: Task) -> dict[str, Any]:
    return document_of_task(task)[0]


def only_geometry(task: Task) -> dict[str, Any]:
    (instance,) = stored(task)["objects"]
    (label,) = instance["labels"]
    return label["geometry"]


def in_pixels(geometry: dict[str, Any]) -> tuple[int, ...]:
    sides = (geometry["x"] * WIDTH, geometry["y"] * HEIGHT, geometry["w"] * WIDTH, geometry["h"] * HEIGHT)
    return tuple(round(side) for side in sides)

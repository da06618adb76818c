"""Fixtures for tests in a real Chromium: logged-in pages that fail their test on console errors, and axe.

    def test_a_lead_sees_the_projects(page_as, lead):
        page = page_as(lead)
        page.goto("/")
        ...
        axe(page)

Every address is relative to the test's own live server. A test that provokes an error says so:
`page.problems.expect("409")`.
"""

import os
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from playwright.sync_api import BrowserContext, Page, expect

from annotrain.runner.suite import find_browser

# Playwright's synchronous interface runs an event loop in this thread, which Django takes for asynchronous code.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
TIMEOUT_MS = 10_000
VIEWPORT = {"width": 1440, "height": 900}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark everything that opens a page, so that `-m "not browser"` leaves it out."""
    for item in items:
        if {"page", "page_as", "context", "browser"} & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Debian's Chromium; without one the test is skipped, or fails where CI is set."""
    chromium = find_browser()
    if chromium is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("no Chromium on this machine")
    return browser_type_launch_args | {"executable_path": chromium, "chromium_sandbox": False}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    """A laptop's screen, British dates, no animation."""
    return browser_context_args | {
        "viewport": VIEWPORT,
        "locale": "en-GB",
        "timezone_id": "UTC",
        "reduced_motion": "reduce",
    }


class PageProblems:
    """What went wrong in a page without being asked for: console errors, exceptions, refusals of the policy."""

    def __init__(self) -> None:
        self.seen: list[str] = []
        self.expected: list[str] = []

    def watch(self, page: Page) -> None:
        """Listen to a page from now on. The policy's refusals are console errors in Chromium."""
        page.on("console", lambda message: self._note(message.type, message.text))
        page.on("pageerror", lambda error: self._note("error", f"exception: {error}"))

    def _note(self, kind: str, text: str) -> None:
        if kind == "error" or "Content Security Policy" in text:
            self.seen.append(text)

    def expect(self, pattern: str) -> None:
        """Allow problems that match: the test provokes them."""
        self.expected.append(pattern)

    @property
    def unexpected(self) -> list[str]:
        """What no `expect` covers."""
        return [text for text in self.seen if not any(re.search(pattern, text) for pattern in self.expected)]


@pytest.fixture
def page_as(live_server, queue, new_context) -> Iterator[Callable[..., Page]]:
    """A function from a user (or None) to a page, logged in, in a browser context of its own.

    Its options go to the context (`viewport=...`, `color_scheme="dark"`). `page.problems` is its PageProblems.
    """
    watched: list[PageProblems] = []

    def open_page(user: Any = None, **options: Any) -> Page:
        viewport = options.pop("viewport", VIEWPORT)  # the plug-in passes one of its own to the context
        context: BrowserContext = new_context(base_url=live_server.url, **options)
        if user is not None:
            context.add_cookies([session_cookie(user, live_server.url)])
        page = context.new_page()
        page.set_viewport_size(viewport)
        page.set_default_timeout(TIMEOUT_MS)
        page.problems = PageProblems()  # type: ignore[attr-defined]
        page.problems.watch(page)  # type: ignore[attr-defined]
        watched.append(page.problems)  # type: ignore[attr-defined]
        return page

    expect.set_options(timeout=TIMEOUT_MS)
    yield open_page
    unexpected = [text for problems in watched for text in problems.unexpected]
    assert not unexpected, "the browser's console has errors:\n" + "\n".join(unexpected)


def session_cookie(user: Any, url: str) -> dict[str, str]:
    """A session of this user, as the log-in page would have made it."""
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    return {"name": settings.SESSION_COOKIE_NAME, "value": str(session.session_key), "url": url}


@pytest.fixture(scope="session")
def axe() -> Callable[..., None]:
    """A function that checks a page (or one part of it, by selector) against WCAG 2.1 A and AA."""

    def check(page: Page, selector: str | None = None) -> None:
        rules = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}
        found = Axe().run(page, context=selector, options={"runOnly": rules, "resultTypes": ["violations"]})
        assert found.violations_count == 0, found.generate_report()

    return check

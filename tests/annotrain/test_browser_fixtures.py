"""The browser fixtures themselves: an error that nobody expects must fail the test that caused it."""

import pytest

from tests.browser_fixtures import PageProblems

pytestmark = pytest.mark.django_db(transaction=True)


def test_an_inline_handler_is_refused_by_the_policy_and_noticed(page_as, live_server):
    page = page_as()
    page.problems.expect("status of (404|500)")  # this page, and what its template may miss
    page.goto("/no-such-page/")
    page.set_content("<button onclick='window.ran = true'>Press</button>")
    page.click("button")
    assert page.evaluate("window.ran") is None
    assert any("Content Security Policy" in text for text in page.problems.unexpected)
    page.problems.expect("Content Security Policy")


def test_an_exception_in_a_script_is_noticed_unless_expected(page_as):
    page = page_as()
    page.evaluate("setTimeout(() => { throw new Error('left behind') }, 0)")
    page.wait_for_function("true")
    page.wait_for_timeout(50)
    assert page.problems.unexpected
    page.problems.expect("left behind")
    assert not page.problems.unexpected


def test_a_warning_is_no_problem():
    problems = PageProblems()
    problems._note("warning", "slow network")
    assert problems.unexpected == []

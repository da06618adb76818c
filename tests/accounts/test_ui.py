"""The tags of the design system."""

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
import time_machine
from django.template import Context, Template

from accounts.states import CHIPS, OUTCOMES, VERDICTS
from accounts.templatetags import ui

NOW = datetime(2026, 11, 20, 15, 30, tzinfo=UTC)


def render(source: str, **context) -> str:
    return Template("{% load ui %}" + source).render(Context(context))


def test_an_icon_is_drawn_inline_and_silent():
    html = render('{% icon "search" %}')
    assert "<path" in html
    assert 'aria-hidden="true"' in html


def test_an_icon_with_a_label_is_read_out_and_escaped():
    assert 'aria-label="&lt;b&gt;"' in render('{% icon "check" label=name %}', name="<b>")


@pytest.mark.parametrize("name", ["../package", "no-such-icon", "Search"])
def test_an_unknown_icon_is_an_error_not_a_gap(name):
    with pytest.raises(ValueError, match="icon"):
        ui.icon(name)


@pytest.mark.parametrize("look", [*CHIPS.values(), *OUTCOMES.values(), *VERDICTS.values()])
def test_every_look_has_its_icon(look):
    if look.icon:
        assert ui.icon(look.icon)


def test_an_unknown_state_still_shows_a_word():
    assert "Half done" in render("{% status state %}", state="half_done")


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Amara Okafor", "AO"),
        ("Olufemi Adebayo-Williamson", "OW"),
        ("Bo", "BO"),
        ("a@example.org", "AO"),
        ("", "?"),
    ],
)
def test_initials(name, letters):
    assert ui.initials(name) == letters


@pytest.mark.parametrize(
    ("filter_", "value", "text"),
    [
        (ui.percent, 0.8547, "85.5\u00a0%"),
        (ui.percent, None, "–"),
        (ui.whole, 2165462.4, "2,165,462"),
        (ui.whole, 0, "0"),
        (ui.signed, 0.64, "+0.6"),
        (ui.signed, -0.04, "0.0"),
        (ui.signed, -2.8, "−2.8"),
        (ui.signed, None, "–"),
    ],
)
def test_numbers(filter_, value, text):
    assert filter_(value) == text


def test_a_share_of_nothing_is_no_number():
    assert ui.share_of(0, 0) is None
    assert ui.share_of(1, 4) == 0.25


def test_lost_points_are_marked_and_full_ones_are_not():
    assert "lost" in render("{% points 38 50 mark_lost=True %}")
    assert "lost" not in render("{% points 50 50 mark_lost=True %}")
    assert render("{% points None None %}").strip() == '<span class="quiet">–</span>'


def test_a_file_name_keeps_its_end_and_its_whole_text():
    html = render("{% file_name name %}", name="BloodImage_<b>_00036.jpg")
    assert 'title="BloodImage_&lt;b&gt;_00036.jpg"' in html
    assert '<span class="file-name-end">_00036.jpg</span>' in html


@pytest.mark.parametrize("color", ["red", "#12345", "url(x)", '"/><script>', "#GGGGGG", None])
def test_a_class_colour_that_is_none_becomes_grey(color):
    assert 'fill="#9AA3B2"' in ui.swatch(color)
    assert "script" not in ui.swatch(color)


@pytest.mark.parametrize(
    ("score", "step"),
    [(60, 1), (66.6, 1), (66.7, 2), (79.9, 3), (80, 4), (99.9, 6), (100, 6), (12, 1), (None, "none")],
)
def test_heat_steps_are_six_even_parts_of_60_to_100(score, step):
    assert ui.heat_step(score) == f"heat-{step}"  # 40 / 6 = 6.67 percent a step


def test_an_interval_bar_keeps_to_its_scale():
    drawn = ui.interval_bar(82.5, 40, 110, 82)
    assert (drawn["low"], drawn["high"], drawn["score"]) == (0, 112, 56)  # (82.5 - 65) / 35 * 112


def test_a_stacked_bar_adds_up():
    drawn = ui.split_bar(13, 8, 3)
    assert (drawn["pass_width"], drawn["open_width"], drawn["fail_width"]) == (54.17, 33.33, 12.5)
    assert ui.split_bar(0, 0, 0)["total"] == 0


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        ("2026-11-20T15:29:30", "just now"),
        ("2026-11-20T15:26:00", "4 min ago"),
        ("2026-11-20T13:30:00", "2 h ago"),
        ("2026-11-20T07:05:00", "Today, 07:05"),
        ("2026-11-19T20:00:00", "Yesterday, 20:00"),
        ("2026-11-12T20:00:00", "12 Nov"),
        ("2025-11-12T20:00:00", "12 Nov 2025"),
        ("2026-11-20T15:31:00", "Today, 15:31"),
    ],
)
def test_times_are_relative_with_the_exact_time_on_hover(moment, text):
    with time_machine.travel(NOW, tick=False):
        html = render("{% local_time moment %}", moment=datetime.fromisoformat(moment + "+00:00"))
    assert f">{text}</time>" in html
    assert f'datetime="{moment}+00:00"' in html


def test_times_are_in_the_zone_of_the_person():
    user = SimpleNamespace(is_authenticated=True, timezone="Asia/Tokyo")
    html = render('{% local_time moment "full" %}', moment=NOW, user=user)
    assert ">21 Nov 2026, 00:30</time>" in html
    assert "(JST)" in html


def test_an_unknown_zone_falls_back_to_utc():
    user = SimpleNamespace(is_authenticated=True, timezone="Mars/Base")
    assert ">15:30</time>" in render('{% local_time moment "clock" %}', moment=NOW, user=user)


def test_no_time_is_a_dash():
    assert "–" in render("{% local_time None %}")

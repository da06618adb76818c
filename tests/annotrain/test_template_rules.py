"""The rules for templates find what a strict policy would refuse, and nothing else."""

import pytest
from django.conf import settings

from annotrain.runner.template_rules import broken_rules, violations


@pytest.mark.parametrize(
    "template",
    [
        '<div style="width: {{ share }}%">',
        '<div\n  class="bar"\n  style="width:1px">',
        '<button onclick="go()">',
        '<img src="x" onerror="go()">',
        '<button hx-on:click="go()">',
        '<a href="javascript:go()">',
        "{{ note|safe }}",
        "{{ note | safe }}",
        "{% autoescape off %}{{ note }}{% endautoescape %}",
        "<script>go()</script>",
        "<style>p { color: red }</style>",
    ],
)
def test_what_the_policy_refuses_is_found(template):
    assert len(list(violations(template))) == 1


@pytest.mark.parametrize(
    "template",
    [
        '<progress value="3" max="7">',
        '<rect width="{{ width }}" fill="#0072B2">',
        '<script type="module" nonce="{{ csp_nonce }}">go()</script>',
        '<script src="{% static "js/app.js" %}"></script>',
        "{# never write <p style='x'> or |safe here #}",
        '{% comment "why" %}<b onclick="x">{% endcomment %}',
        "<p>Settings | safety on = off, online = yes</p>",
        '<a href="{% url "x" %}" data-confirm="Are you sure?">',
        "{{ note|safely }}",
    ],
)
def test_what_the_policy_allows_is_left_alone(template):
    assert list(violations(template)) == []


def test_a_violation_names_its_line():
    assert [line for line, _ in violations('<p>\n<b>\n<i style="x">')] == [3]


def test_no_template_breaks_a_rule():
    assert broken_rules(settings.BASE_DIR / "templates") == []

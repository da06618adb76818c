"""What the settings promise."""

import pytest
from django.template import engines

from tests.strict_templates import UndefinedTemplateVariable


def test_a_template_that_uses_an_undefined_name_fails_its_test():
    template = engines["django"].from_string("<p>{{ nobody.knows.me }}</p>")
    with pytest.raises(UndefinedTemplateVariable, match="nobody"):
        template.render({})


def test_a_template_may_still_ask_whether_a_name_is_there():
    template = engines["django"].from_string("{% if nobody %}yes{% else %}no{% endif %}")
    assert template.render({}) == "no"

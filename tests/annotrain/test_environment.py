"""The environment that ./dev makes for itself."""

import pytest

from annotrain.runner import environment


def test_a_link_to_another_checkouts_environment_is_refused_and_left_whole(tmp_path, monkeypatch):
    others = tmp_path / "other" / ".venv"
    others.mkdir(parents=True)
    (others / "annotrain-root").write_text("elsewhere")
    link = tmp_path / ".venv"
    link.symlink_to(others)
    monkeypatch.setattr(environment, "VENV", link)
    with pytest.raises(environment.CannotGoOn):
        environment.ensure_venv()
    assert (others / "annotrain-root").read_text() == "elsewhere"

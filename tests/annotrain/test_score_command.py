"""./dev score: paths mean what they mean where it is called, and standard output is the result's alone."""

import json
import subprocess
from pathlib import Path

from django.conf import settings

from tests.score_cli.files import bbox, coco, write


def test_the_command_works_from_any_folder_and_prints_nothing_but_the_result(tmp_path):
    write(tmp_path / "gold.json", coco([bbox(0, 0, 40, 40)]))
    write(tmp_path / "mine.json", coco([bbox(0, 0, 40, 20)]))
    command = [str(Path(settings.BASE_DIR) / "dev"), "score", "gold.json"]
    done = subprocess.run(
        [*command, "mine.json", "--json"], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout)["mean_iou"] == 0.5

    refused = subprocess.run(
        [*command, "absent.json"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "absent.json: There is no such file" in refused.stderr

"""The masks that the editor's codec is tested with come from the COCO reference implementation."""

import base64
import json
from pathlib import Path

import numpy as np
import pytest
from pycocotools import mask as coco

REFERENCE = Path(__file__).parents[1] / "js" / "editor" / "run_length_reference.json"
CASES = json.loads(REFERENCE.read_text())["cases"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_the_reference_implementation_writes_these_strings(case):
    height, width = case["size"]
    encoded = {"size": case["size"], "counts": case["counts"].encode()}
    mask = coco.decode(encoded)
    if case["bits"] is not None:
        bits = np.unpackbits(np.frombuffer(base64.b64decode(case["bits"]), np.uint8), count=height * width)
        assert (bits.reshape(height, width) == mask).all()
    assert coco.encode(np.asfortranarray(mask))["counts"].decode() == case["counts"]
    assert int(coco.area(encoded)) == case["area"]
    assert [int(value) for value in coco.toBbox(encoded)] == case["box"]

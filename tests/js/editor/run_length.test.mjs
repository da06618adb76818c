import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import * as runLength from "../../../static/js/editor/run_length.js";

const maskOf = (rows) => Uint8Array.from(rows.join(""), Number);

// Strings written by the COCO reference implementation (pycocotools.mask.encode) for these masks.
const REFERENCE = [
  { size: [3, 4], counts: "02110O0O0", rows: ["1100", "1111", "0110"], area: 8, bounds: [0, 0, 4, 3] },
  {
    size: [7, 5],
    counts: "2170M0N10O30M10",
    area: 9,
    bounds: [0, 0, 5, 6],
    rows: ["00001", "00110", "10000", "01001", "00101", "00100", "00000"],
  },
  {
    size: [40, 60],
    counts:
      "U:l0<0000000000000000000000YON82HN82HN82HN82HN82HN82HN82HN82HN82HN82?00000000000000000000000000000000000000[<",
    // A box of 42 x 28 with a hole of 10 x 10: 1,176 - 100 pixels.
    area: 1076,
    bounds: [8, 5, 42, 28],
  },
];

for (const { size, counts, rows, area, bounds } of REFERENCE) {
  test(`the reference string of a ${size.join(" x ")} mask is read and written`, () => {
    const mask = runLength.maskFromGeometry({ size, counts });
    if (rows) assert.deepEqual(mask, maskOf(rows));
    assert.equal(
      mask.reduce((sum, value) => sum + value, 0),
      area,
    );
    assert.equal(runLength.geometryFromMask(mask, size).counts, counts);
    const extent = runLength.extentOfRuns({ size, counts });
    const [x, y, w, h] = bounds;
    assert.deepEqual(extent, { area, bounds: { x, y, w, h } });
  });
}

test("runs longer than five bits survive, also where they get shorter", () => {
  const runs = [5, 70000, 3, 2, 900000, 1];
  assert.deepEqual(runLength.runsFromString(runLength.stringFromRuns(runs)), runs);
});

test("an empty mask has no extent", () => {
  const { counts } = runLength.geometryFromMask(new Uint8Array(12), [3, 4]);
  assert.equal(runLength.extentOfRuns({ size: [3, 4], counts }), null);
});

test("strings that are no run lengths are refused", () => {
  assert.throws(() => runLength.runsFromString("0\u0001"), RangeError);
  assert.throws(() => runLength.maskFromGeometry({ size: [3, 4], counts: "0" }), /0 of 12/);
  assert.throws(() => runLength.runsFromString("oooooooooooo"), RangeError);
});

test("the outline of a mask follows its pixels and joins neighbours", () => {
  const edges = runLength.edgesOfMask(maskOf(["0000", "0110", "0000"]), [3, 4]);
  assert.deepEqual(edges.sort(), [
    [1, 1, 1, 2],
    [1, 1, 3, 1],
    [1, 2, 3, 2],
    [3, 1, 3, 2],
  ]);
});

// Masks and strings written by pycocotools (tests/formats/test_editor_reference.py makes them again).
const { cases } = JSON.parse(readFileSync(new URL("./run_length_reference.json", import.meta.url)));

function bitsOf(packed, count) {
  const bytes = Buffer.from(packed, "base64");
  return Uint8Array.from({ length: count }, (_, at) => (bytes[at >> 3] >> (7 - (at & 7))) & 1);
}

test("every string of the reference implementation is read and written as it is", () => {
  for (const { name, size, bits, counts, area, box } of cases) {
    const mask = runLength.maskFromGeometry({ size, counts });
    if (bits) assert.deepEqual(mask, bitsOf(bits, size[0] * size[1]), name);
    assert.equal(runLength.geometryFromMask(mask, size).counts, counts, name);
    const [x, y, w, h] = box;
    const extent = runLength.extentOfRuns({ size, counts });
    assert.deepEqual(extent, area ? { area, bounds: { x, y, w, h } } : null, name);
  }
});

test("a mask that is moved by whole pixels is the same mask elsewhere", () => {
  const mask = maskOf(["00000", "01100", "01000", "00000"]);
  const moved = runLength.shiftedRuns(runLength.geometryFromMask(mask, [4, 5]), 2, 1);
  assert.deepEqual(runLength.maskFromGeometry(moved), maskOf(["00000", "00000", "00011", "00010"]));
  const back = runLength.shiftedRuns(moved, -3, -2);
  assert.deepEqual(runLength.maskFromGeometry(back), maskOf(["11000", "10000", "00000", "00000"]));
});

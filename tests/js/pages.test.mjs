// Pure parts of the page scripts. Expected values are worked out beside the inputs.
import assert from "node:assert/strict";
import { test } from "node:test";

import { countOfKind } from "../../static/js/bulk.js";
import { numberIn, positionOf, seriesFromCells } from "../../static/js/chart_data.js";
import { isTyping } from "../../static/js/keys.js";
import { placeBeside } from "../../static/js/menus.js";
import { matches } from "../../static/js/narrow.js";
import { explainStatus } from "../../static/js/request.js";
import { youngText } from "../../static/js/time.js";
import { splitName, summary } from "../../static/js/upload.js";

const VIEW = { width: 1000, height: 800 };
const PANEL = { width: 200, height: 300 };

test("a menu opens below its button, left edges aligned", () => {
  const button = { left: 100, right: 180, top: 50, bottom: 82 };
  assert.deepEqual(placeBeside(button, PANEL, VIEW), { left: 100, top: 86 });
});

test("a menu near the right edge aligns right edges, near the lower edge opens above", () => {
  const button = { left: 900, right: 980, top: 700, bottom: 732 };
  // right edges: 980 - 200; above: 700 - 4 - 300
  assert.deepEqual(placeBeside(button, PANEL, VIEW), { left: 780, top: 396 });
});

test("a menu without room above or below stays inside the window", () => {
  const button = { left: 2, right: 30, top: 150, bottom: 180 };
  const placed = placeBeside(button, { width: 200, height: 700 }, VIEW);
  // not above (150 - 4 - 700 < 8): below, pushed up to 800 - 8 - 700; left edge held at the margin
  assert.deepEqual(placed, { left: 8, top: 92 });
});

test("an action counts only the ticked rows of its kind", () => {
  const ticked = ["free", "free mine", "reserved", ""];
  assert.equal(countOfKind(ticked, "free"), 2);
  assert.equal(countOfKind(ticked, "reserved"), 1);
  assert.equal(countOfKind(ticked, "fre"), 0);
  assert.equal(countOfKind(ticked, undefined), 4);
});

test("a chart reads its series from the table's columns", () => {
  const cells = [
    ["Score from", "Pass", "Open"],
    ["80", "1", "4"],
    ["82.5", "1,006", "–"],
  ];
  assert.deepEqual(seriesFromCells(cells), {
    labels: ["80", "82.5"],
    series: [
      { name: "Pass", values: [1, 1006] },
      { name: "Open", values: [4, null] },
    ],
  });
});

test("numbers are read as people write them", () => {
  assert.equal(numberIn("85.5\u00a0%"), 85.5);
  assert.equal(numberIn("−0.2"), -0.2);
  assert.equal(numberIn("2,165,462"), 2165462);
  assert.equal(numberIn("–"), null);
  assert.equal(numberIn(""), null);
});

test("the pass mark lies between the bins it separates, and nowhere when outside", () => {
  const labels = ["80", "82.5", "85"];
  assert.equal(positionOf(82, labels), 0.8); // (82 - 80) / 2.5
  assert.equal(positionOf(60, labels), null);
  assert.equal(positionOf(82, ["80"]), null);
});

test("young times are rewritten, older ones stay as the server wrote them", () => {
  assert.equal(youngText(0), "just now");
  assert.equal(youngText(59), "just now");
  assert.equal(youngText(60), "1 min ago");
  assert.equal(youngText(3599), "59 min ago");
  assert.equal(youngText(3600), "1 h ago");
  assert.equal(youngText(6 * 3600), null);
  assert.equal(youngText(-5), null);
});

test("a file name keeps its end", () => {
  assert.deepEqual(splitName("BloodImage_00036.jpg"), ["BloodImage", "_00036.jpg"]);
  assert.deepEqual(splitName("a.png"), ["", "a.png"]);
});

test("the upload summary counts while running and names failures at the end", () => {
  assert.equal(summary(3, 1, 10), "Uploading 5 of 10");
  assert.equal(summary(9, 1, 10), "9 of 10 uploaded, 1 failed");
  assert.equal(summary(10, 0, 10), "10 files uploaded");
  assert.equal(summary(1, 0, 1), "1 file uploaded");
});

test("every failure says what to do", () => {
  for (const status of [0, 400, 403, 404, 409, 413, 429, 500, 503]) {
    assert.match(explainStatus(status), /\.$/, `status ${status}`);
  }
  assert.match(explainStatus(0), /network/);
  assert.match(explainStatus(502), /try again/);
});

test("single keys are ignored while typing", () => {
  const inside = { closest: () => ({}) };
  const outside = { closest: () => null };
  assert.equal(isTyping(inside), true);
  assert.equal(isTyping(outside), false);
  assert.equal(isTyping(null), false);
});

test("a short list is narrowed by every word, without accents and case", () => {
  assert.equal(matches("Tomás Vidal tomas.vidal@example.org", "TOMAS vid"), true);
  assert.equal(matches("Tomás Vidal", "tomas x"), false);
  assert.equal(matches("Anybody", ""), true);
});

// A chart is drawn from its own table, so picture and table cannot disagree. Pure: rows in, series out.

// `cells` is the table as text: head row first. Returns labels and one series per further column.
export function seriesFromCells(cells) {
  const [head, ...body] = cells;
  return {
    labels: body.map((cellsOfRow) => cellsOfRow[0]),
    series: head.slice(1).map((name, column) => ({
      name,
      values: body.map((cellsOfRow) => numberIn(cellsOfRow[column + 1])),
    })),
  };
}

// "1,234", "85.5 %", "−0.2" and "–" as people write them.
export function numberIn(text) {
  const plain = text.replaceAll(",", "").replace("−", "-").replace(/[\s%\u00a0]/g, "");
  return plain === "" || plain === "–" ? null : Number(plain);
}

// Where a value lies between the labels of a category axis, as an index with fraction; null when outside.
export function positionOf(value, labels) {
  const numbers = labels.map(numberIn);
  const last = numbers.length - 1;
  if (last < 1 || numbers.includes(null)) return null;
  const step = (numbers[last] - numbers[0]) / last;
  const position = (value - numbers[0]) / step;
  return position < -0.5 || position > last + 0.5 ? null : position;
}

// Charts from tables: <figure data-chart="histogram|bars|line"> with a canvas and a table[data-chart-data].
import { BarController, BarElement, CategoryScale, Chart, LinearScale, LineController, LineElement, PointElement, Tooltip } from "chart.js";
import { positionOf, seriesFromCells } from "./chart_data.js";

Chart.register(BarController, BarElement, CategoryScale, LinearScale, LineController, LineElement, PointElement, Tooltip);

const COLOURS = {
  pass: "--verdict-pass",
  open: "--verdict-open",
  fail: "--verdict-fail",
  before: "--bar-before",
  after: "--accent-line",
};
const drawn = new Map();

function token(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

function colourOf(cell) {
  return cell.dataset.color ?? token(COLOURS[cell.dataset.series] ?? "--accent-line");
}

// A dashed line with its words at a value of the x axis: the pass mark.
const markLine = {
  id: "markLine",
  afterDatasetsDraw(chart, _args, { value, text }) {
    const index = value === undefined ? null : positionOf(value, chart.data.labels.map(String));
    if (index === null) return;
    const { ctx, chartArea, scales } = chart;
    const step = scales.x.getPixelForValue(1) - scales.x.getPixelForValue(0);
    const x = scales.x.getPixelForValue(0) + index * step;
    ctx.save();
    ctx.strokeStyle = ctx.fillStyle = token("--ink");
    ctx.setLineDash([3, 3]);
    ctx.beginPath();
    ctx.moveTo(x, chartArea.top);
    ctx.lineTo(x, chartArea.bottom);
    ctx.stroke();
    ctx.font = `11px ${token("--font")}`;
    ctx.textBaseline = "top";
    ctx.textAlign = x > chartArea.left + 80 ? "right" : "left";
    ctx.fillText(text, x + (ctx.textAlign === "right" ? -5 : 5), chartArea.top);
    ctx.restore();
  },
};

function draw(figure) {
  const table = figure.querySelector("table[data-chart-data]");
  const canvas = figure.querySelector("canvas");
  const rows = [...table.rows].filter((row) => !row.closest("tfoot"));
  const { labels, series } = seriesFromCells(rows.map((row) => [...row.cells].map((cell) => cell.textContent.trim())));
  const heads = [...rows[0].cells].slice(1);
  const kind = figure.dataset.chart;
  const ink = token("--ink2");
  const axis = { border: { display: false }, ticks: { color: ink, font: { size: 11 }, precision: 0 } };
  drawn.get(figure)?.destroy();
  const chart = new Chart(canvas, {
    type: kind === "line" ? "line" : "bar",
    data: {
      labels,
      datasets: series.map(({ name, values }, index) => ({
        label: name,
        data: values,
        backgroundColor: colourOf(heads[index]),
        borderColor: colourOf(heads[index]),
        borderWidth: kind === "line" ? 2 : 0,
        borderRadius: 2,
        pointRadius: 2,
        categoryPercentage: kind === "histogram" ? 0.94 : 0.7,
        barPercentage: kind === "histogram" ? 0.94 : 0.9,
      })),
    },
    options: {
      animation: false,
      maintainAspectRatio: false,
      font: { family: token("--font") },
      interaction: { mode: "index", intersect: false },
      scales: {
        x: {
          ...axis,
          ticks: { ...axis.ticks, maxRotation: 0, autoSkipPadding: 12 },
          stacked: kind === "histogram",
          grid: { display: false },
          title: { display: Boolean(figure.dataset.xTitle), text: figure.dataset.xTitle, color: ink, font: { size: 11 } },
        },
        y: {
          ...axis,
          stacked: kind === "histogram",
          beginAtZero: kind !== "line",
          grace: figure.dataset.mark ? "18%" : 0,
          grid: { color: token("--line") },
          title: { display: Boolean(figure.dataset.yTitle), text: figure.dataset.yTitle, color: ink, font: { size: 11 } },
        },
      },
      plugins: {
        tooltip: { backgroundColor: "#181b21", cornerRadius: 6, padding: 8, boxPadding: 4 },
        markLine: { value: figure.dataset.mark ? Number(figure.dataset.mark) : undefined, text: figure.dataset.markLabel },
      },
      onClick: (_event, hits) => {
        const href = hits.length ? rows[hits[0].index + 1].dataset.href : "";
        if (href) window.location.assign(href);
      },
    },
    plugins: [markLine],
  });
  drawn.set(figure, chart);
}

export function drawAll(figures) {
  for (const figure of figures) draw(figure);
}

document.addEventListener("themechange", () => {
  for (const [figure, chart] of drawn) {
    if (figure.isConnected) draw(figure);
    else {
      chart.destroy();
      drawn.delete(figure);
    }
  }
});

/**
 * The editor without Django: serves the real template and modules, and keeps one task in memory behind the save API.
 *
 *   node tests/js/harness/server.mjs [--port 8124] [--data DIR]
 *
 * DIR holds `images/*.jpg` and `gold/*.xml` (Pascal VOC), the shape of the blood-cell samples; without it a drawn
 * picture is used. Pages: / (annotate), /?mode=view, /?mode=compare, /?shapes=1000, /?shapes=all, /?media=video,
 * /?media=video&tracks=50, /?media=group, /?media=dicom, /?media=video&ready=100 (ingest still runs). POST /control
 * {"answer": "stale" | "login" | "submitted" | "offline" | "invalid" | null} decides how saves are answered.
 */

import { createServer } from "node:http";
import { readFile, readdir } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { mediumOf } from "./media.mjs";
import { createTask } from "./task.mjs";

const { values } = parseArgs({
  options: { port: { type: "string", default: "8124" }, data: { type: "string" } },
});
const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../../..");
const MODULES = path.join(ROOT, "node_modules");
const NONCE = "harness";
const TYPES = {
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
  ".jpg": "image/jpeg",
  ".woff2": "font/woff2",
};
const VENDOR = {
  "vendor/konva/": "konva/",
  "vendor/tabler/": "@tabler/core/dist/",
  "vendor/inter/": "@fontsource-variable/inter/",
};
const POLICY = `default-src 'none'; script-src 'self' 'nonce-${NONCE}'; style-src 'self' 'nonce-${NONCE}'; img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; frame-src 'self'; frame-ancestors 'self'; base-uri 'none'`;

const control = { answer: null, token: "token-1" };
const tasks = new Map();
const log = [];

async function taskFor(url) {
  const key = `${url.searchParams.get("mode") ?? "annotate"}/${url.searchParams.get("shapes") ?? ""}/${url.searchParams.get("task") ?? "1"}/${["media", "tracks", "ready"].map((name) => url.searchParams.get(name)).join()}`;
  if (!tasks.has(key))
    tasks.set(key, await createTask({ key, url, data: values.data, medium: mediumOf(url) }));
  return tasks.get(key);
}

async function icon(name) {
  const svg = await readFile(path.join(MODULES, "@tabler/icons/icons/outline", `${name}.svg`), "utf8");
  const shapes = svg.replace(/^[\s\S]*?<svg[\s\S]*?>/, "").replace(/<\/svg>\s*$/, "");
  return `<svg class="icon" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-linecap="round" stroke-linejoin="round">${shapes}</svg>`;
}

/** The template's own markup with the few tags that it uses filled in. */
async function page(config, theme) {
  const template = await readFile(path.join(ROOT, "templates/labels/editor.html"), "utf8");
  let body = /{% block body %}([\s\S]*){% endblock %}/.exec(template)[1];
  for (const [tag, name] of body.matchAll(/{% icon "([a-z0-9-]+)" %}/g))
    body = body.replace(tag, await icon(name));
  const json = JSON.stringify(config)
    .replaceAll("<", "\\u003C")
    .replaceAll(">", "\\u003E")
    .replaceAll("&", "\\u0026");
  body = body
    .replace(
      '{{ editor_config|json_script:"editor-config" }}',
      () => `<script id="editor-config" type="application/json">${json}</script>`,
    )
    .replaceAll(/{[{%][^}]*[%}]}/g, "");
  const css = [
    "vendor/inter/wght.css",
    "vendor/tabler/css/tabler.min.css",
    ...["tokens", "base", "shell", "controls", "components", "editor", "editor_timeline", "editor_tools"].map(
      (name) => `css/${name}.css`,
    ),
  ];
  return `<!doctype html><html lang="en-GB" data-bs-theme="${theme}"><head><meta charset="utf-8"><title>Editor harness</title>
<meta name="csrf-token" content="${control.token}">
${css.map((href) => `<link rel="stylesheet" href="/static/${href}">`).join("\n")}
<script type="importmap" nonce="${NONCE}">{"imports": {"konva": "/static/vendor/konva/konva.min.js"}}</script>
<script type="module" src="/static/js/editor/main.js"></script></head><body class="ed-page">${body}</body></html>`;
}

async function staticFile(name) {
  const vendor = Object.keys(VENDOR).find((prefix) => name.startsWith(prefix));
  const base = vendor ? path.join(MODULES, VENDOR[vendor]) : path.join(ROOT, "static");
  const file = path.join(base, vendor ? name.slice(vendor.length) : name);
  if (!file.startsWith(base)) throw new Error("outside");
  return readFile(file);
}

async function bodyOf(request) {
  const parts = [];
  for await (const part of request) parts.push(part);
  return JSON.parse(Buffer.concat(parts).toString() || "{}");
}

/** What the save endpoints answer when the harness was told to be difficult; null = do the work. */
function difficulty(task) {
  switch (control.answer) {
    case "login":
      return [401, { error: "login", login_url: "/login" }];
    case "submitted":
      return [
        409,
        {
          error: "already_submitted",
          at: new Date().toISOString(),
          message: "You submitted this task in another tab.",
        },
      ];
    case "invalid":
      return [
        422,
        {
          error: "invalid",
          problems: [
            { path: "upserts.labels[0].geometry.x", message: "A coordinate lies outside the picture" },
          ],
        },
      ];
    case "stale":
      control.answer = null;
      task.changeElsewhere();
      return null;
    default:
      return null;
  }
}

async function answer(request, response) {
  const url = new URL(request.url, "http://harness");
  const send = (status, type, content, headers = {}) => {
    response.writeHead(status, { "Content-Type": type, "Cache-Control": "no-store", ...headers });
    response.end(content);
  };
  const json = (status, value) => send(status, "application/json", JSON.stringify(value));
  if (url.pathname === "/") {
    const task = await taskFor(url);
    const html = await page(task.config(), url.searchParams.get("theme") ?? "light");
    return send(200, "text/html; charset=utf-8", html, { "Content-Security-Policy": POLICY });
  }
  if (url.pathname.startsWith("/static/")) {
    const name = url.pathname.slice("/static/".length);
    return send(200, TYPES[path.extname(name)] ?? "application/octet-stream", await staticFile(name));
  }
  if (url.pathname === "/image")
    return send(
      200,
      "image/jpeg",
      await readFile(path.join(values.data, "images", path.basename(url.searchParams.get("name")))),
    );
  if (url.pathname === "/picture.svg") return send(200, "image/svg+xml", drawnPicture());
  const frame = /^\/frames\/(\d+)\/(pixels\/)?$/.exec(url.pathname);
  if (frame) return sendFrame(url, Number(frame[1]), Boolean(frame[2]), send);
  if (url.pathname === "/status") {
    const { frame_count } = mediumOf(url).media;
    control.ready = Math.min(frame_count, (control.ready ?? Number(url.searchParams.get("ready"))) + 20);
    return json(200, {
      state: control.ready < frame_count ? "running" : "done",
      ready: control.ready,
      frame_count,
      error: null,
    });
  }
  if (url.pathname === "/instructions")
    return send(200, "text/html", "<h1>How to label</h1><p>Draw a box around every cell.</p>");
  if (url.pathname === "/login") return send(200, "text/html", "<h1>Log in</h1>");
  if (url.pathname === "/control") {
    Object.assign(control, await bodyOf(request));
    return json(200, control);
  }
  if (url.pathname === "/log") return json(200, log);
  if (url.pathname === "/settings") return json(200, { saved: true });
  if (["/save", "/submit", "/skip", "/document"].includes(url.pathname)) {
    const task = await taskFor(url);
    if (request.method === "GET") return json(200, { document: task.document, revision: task.revision });
    const body = await bodyOf(request);
    log.push({ path: url.pathname, body });
    if (control.answer === "offline") return response.destroy();
    if (request.headers["x-csrftoken"] !== control.token) return json(403, { error: "csrf" });
    return json(...(difficulty(task) ?? task[url.pathname.slice(1)](body)));
  }
  return send(404, "text/plain", "not found");
}

/** A frame, made when it is asked for; `control.slowMs` makes it late, `control.failing` lists frames that are refused. */
async function sendFrame(url, frame, isPixels, send) {
  const medium = mediumOf(url);
  if (control.slowMs) await new Promise((resolve) => setTimeout(resolve, control.slowMs));
  if (control.failing?.includes(frame)) return send(500, "text/plain", "no");
  if (isPixels) return send(200, "application/octet-stream", medium.pixels(frame));
  const [type, content] = medium.frame(frame);
  return send(200, type, content, { "Cache-Control": "private, max-age=3600" });
}

function drawnPicture() {
  const circles = Array.from(
    { length: 24 },
    (_, i) =>
      `<circle cx="${60 + (i % 6) * 104}" cy="${60 + Math.floor(i / 6) * 118}" r="${30 + (i % 4) * 6}" fill="hsl(${330 + i * 3} 40% 70%)"/>`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" width="640" height="480"><rect width="640" height="480" fill="#e3dcd0"/>${circles.join("")}</svg>`;
}

createServer((request, response) => {
  answer(request, response).catch((error) => {
    response.writeHead(error.code === "ENOENT" ? 404 : 500);
    response.end(String(error.stack ?? error));
  });
}).listen(Number(values.port), "127.0.0.1", async () => {
  const pictures = values.data ? (await readdir(path.join(values.data, "images"))).length : 0;
  process.stdout.write(`Editor harness on http://127.0.0.1:${values.port}/ (${pictures} pictures)\n`);
});

// Drag and drop of files, each sent on its own with its progress; errors stay in place with Retry.
// The server answers 2xx {"message"?} or an error with {"message"}. When all are done the container
// fires "uploads:finished", which an HTMX region may listen to.
//
// A container with radio buttons "upload-kind" sends `?kind=`. What is made of several files (data-several) is a
// batch: the parts carry its identifier and their place, and one request to data-finish-url ends it.
import { askToLogIn } from "./dialogs.js";
import { csrfToken, explainStatus } from "./request.js";

const AT_ONCE = 2;
const KEEP_END = 10;

export function splitName(name) {
  const cut = Math.max(name.length - KEEP_END, 0);
  return [name.slice(0, cut), name.slice(cut)];
}

export function summary(done, failed, total) {
  if (done + failed < total) return `Uploading ${done + failed + 1} of ${total}`;
  if (failed) return `${done} of ${total} uploaded, ${failed} failed`;
  return total === 1 ? "1 file uploaded" : `${total} files uploaded`;
}

/** Files in the order that people mean: frame_9 before frame_10. */
export function inNaturalOrder(files) {
  const order = new Intl.Collator("en", { numeric: true, sensitivity: "base" });
  return [...files].sort((one, other) => order.compare(one.name, other.name));
}

/** A title for what several files become: the folder, the archive, or what their names have in common. */
export function titleOf(names, folder = "") {
  if (folder) return folder;
  const bare = names.map((name) => name.replace(/\.[^.]*$/, ""));
  if (bare.length === 1) return bare[0];
  let shared = bare[0] ?? "";
  for (const name of bare) while (!name.startsWith(shared)) shared = shared.slice(0, -1);
  shared = shared.replace(/[\s_.\-(0]+$/, "");
  return shared.length >= 3 ? shared : (bare[0] ?? "");
}

/** An identifier for a batch; crypto.randomUUID is missing where a laptop serves plain HTTP to its network. */
export function newBatch() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

async function filesBelow(entry) {
  if (entry.isFile) return [await new Promise((resolve, reject) => entry.file(resolve, reject))];
  const reader = entry.createReader();
  const found = [];
  for (;;) {
    const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (!some.length) return found;
    for (const inner of some) found.push(...(await filesBelow(inner)));
  }
}

/** What was dropped, with folders opened; `folder` is the name of the only one. */
async function dropped(transfer) {
  const entries = [...(transfer.items ?? [])].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  if (!entries.some((entry) => entry.isDirectory)) return { files: [...transfer.files], folder: "" };
  const files = (await Promise.all(entries.map(filesBelow))).flat();
  return {
    files: files.filter((file) => !file.name.startsWith(".")),
    folder: entries.length === 1 ? entries[0].name : "",
  };
}

class Upload {
  constructor(name, row, { file = null, kind = "", batch = null, position = 0 } = {}) {
    Object.assign(this, { file, kind, batch, position, row, state: "waiting" });
    const [start, end] = splitName(name);
    row.querySelector(".file-name").title = name;
    row.querySelector(".file-name-start").textContent = start;
    row.querySelector(".file-name-end").textContent = end;
  }

  show(state, word, css, error = "") {
    this.state = state;
    const chip = this.row.querySelector("[data-chip]");
    chip.className = `chip ${css}`;
    chip.textContent = word;
    this.row.querySelector("[data-retry]").hidden = state !== "failed";
    const text = this.row.querySelector("[data-error]");
    text.textContent = error;
    text.hidden = !error;
  }

  moved(percent) {
    this.row.querySelector("progress").value = percent;
    this.row.querySelector("[data-figure]").textContent = `${Math.round(percent)} %`;
  }

  /** The end of a batch waits for its parts. */
  isReady(uploads) {
    if (this.state !== "waiting") return false;
    return this.file !== null || uploads.every((one) => one.batch !== this.batch || one === this || one.state === "done");
  }
}

class UploadQueue {
  constructor(holder) {
    this.holder = holder;
    this.uploads = [];
    this.template = holder.querySelector("template[data-upload-row]");
    this.list = holder.querySelector("[data-upload-list]");
  }

  get choice() {
    return this.holder.querySelector("input[name=upload-kind]:checked");
  }

  add(files, folder = "") {
    const { value: kind = "", dataset = {} } = this.choice ?? {};
    if (files.length && dataset.several !== undefined) this.addBatch(inNaturalOrder(files), kind, folder, dataset.title);
    else for (const file of files) this.addRow(file.name, { file, kind });
    this.holder.querySelector("[data-upload-card]").hidden = this.uploads.length === 0;
    this.next();
  }

  addBatch(files, kind, folder, usual = "") {
    const input = this.holder.querySelector("[data-title-input]");
    const title = input.value.trim() || folder || usual || titleOf(files.map((file) => file.name));
    input.value = "";
    const batch = { id: newBatch(), title, count: files.length };
    files.forEach((file, position) => this.addRow(file.name, { file, kind, batch, position }));
    this.addRow(title, { kind, batch });
  }

  addRow(name, what) {
    const row = this.template.content.firstElementChild.cloneNode(true);
    const upload = new Upload(name, row, what);
    row.querySelector("[data-retry]").addEventListener("click", () => this.retry(upload));
    if (upload.batch && !upload.file) row.classList.add("upload-row-end");
    this.list.append(row);
    this.uploads.push(upload);
  }

  retry(upload) {
    upload.moved(0);
    upload.show("waiting", "Waiting", "chip-queued");
    this.next();
  }

  count(state) {
    return this.uploads.filter((upload) => upload.state === state).length;
  }

  next() {
    while (this.count("sending") < AT_ONCE) {
      const upload = this.uploads.find((candidate) => candidate.isReady(this.uploads));
      if (!upload) break;
      this.send(upload);
    }
    const [done, failed] = [this.count("done"), this.count("failed")];
    this.holder.querySelector("[data-upload-summary]").textContent = summary(done, failed, this.uploads.length);
    this.holder.querySelector("[data-upload-retry-all]").hidden = failed < 2;
    const isIdle = !this.count("sending") && !this.uploads.some((one) => one.isReady(this.uploads));
    if (this.uploads.length && isIdle) {
      this.holder.dispatchEvent(new CustomEvent("uploads:finished", { bubbles: true, detail: { done, failed } }));
    }
  }

  requestOf(upload) {
    const form = new FormData();
    if (upload.batch) form.append("batch", upload.batch.id);
    if (!upload.file) {
      form.append("count", upload.batch.count);
      form.append("title", upload.batch.title);
      return [this.holder.dataset.finishUrl, form];
    }
    if (upload.batch) form.append("position", upload.position);
    form.append(this.holder.dataset.field, upload.file);
    const url = new URL(this.holder.dataset.uploadUrl, window.location.href);
    if (upload.kind && upload.kind !== "image") url.searchParams.set("kind", upload.kind);
    return [url.href, form];
  }

  send(upload) {
    upload.show("sending", "Uploading", "chip-review is-moving");
    const [url, form] = this.requestOf(upload);
    const xhr = new XMLHttpRequest();
    xhr.open("POST", url);
    xhr.setRequestHeader("X-CSRFToken", csrfToken());
    xhr.setRequestHeader("Accept", "application/json");
    xhr.upload.addEventListener("progress", (event) => {
      if (event.lengthComputable) upload.moved((event.loaded / event.total) * 100);
    });
    xhr.addEventListener("load", () => this.finish(upload, xhr));
    xhr.addEventListener("error", () => {
      upload.show("failed", "Failed", "chip-bad", explainStatus(0));
      this.next();
    });
    xhr.send(form);
  }

  finish(upload, xhr) {
    let answer = {};
    try {
      answer = JSON.parse(xhr.responseText);
    } catch {
      // An error page instead of JSON: the status says enough.
    }
    if (xhr.status >= 200 && xhr.status < 300) {
      upload.moved(100);
      upload.show("done", answer.message ?? "Uploaded", "chip-completed");
    } else {
      if (xhr.status === 401) askToLogIn();
      const words = xhr.status === 401 ? "You were logged out. Log in again, then retry." : explainStatus(xhr.status);
      upload.show("failed", "Failed", "chip-bad", answer.message ?? words);
    }
    this.next();
  }
}

function showKind(holder, choice, input) {
  input.accept = choice.dataset.accept;
  holder.querySelector("[data-hint-text]").textContent = choice.dataset.hint;
  holder.querySelector("[data-upload-title]").hidden = choice.dataset.several === undefined;
  holder.querySelector("[data-title-input]").placeholder = choice.dataset.title ?? "From the file names";
}

export function startUploads(root) {
  const holders = root.matches?.("[data-upload]") ? [root] : (root.querySelectorAll?.("[data-upload]") ?? []);
  for (const holder of holders) {
    if (holder.dataset.started) continue;
    holder.dataset.started = "yes";
    const queue = new UploadQueue(holder);
    const zone = holder.querySelector("[data-drop-zone]");
    const input = holder.querySelector("[data-upload-input]");
    for (const choice of holder.querySelectorAll("input[name=upload-kind]")) {
      choice.addEventListener("change", () => showKind(holder, choice, input));
      if (choice.checked) showKind(holder, choice, input); // a browser remembers the choice over a reload
    }
    input.addEventListener("change", () => {
      queue.add([...input.files]);
      input.value = "";
    });
    for (const name of ["dragenter", "dragover"]) {
      zone.addEventListener(name, (event) => {
        event.preventDefault();
        zone.classList.add("is-over");
      });
    }
    zone.addEventListener("dragleave", (event) => {
      if (!zone.contains(event.relatedTarget)) zone.classList.remove("is-over");
    });
    zone.addEventListener("drop", async (event) => {
      event.preventDefault();
      zone.classList.remove("is-over");
      const { files, folder } = await dropped(event.dataTransfer);
      queue.add(files, folder);
    });
    holder.querySelector("[data-upload-retry-all]").addEventListener("click", () => {
      for (const upload of queue.uploads.filter((one) => one.state === "failed")) queue.retry(upload);
    });
    window.addEventListener("beforeunload", (event) => {
      if (queue.count("sending") + queue.count("waiting")) event.preventDefault();
    });
  }
}

// The form builder of ontologies: what its buttons do, saving, and where the server's problems are shown.
import { askToLogIn } from "./dialogs.js";
import * as model from "./ontology_model.js";
import { createRows } from "./ontology_rows.js";
import { createSkeletons } from "./skeleton_rows.js";
import * as skeletons from "./skeleton_model.js";
import { csrfToken, explainStatus } from "./request.js";

const form = document.getElementById("ontology-form");
const config = JSON.parse(document.getElementById("ontology-config").textContent);
const structure = model.withKeys(config.structure);
structure.skeleton_templates = (structure.skeleton_templates ?? []).map(skeletons.editable);
for (const node of structure.objects) if (node.shape === "skeleton") node.skeletonTemplate = templateOf(node)?.featureNodeHash;
const used = new Set(config.used);
let dirty = false;

// As the server finds it: by what the class says, by its own hash, by its name.
function templateOf(node) {
  const known = [node.skeletonTemplate, node.featureNodeHash, node.name];
  return known.map((key) => key && structure.skeleton_templates.find((one) => one.name === key || one.featureNodeHash === key)).find(Boolean);
}

const rows = createRows(form, { structure, used, maxLevels: config.max_levels, act, changed });

const boards = createSkeletons(form, {
  structure,
  isLocked: (template) => structure.objects.some((node) => node.skeletonTemplate === template.featureNodeHash && model.isUsed(node, used)),
  changed,
  renamed: () => rows.draw(),
});

// ------------------------------------------------------------ what the buttons do
const ACTS = {
  "add-object": () => add(structure.objects, { ...model.newObject(model.nextColor(structure.objects, config.palette)), hotKey: model.nextHotKey(structure) }),
  "add-classification": () => add(structure.classifications, { ...model.newClassification(), hotKey: model.nextHotKey(structure) }),
  "add-attribute": ({ node }) => {
    rows.expand(node._key);
    return add(node.attributes, model.newAttribute());
  },
  "add-option": ({ node }) => add(node.options, model.newOption()),
  "add-nested": ({ node }) => add((node.options ??= []), model.newAttribute()),
  type: ({ node }, type) => model.changeType(node, type),
  shape: ({ node }, shape) => {
    node.shape = shape;
    if (shape !== "skeleton") return;
    // A class that is drawn as a skeleton has one: the first there is, or a new one of its name.
    const template = structure.skeleton_templates[0] ?? skeletons.newTemplate(node.name);
    if (!structure.skeleton_templates.length) structure.skeleton_templates.push(template);
    node.skeletonTemplate = template.featureNodeHash;
    boards.draw();
  },
  skeletonTemplate: ({ node }, template) => {
    node.skeletonTemplate = template;
    boards.draw();
  },
  toggle: ({ node }) => rows.flip(node._key),
  up: ({ list, index }) => model.move(list, index, -1),
  down: ({ list, index }) => model.move(list, index, 1),
  delete: ({ list, index }) => void list.splice(index, 1),
  archive: ({ node }) => void (node.archived = true),
  restore: ({ node }) => void (node.archived = false),
};

function add(list, node) {
  list.push(node);
  return node._key;
}

function addSkeleton() {
  const template = skeletons.newTemplate();
  structure.skeleton_templates.push(template);
  boards.draw();
  rows.draw();
  changed();
  const row = boards.rowOf(template);
  row.querySelector('[data-field="name"]').focus();
  row.scrollIntoView({ block: "nearest" });
}

function act(name, key, value) {
  if (name === "add-skeleton") return addSkeleton();
  const place = key ? model.find(structure, key) : null;
  if (key && !place) return;
  const result = ACTS[name](place, value);
  rows.draw();
  showCounts();
  if (name !== "toggle") changed();
  focusAfter(name, key, typeof result === "string" ? result : "");
}

// A new node's name takes the focus; otherwise the control that was used, or what took its place.
function focusAfter(name, key, added) {
  const row = rows.rowOf(added || key) ?? form;
  const next = { archive: "restore", restore: "archive" }[name] ?? name;
  const wanted = ["type", "shape", "skeletonTemplate"].includes(name) ? `[data-field="${name}"]` : `[data-act="${next}"]:not(:disabled, [hidden])`;
  const control = added ? row.querySelector('input[type="text"]') : row.querySelector(wanted);
  (control ?? row.querySelector("input:not(:disabled), button:not(:disabled, [hidden])"))?.focus();
  if (added) row.scrollIntoView({ block: "nearest" });
}

form.addEventListener("click", (event) => {
  const button = event.target.closest("[data-act]");
  if (button && !button.disabled) act(button.dataset.act, button.dataset.key);
});

// Enter in an option's label goes on to the next option, and makes one at the end.
form.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !event.target.matches("input")) return;
  event.preventDefault();
  if (!event.target.matches("[data-label-input]")) return;
  const next = event.target.closest("li").nextElementSibling;
  if (next) next.querySelector("[data-label-input]").focus();
  else act("add-option", event.target.dataset.attribute);
});

function changed() {
  dirty = true;
}

function showCounts() {
  const numbers = model.counts(structure);
  for (const [part, number] of Object.entries(numbers)) form.querySelector(`[data-count-of="${part}"]`).textContent = number;
}

// ------------------------------------------------------------ saving
async function save() {
  const button = form.querySelector("[data-save]");
  clearProblems();
  button.setAttribute("aria-busy", "true");
  try {
    const response = await fetch(config.save_url, {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": csrfToken() },
      body: JSON.stringify({ ...texts(), stamp: config.stamp, structure: forSaving() }),
    });
    await answered(response);
  } catch {
    showNotice(explainStatus(0));
  } finally {
    button.removeAttribute("aria-busy");
  }
}

function forSaving() {
  const whole = model.forSaving(structure);
  for (const node of whole.objects) if (node.shape !== "skeleton") delete node.skeletonTemplate;
  return { ...whole, skeleton_templates: structure.skeleton_templates.map(skeletons.stored) };
}

function texts() {
  return { title: form.elements.title.value, description: form.elements.description.value };
}

async function answered(response) {
  const answer = await response.json().catch(() => ({}));
  if (response.ok) {
    dirty = false;
    window.location.assign(answer.url);
  } else if (response.status === 401) askToLogIn();
  else if (response.status === 422) showProblems(answer.problems ?? []);
  else if (response.status === 409) showConflict(answer);
  else showNotice(answer.message ?? explainStatus(response.status));
}

// ------------------------------------------------------------ problems, beside what they are about
function showProblems(problems) {
  const places = problems.map((problem) => ({ ...model.placeOf(structure, problem.path), path: problem.path, message: problem.message }));
  for (const { key } of places) {
    const item = topOf(key);
    if (item) rows.expand(item._key);
  }
  rows.draw();
  for (const place of places) showProblem(place);
  showNotice(problems.length === 1 ? "One thing has to be put right first; nothing was saved." : `${problems.length} things have to be put right first; nothing was saved.`);
  form.querySelector('[aria-invalid="true"]')?.focus();
}

function topOf(key) {
  return structure.objects.find((node) => node._key === key || [...model.walk({ objects: [node], classifications: [] })].some((place) => place.node._key === key));
}

function showProblem({ key, field, path, message }) {
  const row = key ? rows.rowOf(key) : form;
  const input = boards.controlAt(path) ?? row.querySelector(`[data-field="${CSS.escape(field.split(".")[0])}"]`) ?? row.querySelector("[data-field]");
  const text = document.getElementById("ontology-problem").content.firstElementChild.cloneNode(true);
  text.querySelector("[data-text]").textContent = message;
  if (!input) return void form.querySelector("[data-problems]").append(text);
  input.setAttribute("aria-invalid", "true");
  text.id = `problem-${model.newKey()}`;
  input.setAttribute("aria-describedby", text.id);
  const line = input.closest("[data-line]");
  if (line.classList.contains("field")) line.append(text); // beside it is another field
  else line.after(text);
}

function showNotice(message) {
  const notice = form.querySelector("[data-notice]");
  notice.querySelector("[data-text]").textContent = message;
  notice.hidden = false;
  notice.scrollIntoView({ block: "nearest" });
}

function showConflict(answer) {
  showNotice(answer.message);
  const ways = form.querySelector("[data-conflict]");
  ways.querySelector("a").href = answer.latest_url;
  ways.hidden = false;
}

function clearProblems() {
  for (const text of form.querySelectorAll("[data-problem]")) text.remove();
  for (const input of form.querySelectorAll("[aria-invalid]")) input.removeAttribute("aria-invalid");
  form.querySelector("[data-notice]").hidden = true;
  form.querySelector("[data-conflict]").hidden = true;
}

// After a conflict the edit can be kept as a file and imported or compared later.
function downloadEdit() {
  const file = new Blob([JSON.stringify(forSaving(), null, 2)], { type: "application/json" });
  const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(file), download: "my-ontology-edit.json" });
  link.click();
  URL.revokeObjectURL(link.href);
}

// ------------------------------------------------------------ start
form.elements.title.value = config.title;
form.elements.description.value = config.description;
for (const name of ["title", "description"]) form.elements[name].addEventListener("input", changed);
form.querySelector("[data-download]").addEventListener("click", downloadEdit);
form.addEventListener("submit", (event) => {
  event.preventDefault();
  save();
});
window.addEventListener("beforeunload", (event) => {
  if (dirty) event.preventDefault();
});
if (structure.objects.length === 1) rows.expand(structure.objects[0]._key);
rows.draw();
boards.draw();
showCounts();

// Bulk selection: check boxes in rows, a bar with counts per action.
//
// <form data-bulk> ... <div data-bulk-bar hidden> <b data-bulk-count></b>
//   <button data-bulk-label="Assign {n} free" data-bulk-kind="free"> ... </div>
//   <input type="checkbox" data-select-all> ... <input type="checkbox" data-select data-kinds="free mine" name="task" value="...">

// How many of the ticked rows an action will touch; without a kind, all of them.
export function countOfKind(kindsOfTicked, kind) {
  return kind ? kindsOfTicked.filter((kinds) => kinds.split(" ").includes(kind)).length : kindsOfTicked.length;
}

function boxesOf(form) {
  return [...form.querySelectorAll("input[data-select]:not(:disabled)")];
}

export function refresh(form) {
  const boxes = boxesOf(form);
  const ticked = boxes.filter((box) => box.checked);
  const kinds = ticked.map((box) => box.dataset.kinds ?? "");
  for (const bar of form.querySelectorAll("[data-bulk-bar]")) bar.hidden = ticked.length === 0;
  for (const count of form.querySelectorAll("[data-bulk-count]")) count.textContent = ticked.length;
  for (const all of form.querySelectorAll("[data-select-all]")) {
    all.checked = ticked.length > 0 && ticked.length === boxes.length;
    all.indeterminate = ticked.length > 0 && ticked.length < boxes.length;
  }
  for (const button of form.querySelectorAll("[data-bulk-label]")) {
    const count = countOfKind(kinds, button.dataset.bulkKind);
    button.textContent = button.dataset.bulkLabel.replace("{n}", count);
    button.disabled = count === 0;
  }
}

export function startBulk() {
  let last = null;
  document.addEventListener("click", (event) => {
    const form = event.target.closest("[data-bulk]");
    if (!form) return;
    if (event.target.matches("[data-select-all]")) {
      for (const box of boxesOf(form)) box.checked = event.target.checked;
    } else if (event.target.closest("[data-bulk-clear]")) {
      for (const box of boxesOf(form)) box.checked = false;
    } else if (event.target.matches("[data-select]")) {
      if (event.shiftKey && last?.isConnected) tickBetween(boxesOf(form), last, event.target);
      last = event.target;
    } else return;
    refresh(form);
  });
  // Enter in a check box would press the form's first button.
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target.matches?.("[data-bulk] input[type=checkbox]")) event.preventDefault();
  });
  document.addEventListener("htmx:load", (event) => {
    const piece = event.detail.elt;
    const forms = new Set([piece.closest?.("[data-bulk]"), ...(piece.querySelectorAll?.("[data-bulk]") ?? [])]);
    for (const form of forms) if (form) refresh(form);
  });
}

function tickBetween(boxes, from, to) {
  const [start, end] = [boxes.indexOf(from), boxes.indexOf(to)].sort((a, b) => a - b);
  for (const box of boxes.slice(start, end + 1)) box.checked = to.checked;
}

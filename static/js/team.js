// Team page: a chosen role is posted at once; becoming an admin, or no annotator any more, is confirmed first. Also narrows long lists to choose from.

function ask(dialog) {
  return new Promise((answer) => {
    dialog.returnValue = "no";
    dialog.showModal();
    dialog.addEventListener("close", () => answer(dialog.returnValue === "yes"), { once: true });
  });
}

// Who annotated and will not any more leaves open tasks behind.
function leavesTasks(select) {
  const annotates = select.dataset.annotates.split(" ");
  return annotates.includes(select.dataset.now) && !annotates.includes(select.value);
}

async function change(select) {
  const form = select.form;
  if (leavesTasks(select)) {
    const dialog = document.getElementById("leave-role");
    dialog.querySelector("[data-leaving-text]").textContent = select.dataset.leaving;
    if (!(await ask(dialog))) {
      select.value = select.dataset.now;
      return;
    }
  }
  if (select.value === "admin") {
    if (!(await ask(document.getElementById("make-admin")))) {
      select.value = select.dataset.now;
      return;
    }
    const confirmed = document.createElement("input");
    Object.assign(confirmed, { type: "hidden", name: "confirmed", value: "on" });
    form.append(confirmed);
  }
  form.requestSubmit();
}

function matches(text, words) {
  const found = text.toLowerCase();
  return words.toLowerCase().split(/\s+/).every((word) => found.includes(word));
}

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-role-select]")) change(event.target);
});
document.addEventListener("input", (event) => {
  const list = event.target.dataset?.narrow && document.querySelector(event.target.dataset.narrow);
  for (const item of list?.children ?? []) item.hidden = !matches(item.textContent, event.target.value);
});

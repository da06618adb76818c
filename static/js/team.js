// Team page: a chosen role is posted at once; becoming an admin is confirmed first. Also narrows long lists to choose from.

function ask(dialog) {
  return new Promise((answer) => {
    dialog.returnValue = "no";
    dialog.showModal();
    dialog.addEventListener("close", () => answer(dialog.returnValue === "yes"), { once: true });
  });
}

async function change(select) {
  const form = select.form;
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

export function matches(text, words) {
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

// Task list: "Assign" on a row ticks only that row and goes to the choice of the person in the bulk bar.

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-assign]");
  const form = button?.closest("[data-bulk]");
  if (!form) return;
  for (const box of form.querySelectorAll("input[data-select]")) {
    if (box.checked !== (box.value === button.dataset.assign)) box.click();
  }
  form.querySelector("select[name=assignee]").focus();
});

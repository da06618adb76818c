// A form with data-ask-before-leaving: leaving the page with changes that are not saved asks first.

const asking = new Set();

document.addEventListener("input", (event) => {
  const form = event.target.form;
  if (form?.hasAttribute("data-ask-before-leaving")) asking.add(form);
});
document.addEventListener("submit", (event) => asking.delete(event.target));
window.addEventListener("beforeunload", (event) => {
  if (asking.size) event.preventDefault();
});

// A search field over a short list that is already on the page: <input data-narrow="#list"> hides what does not match.

export function matches(text, words) {
  const plain = (value) => value.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  const haystack = plain(text);
  return plain(words).split(/\s+/).every((word) => haystack.includes(word));
}

export function startNarrowing() {
  document.addEventListener("input", (event) => {
    const field = event.target.closest("[data-narrow]");
    if (!field) return;
    for (const item of document.querySelector(field.dataset.narrow).children) {
      item.hidden = !matches(item.textContent, field.value);
    }
  });
}

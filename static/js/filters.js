// Filter bars: short addresses, counts on the filter buttons, the phone's Filter button.

export function startFilters() {
  document.addEventListener("htmx:configRequest", (event) => {
    if (!event.detail.elt.matches?.("[data-filter-form]")) return;
    const values = event.detail.formData;
    for (const [key, value] of [...values]) if (value === "") values.delete(key);
  });
  document.addEventListener("change", (event) => {
    const panel = event.target.closest("[data-filter-form] .menu-panel");
    if (!panel) return;
    const button = document.querySelector(`[data-filter-button][popovertarget="${CSS.escape(panel.id)}"]`);
    const count = panel.querySelectorAll("input:checked").length;
    button.classList.toggle("is-set", count > 0);
    button.querySelector("[data-filter-count]").textContent = count || "";
  });
  document.addEventListener("click", (event) => {
    const toggle = event.target.closest("[data-filter-toggle]");
    if (!toggle) return;
    const open = toggle.closest(".filter-bar").classList.toggle("is-open");
    toggle.setAttribute("aria-expanded", String(open));
  });
}

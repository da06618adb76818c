// Runs before the first paint (a classic script in <head>), so that a dark page never flashes white.
// A logged-in person's choice comes from the server and is mirrored for the log-in and error pages.
(() => {
  const root = document.documentElement;
  const system = matchMedia("(prefers-color-scheme: dark)");

  function remember(choice) {
    try {
      localStorage.setItem("annotrain-theme", choice);
    } catch {
      // Storage may be forbidden; the page then follows the system.
    }
  }

  function remembered() {
    try {
      return localStorage.getItem("annotrain-theme");
    } catch {
      return null;
    }
  }

  function paint() {
    const choice = root.dataset.theme;
    const dark = choice === "dark" || (choice === "auto" && system.matches);
    root.dataset.bsTheme = dark ? "dark" : "light";
    document.dispatchEvent(new CustomEvent("themechange", { detail: { choice, dark } }));
  }

  if (root.dataset.person) remember(root.dataset.theme);
  else root.dataset.theme = remembered() || root.dataset.theme;
  paint();
  system.addEventListener("change", paint);
  document.addEventListener("settheme", (event) => {
    root.dataset.theme = event.detail;
    remember(event.detail);
    paint();
  });
})();

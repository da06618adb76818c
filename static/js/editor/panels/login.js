/** The session is over: log in here and go on, without leaving the page or losing anything. */

import { el } from "../dom.js";
import { ask } from "./dialogs.js";

const field = (label, attributes) => {
  const input = el("input", { class: "form-control", required: true, ...attributes });
  return {
    input,
    element: el("div", { class: "field" }, el("label", { for: attributes.id, text: label }), input),
  };
};

/** Resolves with "retry" once the person is logged in again (here or in another tab), or null when it was closed. */
export function askLogin({ api, loginUrl, person, name }) {
  const email = field("E-mail address", { id: "login-email", type: "email", autocomplete: "username" });
  const password = field("Password", {
    id: "login-password",
    type: "password",
    autocomplete: "current-password",
  });
  const problem = el("p", { class: "field-error", role: "alert", hidden: true });
  const button = el("button", { type: "submit", class: "btn btn-primary", text: "Log in and go on" });

  async function submit(event) {
    event.preventDefault();
    problem.hidden = true;
    button.setAttribute("aria-busy", "true");
    button.disabled = true;
    const wrong = await api.logIn({
      loginUrl,
      email: email.input.value.trim(),
      password: password.input.value,
      person,
    });
    button.removeAttribute("aria-busy");
    button.disabled = false;
    if (!wrong) return form.closest("dialog").close("retry");
    problem.textContent = wrong;
    problem.hidden = false;
    password.input.value = "";
    password.input.focus();
  }

  const form = el(
    "form",
    { class: "ed-login", novalidate: true, on: { submit } },
    email.element,
    password.element,
    problem,
    button,
  );
  const answer = ask({
    title: "You have been logged out",
    body: [
      el("p", {
        text: `Your last changes are kept in this browser. Log in again as ${name} and go on: nothing is lost.`,
      }),
      loginUrl && form,
    ],
    buttons: [
      ...(loginUrl ? [{ key: "open", label: "Log in in a new tab", href: loginUrl }] : []),
      { key: "retry", label: "I have logged in, go on", primary: !loginUrl },
    ],
  });
  if (loginUrl) email.input.focus();
  return answer;
}

// Renews the worklist when something changed: at once while nothing is being chosen or typed, else it says so first.
// Selects all at once, and asks for what an action needs.
// Without this script the list works by reloading.
"use strict";

const list = document.getElementById("list");
const news = document.getElementById("news");

function busy() {
  const form = document.getElementById("acting");
  if (!form) return false;
  const typed = [...form.querySelectorAll("select, input:not([type=hidden]):not([type=checkbox])")].some((field) => field.value);
  return typed || form.querySelector("input:checked") !== null || form.querySelector(".actions").contains(document.activeElement);
}

// How to find an element again in the renewed list.
function selectorOf(element) {
  if (element.id) return `#${CSS.escape(element.id)}`;
  const name = element.hasAttribute("href") ? "href" : "value";
  return element.hasAttribute(name) ? `[${name}="${CSS.escape(element.getAttribute(name))}"]` : null;
}

async function renew() {
  if (busy() || document.visibilityState !== "visible") { news.hidden = false; return; }
  const answer = await fetch(window.location.href, { headers: { Accept: "text/html" }, credentials: "same-origin" });
  if (!answer.ok || answer.redirected) { news.hidden = false; return; }
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.getElementById("list");
  if (!fresh || busy()) { news.hidden = false; return; }
  const focused = list.contains(document.activeElement) ? selectorOf(document.activeElement) : null;
  list.replaceChildren(...document.adoptNode(fresh).childNodes);
  offerEvery();
  if (focused) list.querySelector(focused)?.focus({ preventScroll: true });
  news.hidden = true;
}

// What a button needs is asked for before it is sent, so that the selection stays.
document.addEventListener("click", (event) => {
  const button = event.target.closest?.("button[name=action]");
  if (!button) return;
  for (const field of button.form.elements) if (field.required !== undefined && field.type !== "checkbox") field.required = field.name === button.dataset.needs;
});

document.addEventListener("change", (event) => {
  const boxes = [...document.querySelectorAll("input[name=finding]")];
  const every = document.getElementById("every");
  if (!every) return;
  if (event.target === every) for (const box of boxes) box.checked = every.checked;
  const chosen = boxes.filter((box) => box.checked).length;
  every.checked = chosen > 0 && chosen === boxes.length;
  every.indeterminate = chosen > 0 && chosen < boxes.length;
});

function offerEvery() { const every = document.getElementById("every"); if (every) every.hidden = false; }
offerEvery();

if (list) {
  const stream = new EventSource(list.dataset.news);
  stream.addEventListener("changed", () => { renew().catch(() => { news.hidden = false; }); });
  window.addEventListener("pagehide", () => stream.close());
}

// Renews the worklist when something changed: at once while nothing is being chosen or typed, else it says so first.
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

async function renew() {
  if (busy() || document.visibilityState !== "visible") { news.hidden = false; return; }
  const answer = await fetch(window.location.href, { headers: { Accept: "text/html" }, credentials: "same-origin" });
  if (!answer.ok || answer.redirected) { news.hidden = false; return; }
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.getElementById("list");
  if (!fresh || busy()) { news.hidden = false; return; }
  const focused = list.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
  list.replaceChildren(...document.adoptNode(fresh).childNodes);
  if (focused !== null) list.querySelector(`[href="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
  news.hidden = true;
}

if (list) {
  const stream = new EventSource(list.dataset.news);
  stream.addEventListener("changed", () => { renew().catch(() => { news.hidden = false; }); });
  window.addEventListener("pagehide", () => stream.close());
}

// Keeps the parts of a page fresh (elements with an id and `data-part`), when the event stream named by `data-live`
// says that something changed, and while one types in a form marked with `data-instant`.
// Without this script the page works by reloading.
"use strict";

async function refresh(address) {
  const answer = await fetch(address, { headers: { Accept: "text/html" }, credentials: "same-origin" });
  if (!answer.ok || answer.redirected) { window.location.reload(); return; }
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const part of document.querySelectorAll("[data-part]")) {
    const fresh = page.getElementById(part.id);
    if (fresh) replace(part, fresh);
  }
}

// Focus and sideways scrolling stay where they were.
function replace(part, fresh) {
  const focused = part.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
  const scrolled = [...part.querySelectorAll(".scroll")].map((box) => box.scrollLeft);
  part.replaceChildren(...document.adoptNode(fresh).childNodes);
  part.querySelectorAll(".scroll").forEach((box, at) => { box.scrollLeft = scrolled[at] || 0; });
  if (focused !== null) part.querySelector(`[href="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
}

let running = false, again = false;
async function renew() {
  if (running || document.visibilityState !== "visible") { again = true; return; }
  running = true;
  again = false;
  try { await refresh(window.location.href); } catch { /* the next event tries again */ }
  running = false;
  if (again) renew();
}

const told = document.querySelector("[data-live]");
if (told) {
  const stream = new EventSource(told.dataset.live);
  stream.addEventListener("changed", renew);
  document.addEventListener("visibilitychange", () => { if (again) renew(); });
  window.addEventListener("pagehide", () => stream.close());
}

for (const form of document.querySelectorAll("form[data-instant]")) {
  let waiting;
  const search = () => {
    const address = new URL(form.action);
    address.search = new URLSearchParams(new FormData(form)).toString();
    window.history.replaceState(null, "", address);
    renew();
  };
  form.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(search, 200); });
  form.addEventListener("submit", (event) => { event.preventDefault(); clearTimeout(waiting); search(); });
}

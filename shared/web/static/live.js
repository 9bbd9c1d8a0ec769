// Keeps the parts of a page fresh that are marked with data-live="<address of an event stream>", and searches while
// one types in a form marked with data-instant="<id of the part>". Without this script the page works by reloading.
"use strict";

async function refresh(part, address) {
  const answer = await fetch(address, { headers: { Accept: "text/html" }, credentials: "same-origin" });
  if (!answer.ok || answer.redirected) { window.location.reload(); return; }
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.getElementById(part.id);
  if (!fresh) return;
  const focused = part.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
  const scrolled = [...part.querySelectorAll(".scroll")].map((box) => box.scrollLeft);
  part.replaceChildren(...document.adoptNode(fresh).childNodes);
  part.querySelectorAll(".scroll").forEach((box, at) => { box.scrollLeft = scrolled[at] || 0; });
  if (focused !== null) part.querySelector(`[href="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
}

for (const part of document.querySelectorAll("[data-live]")) {
  let running = false, again = false;
  const renew = async () => {
    if (running) { again = true; return; }
    running = true;
    try { await refresh(part, window.location.href); } catch { /* the next event tries again */ }
    running = false;
    if (again) { again = false; renew(); }
  };
  const stream = new EventSource(part.dataset.live);
  stream.addEventListener("changed", () => { if (document.visibilityState === "visible") renew(); else again = true; });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible" && again) { again = false; renew(); }
  });
  window.addEventListener("pagehide", () => stream.close());
}

for (const form of document.querySelectorAll("form[data-instant]")) {
  const part = document.getElementById(form.dataset.instant);
  let waiting;
  const search = async () => {
    const address = new URL(form.action);
    address.search = new URLSearchParams(new FormData(form)).toString();
    window.history.replaceState(null, "", address);
    try { await refresh(part, address); } catch { form.submit(); }
  };
  const soon = () => { clearTimeout(waiting); waiting = setTimeout(search, 200); };
  form.addEventListener("input", soon);
  form.addEventListener("submit", (event) => { event.preventDefault(); clearTimeout(waiting); search(); });
}

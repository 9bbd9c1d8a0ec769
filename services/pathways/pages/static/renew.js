// Looks again every three seconds while something is under way, and shows the new state in place.
"use strict";

async function renew() {
  const place = document.querySelector("[data-renew]");
  if (!place) return;
  if (!document.hidden) {
    try {
      const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const part = place.dataset.renew || "content";
      const now = document.getElementById(part);
      const then = page.getElementById(part);
      if (answer.ok && now && then && !now.contains(document.activeElement)) now.replaceWith(then);
    } catch {
      // Away for the moment: the next look may find it again.
    }
  }
  setTimeout(renew, 3000);
}

setTimeout(renew, 3000);

// Brings today into view where the drawing is wider than the screen, also after the drawing was renewed.
// Without this script it begins at its right end.
"use strict";


function showToday() {
  const roll = document.querySelector("#picture .roll");
  const today = roll?.querySelector("line.today");
  if (!today || roll.scrollWidth <= roll.clientWidth) return;
  const room = roll.getBoundingClientRect();
  const before = roll.querySelector(".would") ? 0.4 : 0.75; // of the width, for what lies before today
  roll.scrollLeft += today.getBoundingClientRect().left - room.left - room.width * before;
}

showToday();
const picture = document.getElementById("picture");
if (picture) new MutationObserver(showToday).observe(picture.parentElement, { childList: true });
if (picture) new MutationObserver(showToday).observe(picture, { childList: true });

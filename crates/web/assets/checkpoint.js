// Keeps the field ready for a hand scanner, which types the code and presses Enter.
"use strict";
(() => {
  const field = document.getElementById("code");
  if (!field) return;
  field.focus({ preventScroll: true });
  document.addEventListener("keydown", (event) => {
    const typing = event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey;
    const onControl = event.target.closest("input, textarea, button, a, summary");
    if (typing && !onControl) field.focus({ preventScroll: true });
  });
})();

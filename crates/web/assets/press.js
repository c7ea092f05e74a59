// A double tap on a button sends its form once. Where it matters most the form also has a number of its own, by
// which the server counts it once without this script.
"use strict";
addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented) return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
  if (form.classList.contains("sign-out")) forgetDrafts();
  // This page stays where the answer is a file or opens beside it.
  setTimeout(() => { delete form.dataset.sent; }, form.target ? 1000 : 10000);
});
// The next one at this desk does not find what the one before was writing.
function forgetDrafts() {
  try {
    const drafts = Object.keys(sessionStorage).filter((name) => name.startsWith("draft-"));
    for (const name of drafts) sessionStorage.removeItem(name);
  } catch {
    // A browser that keeps nothing.
  }
}
// Back on this page, the form may be sent again.
addEventListener("pageshow", () => { for (const form of document.forms) delete form.dataset.sent; });

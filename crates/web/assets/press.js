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
  // This page stays where the answer is a file or opens beside it.
  setTimeout(() => { delete form.dataset.sent; }, form.target ? 1000 : 10000);
});
// Back on this page, the form may be sent again.
addEventListener("pageshow", () => { for (const form of document.forms) delete form.dataset.sent; });

// The pass of a square stands behind the # of its address, which no browser sends and no log keeps. It goes into
// the form, out of the address, and is posted from here. Without this script somebody pastes the address.
"use strict";
(() => {
  // The question whether this device becomes a scanner holds the pass: another language asks it again.
  const held = document.querySelector('input[type="hidden"][name="pass"]');
  if (held) for (const link of document.querySelectorAll(".languages a")) link.hash = held.value;
  const form = document.getElementById("enrol");
  if (!form) return;
  const take = () => {
    const pass = location.hash.slice(1);
    // Links of this page have a place in it behind the #, which is no pass.
    if (!/^[0-9a-f-]{32,36}\.[0-9a-f]{64}$/.test(pass)) return;
    history.replaceState(null, "", `${location.pathname}${location.search}`);
    form.elements.pass.value = pass;
    form.submit();
  };
  take();
  addEventListener("hashchange", take);
})();

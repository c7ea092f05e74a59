// The pass of a square stands behind the # of its address, which no browser sends and no log keeps. It goes into
// the form, out of the address, and is posted from here. Without this script somebody pastes the address.
"use strict";
(() => {
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

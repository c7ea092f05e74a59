// In the demonstration days pass at a press: what other scripts ask for the time is the time in the city. The
// other windows of the city are drawn anew once a day has passed.
"use strict";
(() => {
  const ahead = Number(document.documentElement.dataset.now) * 1000 - Date.now();
  const days = String(Math.round(ahead / (24 * 3600 * 1000)));
  if (days !== "0") {
    const now = Date.now.bind(Date);
    Date.now = () => now() + ahead;
  }
  addEventListener("storage", ({ key, newValue }) => {
    if (key !== "healthcode-demo-days" || newValue === days) return;
    // What was scanned a day ago is not scanned again.
    location.assign(location.pathname.startsWith("/demo/") ? "/checkpoint" : location.href);
  });
  try {
    if (localStorage.getItem("healthcode-demo-days") !== days) localStorage.setItem("healthcode-demo-days", days);
  } catch {
    // A browser that keeps nothing: each window is opened anew by hand.
  }
})();

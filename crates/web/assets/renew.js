// Renews the code on the page quietly, without a reload that would throw a reader back to the top.
// Without this script the page still works: it asks for itself again every few minutes.
"use strict";
(() => {
  const seconds = 60;
  let version = document.documentElement.dataset.verdict;
  let issuer = document.documentElement.dataset.issuer;

  async function renew() {
    if (document.hidden) return;
    let text;
    try {
      const answer = await fetch("/me", { credentials: "same-origin", cache: "no-store" });
      if (!answer.ok) return;
      text = await answer.text();
    } catch {
      return; // No network: the code that is shown stays good until it ends.
    }
    const page = new DOMParser().parseFromString(text, "text/html");
    const fresh = page.documentElement.dataset.verdict;
    const changed = fresh !== version || page.documentElement.dataset.issuer !== issuer;
    issuer = page.documentElement.dataset.issuer;
    // A phone that shows its code live draws it itself.
    if (changed) queueMicrotask(() => document.dispatchEvent(new Event("healthcode-changed")));
    if (fresh !== version) {
      // Another colour or reason: show all of it and let a screen reader say it.
      version = fresh;
      const now = page.querySelector("main");
      document.querySelector("main").replaceChildren(...now.childNodes);
      document.title = page.title;
      document.documentElement.dataset.verdict = fresh;
      return;
    }
    if (document.documentElement.dataset.live === "yes") return;
    for (const part of ["code-square", "code-made", "code-text"]) {
      const shown = document.getElementById(part);
      const next = page.getElementById(part);
      if (shown && next) shown.replaceChildren(...next.childNodes);
    }
  }

  const quick = document.documentElement.dataset.demo === "yes";
  setInterval(renew, (quick ? 3 : seconds) * 1000);
  document.addEventListener("visibilitychange", renew);
})();

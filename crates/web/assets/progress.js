// Moves the bar while everybody is decided, or contacts are searched for, without a reload that
// would lose what is being typed.
// Without this script the page asks for itself again every two seconds.
"use strict";
(() => {
  const pause = 1000;

  function move(shown, next) {
    const [bar, fresh] = [shown.querySelector("progress"), next.querySelector("progress")];
    for (const name of ["value", "max"]) {
      if (fresh.hasAttribute(name)) bar.setAttribute(name, fresh.getAttribute(name));
    }
    const [said, news] = [shown.querySelector("#progress-text"), next.querySelector("#progress-text")];
    // The same words again would be read aloud again.
    if (said.textContent !== news.textContent) said.textContent = news.textContent;
  }

  async function renew() {
    const shown = document.getElementById("progress");
    if (!shown) return;
    try {
      const answer = await fetch(location.href, { credentials: "same-origin", cache: "no-store" });
      if (answer.ok) {
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        const next = page.getElementById("progress");
        if (next) {
          move(shown, next);
        } else {
          // It is done: show the rest, and keep what was typed.
          const typed = document.getElementById("reason")?.value;
          document.querySelector("main").replaceChildren(...page.querySelector("main").childNodes);
          const field = document.getElementById("reason");
          if (field && typed) field.value = typed;
        }
      }
    } catch {
      // No network: the next turn asks again.
    }
    setTimeout(renew, pause);
  }

  setTimeout(renew, pause);
})();

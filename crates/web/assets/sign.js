// Renews the sign at the door every 20 seconds. While the server does not answer, it asks again and hides a
// sign that counts no longer. Without this script the page asks for itself again.
"use strict";
(() => {
  const pause = 20_000;
  const counts = 60_000;
  let renewed = Date.now();

  async function renew() {
    try {
      const answer = await fetch(location.href, { credentials: "same-origin", cache: "no-store" });
      if (answer.ok) {
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        document.querySelector("main").replaceChildren(...page.querySelector("main").childNodes);
        renewed = Date.now();
      }
    } catch {
      // No network: the next turn asks again.
    }
    const isOld = Date.now() - renewed >= counts;
    const [sign, late] = ["sign", "sign-late"].map((id) => document.getElementById(id));
    if (sign && late) [sign.hidden, late.hidden] = [isOld, !isOld];
    setTimeout(renew, pause);
  }

  setTimeout(renew, pause);
})();

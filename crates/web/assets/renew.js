// Renews the code on the page quietly, without a reload that would throw a reader back to the top.
// Without this script the page still works: it asks for itself again every few minutes.
"use strict";
(() => {
  const seconds = 60;
  const patience = 5 * 1000;
  const root = document.documentElement;
  const who = root.dataset.person ? `?person=${root.dataset.person}` : "";
  let version = root.dataset.verdict;
  let issuer = root.dataset.issuer;
  let news = Number(root.dataset.kept ?? root.dataset.at);

  const ask = async (address) => {
    const signal = AbortSignal.timeout?.(patience);
    const answer = await fetch(address, { credentials: "same-origin", cache: "no-store", signal });
    // A server that fails, or does not answer, is one that is not there.
    if (answer.status >= 500) throw new Error(String(answer.status));
    // Signed out elsewhere, or no longer allowed to show this person: the server says so on the page.
    if (answer.redirected || (!answer.ok && answer.status !== 429)) location.reload();
    return answer.ok && !answer.redirected ? answer : undefined;
  };

  // "%1" and "%2" in the words of a page.
  function said(words, ...values) {
    const clock = new Intl.DateTimeFormat(root.lang, {
      day: "numeric", month: "short", hour: "numeric", minute: "2-digit", hourCycle: "h23",
    });
    const at = (value) => clock.format(new Date(value * 1000));
    return values.reduce((text, value, place) => text.replace(`%${place + 1}`, at(value)), words);
  }

  // Says how old the page is when there is no network, and that its code has ended.
  function isLost() {
    root.dataset.network = "lost";
    const note = document.getElementById("code-network");
    const square = document.getElementById("code-square");
    if (!note || !square) return;
    const until = Number(square.dataset.expires);
    const isOver = until <= Date.now() / 1000;
    if (isOver) square.textContent = square.dataset.ended;
    note.textContent = isOver ? note.dataset.over : said(note.dataset.words, news, until);
    note.hidden = false;
  }

  function isThere() {
    news = Math.floor(Date.now() / 1000);
    if (root.dataset.network === "lost") document.dispatchEvent(new Event("healthcode-changed"));
    root.dataset.network = "there";
    const note = document.getElementById("code-network");
    if (note) note.hidden = true;
  }

  // Whether a plain code has less than half of its quarter of an hour.
  function isOld() {
    const square = document.getElementById("code-square");
    if (!square || root.dataset.live === "yes") return false;
    return Number(square.dataset.expires) - Date.now() / 1000 < 450;
  }

  async function renew() {
    if (document.hidden) return;
    let page;
    try {
      const pulse = await ask(`/me/pulse${who}`);
      isThere();
      if (!pulse) return;
      const fresh = await pulse.json();
      const changed = fresh.verdict !== version || String(fresh.issuer) !== issuer;
      if (!changed && !isOld() && !root.dataset.kept) return;
      const answer = await ask(`/me${who}`);
      if (!answer) return;
      page = new DOMParser().parseFromString(await answer.text(), "text/html");
    } catch {
      isLost(); // The code that is shown stays good until it ends.
      return;
    }
    const fresh = page.documentElement.dataset;
    const changed = fresh.verdict !== version || fresh.issuer !== issuer || root.dataset.kept;
    issuer = fresh.issuer;
    delete root.dataset.kept;
    // A phone that shows its code live draws it itself.
    if (changed) queueMicrotask(() => document.dispatchEvent(new Event("healthcode-changed")));
    if (changed) {
      // Another colour or reason: show all of it and let a screen reader say it.
      version = fresh.verdict;
      const now = page.querySelector("main");
      document.querySelector("main").replaceChildren(...now.childNodes);
      document.title = page.title;
      root.dataset.verdict = version;
      return;
    }
    if (root.dataset.live === "yes") return;
    for (const part of ["code-square", "code-made", "code-text"]) {
      const shown = document.getElementById(part);
      const next = page.getElementById(part);
      if (!shown || !next) continue;
      shown.replaceChildren(...next.childNodes);
      if (next.dataset.expires) shown.dataset.expires = next.dataset.expires;
    }
  }

  const quick = root.dataset.demo === "yes";
  setInterval(renew, (quick ? 3 : seconds) * 1000);
  document.addEventListener("visibilitychange", renew);
  for (const change of ["online", "offline"]) addEventListener(change, renew);
  // A live code holds for longer than the plain one that the page came with.
  document.addEventListener("healthcode-drawn", () => {
    if (root.dataset.network === "lost") isLost();
  });
  if (root.dataset.kept) renew();
})();

// Sends the report without leaving the page, so that a lost network loses nothing that was filled in: the
// form stays as it is and is sent when there is a network again. Pressing twice sends once, because the
// form carries its number. Without this script the form is sent as every form is.
"use strict";
(() => {
  const form = document.querySelector("form[data-keep]");
  const note = document.getElementById("report-note");
  if (!form || !note || !globalThis.fetch) return;
  const button = form.querySelector("button");
  let isWaiting = false;

  function say(words, address) {
    note.textContent = words;
    note.hidden = false;
    if (!address) return;
    // Beside this page, so that the form stays.
    const link = document.createElement("a");
    Object.assign(link, { href: address, target: "_blank", textContent: note.dataset.signIn });
    note.append(" ", link);
  }

  async function send() {
    button.disabled = true;
    let answer;
    try {
      const body = new URLSearchParams(new FormData(form));
      answer = await fetch(form.action, { method: "POST", body });
      // A server that fails, or is asked too much, is one that is not there.
      if (answer.status >= 500 || answer.status === 429) throw new Error(String(answer.status));
    } catch {
      isWaiting = true;
      return say(note.dataset.waiting);
    } finally {
      button.disabled = false;
    }
    isWaiting = false;
    const at = new URL(answer.url);
    // It was taken: the server leads on to the code.
    if (answer.redirected && at.pathname === "/me") return location.assign(form.dataset.keep);
    // Signed out: nothing was sent, and what was filled in stays.
    if (answer.redirected) return say(note.dataset.signedOut, at.pathname);
    // It must be looked at again: as the server draws it, whose form the browser sends.
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    document.querySelector("main").replaceChildren(...page.querySelector("main").childNodes);
    document.querySelector("main").focus();
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send();
  });
  const again = () => { if (isWaiting) send(); };
  addEventListener("online", again);
  setInterval(again, 15 * 1000);
})();

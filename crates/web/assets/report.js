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

  async function send() {
    button.disabled = true;
    let answer;
    try {
      const body = new URLSearchParams(new FormData(form));
      answer = await fetch(form.action, { method: "POST", body, redirect: "manual" });
    } catch {
      isWaiting = true;
      note.textContent = note.dataset.waiting;
      note.hidden = false;
      return;
    } finally {
      button.disabled = false;
    }
    isWaiting = false;
    // It was taken: the server leads on to the code.
    if (answer.type === "opaqueredirect") {
      location.assign(form.dataset.keep);
      return;
    }
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

// Sends a form without leaving the page, so that a lost network loses nothing that was filled in: the form stays
// as it is and is sent when there is a network again. Pressing twice sends once. Without this script the form is
// sent as every form is.
"use strict";
(() => {
  if (!globalThis.fetch) return;
  // The forms that wait for a network.
  const waiting = new Set();

  function say(form, words, link) {
    const note = form.querySelector(".kept-note");
    note.textContent = words(note.dataset);
    note.hidden = false;
    if (!link) return;
    // Beside this page, so that the form stays.
    note.append(" ", Object.assign(document.createElement("a"), {
      href: link, target: "_blank", textContent: note.dataset.signIn,
    }));
  }

  // As the server draws it: what must be looked at again, or that it was taken.
  function draw(page, form) {
    const files = [...form.querySelectorAll("input[type=file]")];
    const main = document.querySelector("main");
    main.replaceChildren(...page.querySelector("main").childNodes);
    document.title = page.title;
    for (const chosen of files) {
      const field = document.getElementById(chosen.id);
      if (field && !field.hasAttribute("aria-invalid")) field.files = chosen.files;
    }
    main.focus();
    scrollTo(0, 0);
  }

  async function send(form) {
    if (form.dataset.sending) return;
    form.dataset.sending = "yes";
    let answer;
    let page;
    try {
      const filled = new FormData(form);
      const body = form.enctype === "multipart/form-data" ? filled : new URLSearchParams(filled);
      answer = await fetch(form.action, { method: "POST", body });
      // A server that fails, or is asked too much, is one that is not there.
      if (answer.status >= 500 || answer.status === 429) throw new Error(String(answer.status));
      page = new DOMParser().parseFromString(await answer.text(), "text/html");
    } catch {
      waiting.add(form);
      return say(form, ({ waiting: words }) => words);
    } finally {
      delete form.dataset.sending;
    }
    waiting.delete(form);
    const at = new URL(answer.url);
    // Signed out: nothing was sent, and what was filled in stays.
    if (answer.redirected && at.pathname.startsWith("/sign-in")) {
      return say(form, ({ signedOut }) => signedOut, at.pathname);
    }
    // Another form of this page still waits, and would be lost with it.
    if (waiting.size) return answer.ok ? form.remove() : refused(page, form);
    // It was taken: the server leads on.
    if (answer.redirected) return location.assign(form.dataset.keep || answer.url);
    // A refusal that draws no form would take away what was filled in.
    if (!answer.ok && !page.querySelector("main form[data-keep]")) return refused(page, form);
    draw(page, form);
  }

  // Why the server refused a form that stays.
  function refused(page, form) {
    const errors = page.querySelectorAll("main .errors p, main .wrong");
    const why = errors.length ? errors : page.querySelectorAll("main h1, main h1 + p");
    say(form, () => [...why].map((part) => part.textContent.trim()).join(" "));
  }

  document.addEventListener("submit", (event) => {
    if (!event.target.matches("form[data-keep]")) return;
    event.preventDefault();
    send(event.target);
  });
  // What is written on is not sent half.
  document.addEventListener("input", (event) => {
    const form = event.target.form;
    if (!waiting.delete(form)) return;
    form.querySelector(".kept-note").hidden = true;
  });
  const again = () => { for (const form of waiting) if (form.isConnected) send(form); };
  addEventListener("online", again);
  setInterval(again, 15 * 1000);
})();

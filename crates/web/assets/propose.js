// Reads a chosen file into the text field, where it can be looked at before it is sent; has a policy checked by the
// server while it is being written; and keeps it in this tab, so that it is there again after a page that failed.
// Without this script the text is pasted, and a button checks it.
"use strict";
for (const input of document.querySelectorAll("input[type=file][data-into]")) {
  const field = document.getElementById(input.dataset.into);
  input.closest(".from-file").hidden = false;
  input.addEventListener("change", async () => {
    const file = input.files[0];
    if (!file) return;
    field.value = await file.text();
    field.dispatchEvent(new Event("input"));
  });
}

const editor = document.querySelector("form[data-check]");
if (editor) {
  const found = document.getElementById("check");
  const fields = ["toml", "cases"].map((name) => editor.elements[name]);
  const draft = (field) => "draft-" + field.name;
  const SENT = "draft-sent";
  let timer, asked;
  const check = async () => {
    asked?.abort();
    asked = new AbortController();
    const form = new URLSearchParams({ act: "watch" });
    for (const field of fields) form.set(field.name, field.value);
    try {
      const answer = await fetch(editor.dataset.check, { method: "POST", body: form, signal: asked.signal });
      const type = answer.headers.get("content-type") ?? "";
      if (answer.redirected || ![200, 422].includes(answer.status) || !type.startsWith("text/html")) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      found.replaceChildren(...page.body.childNodes);
    } catch {
      // No network, or asked again meanwhile: the button is still there.
    }
  };
  editor.addEventListener("submit", (event) => {
    try {
      if (event.submitter?.value === "propose") sessionStorage.setItem(SENT, "yes");
    } catch {
      // A browser that keeps nothing.
    }
  });
  try {
    // What was proposed is not proposed again by the next empty form; what was refused stands in this one.
    if (sessionStorage.getItem(SENT)) {
      sessionStorage.removeItem(SENT);
      if (!fields[0].value) for (const field of fields) sessionStorage.removeItem(draft(field));
    }
  } catch {
    // A browser that keeps nothing.
  }
  for (const field of fields) {
    try {
      const kept = sessionStorage.getItem(draft(field));
      if (kept && !field.value) {
        field.value = kept;
        document.getElementById("draft").hidden = false;
      }
    } catch {
      // A browser that keeps nothing.
    }
    field.addEventListener("input", () => {
      try {
        sessionStorage.setItem(draft(field), field.value);
      } catch {
        // Too large to keep, or not allowed.
      }
      clearTimeout(timer);
      timer = setTimeout(check, 600);
    });
  }
}

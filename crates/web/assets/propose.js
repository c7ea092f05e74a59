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
  // Of this officer: the next one at this desk does not find what the one before was writing.
  const draft = (name) => `draft-${editor.dataset.whose}-${name}`;
  // A browser may keep nothing, or not so much.
  const kept = (work) => { try { return work(sessionStorage); } catch { return undefined; } };
  let timer, asked;
  const check = async () => {
    asked?.abort();
    asked = new AbortController();
    const form = new URLSearchParams({ part: "yes" });
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
    if (event.submitter?.id === "propose") kept((store) => store.setItem(draft("sent"), "yes"));
  });
  // What was proposed is not proposed again by the next empty form; what was refused stands in this one.
  kept((store) => {
    const was = store.getItem(draft("sent")) && !fields[0].value;
    store.removeItem(draft("sent"));
    if (was) for (const field of fields) store.removeItem(draft(field.name));
  });
  for (const field of fields) {
    const text = kept((store) => store.getItem(draft(field.name)));
    if (text && !field.value) {
      field.value = text;
      document.getElementById("draft").hidden = false;
    }
    field.addEventListener("input", () => {
      kept((store) => store.setItem(draft(field.name), field.value));
      clearTimeout(timer);
      timer = setTimeout(check, 600);
    });
  }
}

// Reads a chosen file into the text field, where it can be looked at before it is sent. Without this
// script the text is pasted.
"use strict";
for (const input of document.querySelectorAll("input[type=file][data-into]")) {
  const field = document.getElementById(input.dataset.into);
  input.closest(".from-file").hidden = false;
  input.addEventListener("change", async () => {
    const file = input.files[0];
    if (file) field.value = await file.text();
  });
}

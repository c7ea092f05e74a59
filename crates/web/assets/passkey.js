// Asks the device for a passkey, new or known, and sends its answer with the form. An invitation, or
// a half of one, that stands behind the # of the address, which is never sent, is filled in.
"use strict";
const bytes = (digits) => Uint8Array.from(digits.match(/../g), (pair) => parseInt(pair, 16));
const digits = (buffer) => Array.from(new Uint8Array(buffer), (b) => b.toString(16).padStart(2, "0")).join("");

const pieces = ["invitation", "second"].map((id) => document.getElementById(id)).filter(Boolean);
const fill = () => {
  const piece = location.hash.slice(1);
  if (!piece || pieces.some((field) => field.value === piece)) return;
  const empty = pieces.find((field) => !field.value);
  if (empty) empty.value = piece;
};
fill();
addEventListener("hashchange", fill);

const form = document.querySelector("form[data-passkey]");
if (form) {
  const { passkey, challenge, site, account, name } = form.dataset;
  const asked = { challenge: bytes(challenge), userVerification: "required", timeout: 240000 };
  const put = (field, buffer) => { form.elements[field].value = digits(buffer); };
  const ask = async () => {
    if (passkey === "create") {
      const made = await navigator.credentials.create({ publicKey: {
        ...asked,
        rp: { id: site, name: site },
        user: { id: bytes(account), name, displayName: name },
        pubKeyCredParams: [{ type: "public-key", alg: -7 }],
        authenticatorSelection: { residentKey: "required", userVerification: "required" },
        attestation: "none",
      } });
      put("authenticator_data", made.response.getAuthenticatorData());
      put("public_key", made.response.getPublicKey());
      return made;
    }
    const found = await navigator.credentials.get({ publicKey: { ...asked, rpId: site } });
    put("account", found.response.userHandle);
    put("authenticator_data", found.response.authenticatorData);
    put("signature", found.response.signature);
    return found;
  };
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    try {
      const answered = await ask();
      put("credential", answered.rawId);
      put("client_data", answered.response.clientDataJSON);
      form.submit();
    } catch {
      form.querySelector("[role=alert]").hidden = false;
    }
  });
}

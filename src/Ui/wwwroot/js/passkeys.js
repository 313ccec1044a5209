// Passkeys: the browser makes or uses one, the server asks and checks. Without this file everything else of the pages works.
(function () {
  "use strict";

  const able = window.PublicKeyCredential && PublicKeyCredential.parseCreationOptionsFromJSON && window.isSecureContext;

  async function post(address, token, body) {
    const answer = await fetch(address, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-FabLab-Token": token },
      body: JSON.stringify(body || {}),
    });
    if (!answer.ok) throw new Error(String(answer.status));
    return answer.json();
  }

  async function add(token, name) {
    const question = await post("/api/v1/account/passkeys/question", token);
    const made = await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(question) });
    await post("/api/v1/account/passkeys", token, { credential: JSON.stringify(made.toJSON()), name: name });
  }

  async function enter(token) {
    const question = await post("/api/v1/sign-in/passkey/question", token);
    const signed = await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(question) });
    await post("/api/v1/sign-in/passkey", token, { credential: JSON.stringify(signed.toJSON()) });
  }

  for (const form of document.querySelectorAll("form[data-passkey]")) {
    const adds = form.dataset.passkey === "add";
    const fault = form.querySelector("[data-passkey-fault]");
    const button = form.querySelector("button");
    if (able) form.hidden = false;
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      fault.hidden = true;
      if (!able) {
        fault.textContent = form.dataset.missing;
        fault.hidden = false;
        return;
      }
      button.disabled = true;
      try {
        const token = form.querySelector("input[name='X-FabLab-Token']").value;
        if (adds) await add(token, form.elements["name"].value);
        else await enter(token);
        location.assign(adds ? "/account" : form.dataset.next || "/");
      } catch (error) {
        // Refused, closed by the person, or not known here: one sentence for all, the browser has said the rest.
        fault.textContent = form.dataset.failed;
        fault.hidden = false;
        button.disabled = false;
      }
    });
  }
})();

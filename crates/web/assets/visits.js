// Keeps a visit on this phone while there is no network, and sends it once there is one: each has a key of
// its own, by which the server counts it once. Only for the account that was signed in when the sign was
// scanned; signing out takes it away (worker.js), a session that ended does not. Without this script a
// sign needs a network.
"use strict";
(() => {
  if (!globalThis.indexedDB || !globalThis.fetch) return;
  const root = document.documentElement;
  const note = document.getElementById("visits-waiting");
  const place = document.getElementById("visit-offline");
  // In seconds: contacts of longer ago are sought by nobody.
  const LONGEST = 14 * 24 * 3600;
  // A visit that nobody ended is over after so long.
  const OPEN = 12 * 3600;
  // So long a server may take to answer; the visit is sent again.
  const PATIENCE = 15 * 1000;
  const now = () => Math.floor(Date.now() / 1000);
  const say = (words, value) => words.replace("%1", value);

  function store(mode, step) {
    return new Promise((done, failed) => {
      const opened = indexedDB.open("healthcode-visits", 1);
      opened.onupgradeneeded = () => {
        opened.result.createObjectStore("queue", { keyPath: "request" });
        opened.result.createObjectStore("who");
      };
      opened.onerror = () => failed(opened.error);
      opened.onsuccess = () => {
        const transaction = opened.result.transaction(["queue", "who"], mode);
        const asked = step((name) => transaction.objectStore(name));
        transaction.oncomplete = () => { opened.result.close(); done(asked?.result); };
        transaction.onerror = transaction.onabort = () => failed(transaction.error);
      };
    });
  }
  const queue = () => store("readonly", (of) => of("queue").getAll());
  const keep = (visit) => store("readwrite", (of) => of("queue").put(visit));
  // As long as it is what was sent: another page may have kept its end meanwhile.
  const drop = (visit) => store("readwrite", (of) => {
    of("queue").get(visit.request).onsuccess = ({ target }) => {
      if (target.result?.left === visit.left) of("queue").delete(visit.request);
    };
  });
  const who = () => store("readonly", (of) => of("who").get("last"));

  function tell(words, number) {
    if (!note) return;
    note.hidden = number === 0;
    note.textContent = number === 0 ? "" : say(words, String(number));
  }

  // One after the other; what was taken leaves the phone, and so does what never will be.
  async function send(account) {
    let [taken, refused] = [0, 0];
    for (const visit of await queue()) {
      // Nobody sends it any more, and where somebody was must not lie about.
      const isOver = now() - visit.entered > LONGEST;
      if (isOver) await drop(visit);
      if (isOver || visit.account !== account) continue;
      const { request, sign } = visit;
      const fields = { account, request, sign, entered: String(visit.entered) };
      if (visit.left) fields.left = String(visit.left);
      const answer = await fetch(`/me/visits/scans${visit.who}`, {
        method: "POST", credentials: "same-origin", cache: "no-store", redirect: "error",
        body: new URLSearchParams(fields), signal: AbortSignal.timeout?.(PATIENCE),
      });
      // Later, or as somebody who is signed in, it may be taken; the others do not wait for it.
      if (!answer.ok && ![400, 403, 404, 422].includes(answer.status)) continue;
      if (answer.ok && (await answer.json()).is_taken) taken += 1;
      else refused += 1;
      await drop(visit);
    }
    return [taken, refused];
  }

  // Whether the server knows more now than it did.
  async function sendAll(account) {
    let [taken, refused] = [0, 0];
    // Two pages of one phone take turns.
    const work = async () => { [taken, refused] = await send(account); };
    try {
      await (navigator.locks ? navigator.locks.request("healthcode-visits", work) : work());
    } catch {
      // No network, or signed out: the next turn sends them.
    }
    const waiting = (await queue()).filter((visit) => visit.account === account).length;
    root.dataset.visits = String(waiting);
    if (waiting > 0 || refused === 0) tell(note?.dataset.words, waiting);
    else tell(note?.dataset.refused, refused);
    return taken > 0;
  }

  // What the server said of a sign was said before it knew of what the phone kept.
  function sendAndLookAgain(account) {
    const isSign = location.pathname === "/visit" && new URLSearchParams(location.search).has("sign");
    let isPressed = false;
    addEventListener("submit", () => { isPressed = true; });
    return async () => {
      const isNews = await sendAll(account);
      if (isNews && isSign && !isPressed) location.reload();
    };
  }

  const clock = new Intl.DateTimeFormat(root.lang, { hour: "numeric", minute: "2-digit", hourCycle: "h23" });

  // The page that the worker shows for a sign without a network.
  async function atTheDoor() {
    const [enter, leave, said] =
      ["enter", "leave", "said"].map((name) => document.getElementById(`visit-offline-${name}`));
    const asked = new URLSearchParams(location.search);
    const sign = asked.get("sign");
    const last = await who();
    if (!sign) return void (said.textContent = place.dataset.sign);
    if (!last) return void (said.textContent = place.dataset.unknown);
    const venue = sign.slice(0, 32);
    const person = asked.get("person");
    const whose = person ? `?person=${person}` : "";
    const isTheirs = (visit) => visit.account === last && visit.who === whose && !visit.left;
    const draw = async () => {
      const open = (await queue()).find((visit) =>
        isTheirs(visit) && visit.sign.slice(0, 32) === venue && now() - visit.entered < OPEN);
      enter.hidden = Boolean(open);
      leave.hidden = !open;
      if (open) said.textContent = say(place.dataset.inside, clock.format(open.entered * 1000));
      return open;
    };
    enter.addEventListener("click", async () => {
      enter.disabled = true;
      // Whoever enters here has left where they were before.
      for (const visit of await queue()) {
        if (isTheirs(visit)) await keep({ ...visit, left: Math.min(now(), visit.entered + OPEN) });
      }
      const request = [...crypto.getRandomValues(new Uint8Array(16))];
      await keep({
        request: request.map((byte) => byte.toString(16).padStart(2, "0")).join(""),
        account: last, who: whose, sign, entered: now(),
      });
      enter.disabled = false;
      await draw();
    });
    leave.addEventListener("click", async () => {
      const open = await draw();
      if (open) await keep({ ...open, left: Math.max(now(), open.entered + 1) });
      await draw();
      said.textContent = place.dataset.left;
    });
    await draw();
    // The page of the server takes over, once the server knows what was pressed here.
    addEventListener("online", async () => {
      await sendAll(last).catch(() => {});
      location.reload();
    });
  }

  (async () => {
    const account = root.dataset.account;
    if (account) await store("readwrite", (of) => of("who").put(account, "last"));
    if (place) return atTheDoor();
    if (!account) return;
    const turn = sendAndLookAgain(account);
    await turn();
    addEventListener("online", turn);
    setInterval(turn, 60 * 1000);
  })().catch(() => {});
})();

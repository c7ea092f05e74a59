// Records whom a scanner let in, where its lead wants that: each visit is kept encrypted on this device, under
// a key that no script can read out, until the server has it; each has a key of its own, by which the server
// counts it once. What is kept for longer than a day is gone. Without this script the page asks after each code.
"use strict";
(() => {
  const box = document.getElementById("door");
  if (!box) return;
  const part = (name) => document.getElementById(`door-${name}`);
  const [note, panel, said, letIn, measure, notLetIn, keys, degrees, save, count] =
    ["note", "visit", "said", "let-in", "measure", "not", "keys", "degrees", "save", "count"].map(part);
  const say = (words, ...values) =>
    values.reduce((text, value, at) => text.replace(`%${at + 1}`, value), words);
  const LONGEST = 24 * 3600;
  // So long a visit may be changed before it is sent, in milliseconds.
  const PATIENCE = 60 * 1000;
  const now = () => Math.floor(Date.now() / 1000);
  const tell = (words) => {
    note.hidden = !words;
    note.textContent = words ?? "";
  };
  if (!globalThis.indexedDB || !globalThis.crypto?.subtle) {
    if (box.dataset.venue) tell(box.dataset.cannot);
    return;
  }

  function store(mode, step) {
    return new Promise((done, failed) => {
      const opened = indexedDB.open("healthcode-door", 1);
      opened.onupgradeneeded = () => {
        opened.result.createObjectStore("queue", { keyPath: "request" });
        opened.result.createObjectStore("keys");
      };
      opened.onerror = () => failed(opened.error);
      opened.onsuccess = () => {
        const transaction = opened.result.transaction(["queue", "keys"], mode);
        const asked = step((name) => transaction.objectStore(name));
        transaction.oncomplete = () => { opened.result.close(); done(asked?.result); };
        transaction.onerror = transaction.onabort = () => failed(transaction.error);
      };
    });
  }
  const queue = () => store("readonly", (of) => of("queue").getAll());
  const drop = (request) => store("readwrite", (of) => of("queue").delete(request));

  // The first page of this device makes the key; two at once take the same one.
  async function key() {
    const read = () => store("readonly", (of) => of("keys").get("visits"));
    const found = await read();
    if (found) return found;
    const made = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
    await store("readwrite", (of) => of("keys").add(made, "visits")).catch(() => {});
    return read();
  }
  const bound = (iv, request) => ({ name: "AES-GCM", iv, additionalData: new TextEncoder().encode(request) });
  async function keep(visit) {
    const iv = crypto.getRandomValues(new Uint8Array(12));
    const text = new TextEncoder().encode(JSON.stringify(visit));
    const sealed = await crypto.subtle.encrypt(bound(iv, visit.request), await key(), text);
    await store("readwrite", (of) => of("queue").put({ request: visit.request, iv, sealed }));
  }
  async function open({ request, iv, sealed }) {
    const text = await crypto.subtle.decrypt(bound(iv, request), await key(), sealed);
    return JSON.parse(new TextDecoder().decode(text));
  }

  // What was recorded since the start.
  const numbers = { visits: 0, measured: 0, refused: 0 };
  for (const name of Object.keys(numbers)) numbers[name] = Number(sessionStorage.getItem(`door-${name}`) ?? 0);
  async function counted(changes = {}) {
    for (const [name, by] of Object.entries(changes)) {
      numbers[name] = Math.max(0, numbers[name] + by);
      sessionStorage.setItem(`door-${name}`, String(numbers[name]));
    }
    const waiting = (await queue()).length;
    box.dataset.waiting = String(waiting);
    if (!count) return;
    count.hidden = numbers.visits === 0 && waiting === 0;
    count.textContent = say(box.dataset.count, String(numbers.visits), String(numbers.measured), String(waiting));
  }

  // The visit that the guard sees: kept already, or waiting for a press.
  let current;
  let isEnded = false;
  const isOpen = (request) => current?.visit.request === request && Date.now() - current.since < PATIENCE;

  function hide() {
    current = undefined;
    if (panel) panel.hidden = true;
  }

  async function send(record) {
    let visit;
    try {
      visit = await open(record);
    } catch {
      // Sealed with a key that this device no longer has.
      await drop(record.request);
      return { refused: 1 };
    }
    // By the clock that kept it: `at` follows the server's, and a device's may be days ahead of that.
    if (now() - (visit.kept ?? visit.at) > LONGEST) {
      await drop(record.request);
      return { refused: 1 };
    }
    const { request, venue, code, at, temperature } = visit;
    const fields = { by: "script", request, venue, code, at: String(at) };
    if (temperature) fields.temperature = temperature;
    const answer = await fetch("/checkpoint/visits", {
      method: "POST", credentials: "same-origin", cache: "no-store", redirect: "error",
      body: new URLSearchParams(fields),
    });
    if (answer.status === 401) {
      isEnded = true;
      return { stop: true };
    }
    // Later it may be taken.
    if (!answer.ok && ![400, 404, 413, 422].includes(answer.status)) return { stop: true };
    const refused = !answer.ok || !(await answer.json()).is_taken;
    await drop(request);
    return { refused: Number(refused) };
  }

  async function sendAll() {
    let refused = 0;
    const work = async () => {
      for (const record of await queue()) {
        if (isOpen(record.request)) continue;
        const became = await send(record);
        refused += became.refused ?? 0;
        if (became.stop) break;
      }
    };
    try {
      // Two pages of one device take turns.
      await (navigator.locks ? navigator.locks.request("healthcode-door", work) : work());
    } catch {
      // No network: the next turn sends them.
    }
    await counted({ refused });
    if (isEnded) tell(box.dataset.ended);
    else tell(numbers.refused > 0 && say(box.dataset.refused, String(numbers.refused)));
  }

  // Whether it is still a scanner, and for which venue.
  async function ask() {
    try {
      const answer = await fetch("/checkpoint/scanner", { credentials: "same-origin", cache: "no-store" });
      isEnded = answer.status === 401;
      if (isEnded) return tell(box.dataset.ended);
      if (!answer.ok) return;
      const { venue } = await answer.json();
      if ((venue ?? "") !== (box.dataset.venue ?? "") && !current) location.reload();
    } catch {
      // No network: what is known stays.
    }
  }

  const words = (visit) => visit.temperature
    ? `${box.dataset.kept} ${say(box.dataset.measured, visit.temperature)}` : box.dataset.kept;
  function show(isKept) {
    panel.hidden = false;
    said.textContent = isKept ? words(current.visit) : box.dataset.asked;
    letIn.hidden = isKept;
    measure.hidden = notLetIn.hidden = false;
    close();
  }
  async function let_in() {
    if (!current || current.isKept) return;
    current.isKept = true;
    current.since = Date.now();
    await keep(current.visit);
    show(true);
    await counted({ visits: 1, measured: current.visit.temperature ? 1 : 0 });
  }

  // Large keys: three of them are a temperature.
  let typed = "";
  const shown = () => typed.length === 3 ? `${typed.slice(0, 2)}.${typed[2]}`
    : typed.length === 2 ? `${typed}.` : typed;
  function close() {
    typed = "";
    keys.hidden = true;
    measure.setAttribute("aria-expanded", "false");
  }
  function press(key) {
    typed = key === "back" ? typed.slice(0, -1) : `${typed}${key}`.slice(0, 3);
    degrees.textContent = shown() || "–";
    if (current) current.since = Date.now();
  }

  async function scanned({ answer, text, at }) {
    // A code that is shown a second time says nothing about who was let in before.
    if (["refused", "no-lists"].includes(answer)) return;
    hide();
    if (isEnded || !box.dataset.venue || !["green", "document", "unproven"].includes(answer)) return void sendAll();
    const request = [...crypto.getRandomValues(new Uint8Array(16))];
    const visit = {
      request: request.map((byte) => byte.toString(16).padStart(2, "0")).join(""),
      venue: box.dataset.venue, code: text, at, kept: now(),
    };
    current = { visit, since: Date.now(), isKept: false };
    // What must be compared with a document is let in by the guard.
    if (answer === "green") await let_in();
    else show(false);
    sendAll();
  }

  if (panel) {
    document.addEventListener("healthcode-scan", ({ detail }) => { scanned(detail).catch(() => tell(box.dataset.cannot)); });
    letIn.addEventListener("click", let_in);
    measure.addEventListener("click", () => {
      const opens = keys.hidden;
      close();
      keys.hidden = !opens;
      measure.setAttribute("aria-expanded", String(opens));
      degrees.textContent = "–";
    });
    for (const key of keys.querySelectorAll("[data-key]")) {
      key.addEventListener("click", () => press(key.dataset.key));
    }
    save.addEventListener("click", async () => {
      if (!current) return;
      const temperature = shown();
      if (typed.length !== 3 || Number(temperature) < 30 || Number(temperature) > 45) {
        degrees.textContent = box.dataset.range;
        typed = "";
        return;
      }
      const isNew = !current.visit.temperature;
      current.visit.temperature = temperature;
      current.since = Date.now();
      if (!current.isKept) return let_in();
      await keep(current.visit);
      show(true);
      await counted({ measured: Number(isNew) });
    });
    notLetIn.addEventListener("click", async () => {
      if (!current) return;
      const { visit, isKept } = current;
      if (isKept) {
        await drop(visit.request);
        await counted({ visits: -1, measured: visit.temperature ? -1 : 0 });
      }
      hide();
      tell(box.dataset.dropped);
    });
    document.getElementById("scanner-reset")?.addEventListener("click", () => {
      counted({ visits: -numbers.visits, measured: -numbers.measured, refused: -numbers.refused });
      tell();
    });
  }

  const turn = () => ask().then(sendAll).catch(() => {});
  turn();
  addEventListener("online", turn);
  setInterval(() => {
    if (current && Date.now() - current.since >= PATIENCE) hide();
    turn();
  }, 20 * 1000);
})();

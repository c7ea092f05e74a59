// Shows the code live: this phone signs the present time every 30 seconds with a key that cannot leave
// it, so that a picture of the screen is worth nothing a minute later. Without this script, or where the
// browser has no keys, the page keeps its plain code, beside which a checkpoint asks for a document.
//
// Keys are drawn for eight days at once and each is used on its own day only; the server gives each key
// another place in the status lists. See docs/credential-format.md.
"use strict";
const healthcodeLive = (() => {
  const LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
  const DAY = 24 * 3600 * 1000;
  const MOST_KEYS = 8;
  const PATIENCE = 4000;
  const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

  // Of several people on one phone each has keys of their own, and so has each account.
  const account = globalThis.document?.documentElement.dataset.account;
  const person = globalThis.document?.documentElement.dataset.person ?? "";
  const who = person ? `?person=${person}` : "";

  const hex = (bytes) => [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  const bytesOf = (digits) => Uint8Array.from(digits.match(/../g) ?? [], (pair) => parseInt(pair, 16));

  function base45(bytes) {
    let text = "";
    for (let at = 0; at < bytes.length; at += 2) {
      const isPair = at + 1 < bytes.length;
      let rest = isPair ? bytes[at] * 256 + bytes[at + 1] : bytes[at];
      for (let letter = 0; letter < (isPair ? 3 : 2); letter++) {
        text += LETTERS[rest % 45];
        rest = Math.floor(rest / 45);
      }
    }
    return text;
  }

  // The head of a CBOR item: 0 for a number, 2 for bytes.
  function head(major, value) {
    if (value < 24) return [(major << 5) | value];
    if (value < 0x100) return [(major << 5) | 24, value];
    if (value < 0x10000) return [(major << 5) | 25, value >> 8, value & 255];
    return [(major << 5) | 26, value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255];
  }

  // Of the two values of s that verify, the lower: a live code has one text.
  function withLowS(signature) {
    const s = BigInt("0x" + hex(signature.slice(32)));
    if (s <= ORDER / 2n) return signature;
    const low = (ORDER - s).toString(16).padStart(64, "0");
    return Uint8Array.from([...signature.slice(0, 32), ...bytesOf(low)]);
  }

  // The text of a live code: the phone's key signs the assertion and the time.
  async function liveText(assertion, privateKey, seconds, counter) {
    const message = new Uint8Array(58);
    message.set(new TextEncoder().encode("healthcode live 1\0"));
    message.set(new Uint8Array(await crypto.subtle.digest("SHA-256", assertion)), 18);
    const view = new DataView(message.buffer);
    view.setUint32(50, seconds);
    view.setUint32(54, counter);
    const how = { name: "ECDSA", hash: "SHA-256" };
    const signature = withLowS(new Uint8Array(await crypto.subtle.sign(how, privateKey, message)));
    return "HK1:" + base45([
      0x84, ...head(2, assertion.length), ...assertion,
      ...head(0, seconds), ...head(0, counter), ...head(2, signature.length), ...signature,
    ]);
  }

  // The keys of this phone, in the browser's own store; private halves cannot be read, only used.
  function open() {
    return new Promise((done, failed) => {
      const asked = indexedDB.open("healthcode", 1);
      asked.onupgradeneeded = () => asked.result.createObjectStore("keys", { keyPath: "device" });
      asked.onsuccess = () => done(asked.result);
      asked.onerror = () => failed(asked.error);
    });
  }

  function within(database, mode, work) {
    return new Promise((done, failed) => {
      const transaction = database.transaction("keys", mode);
      const asked = work(transaction.objectStore("keys"));
      transaction.oncomplete = () => done(asked.result);
      transaction.onerror = transaction.onabort = () => failed(transaction.error);
    });
  }

  const all = async (database) => {
    const keys = await within(database, "readonly", (store) => store.getAll());
    // Of somebody who was signed in here before: nobody else's page shows their code.
    for (const key of keys) if (key.account !== account) await forget(database, key.device);
    const own = keys.filter((key) => key.account === account && key.person === person);
    return own.sort((one, other) => one.from - other.from);
  };
  const keep = (database, key) => within(database, "readwrite", (store) => store.put(key));
  const forget = (database, device) => within(database, "readwrite", (store) => store.delete(device));

  // `isSpare`: what the phone holds serves if no answer comes in time.
  async function post(address, fields, isSpare) {
    const answer = await fetch(address, {
      method: "POST",
      credentials: "same-origin",
      cache: "no-store",
      body: new URLSearchParams(fields),
      signal: isSpare ? AbortSignal.timeout?.(PATIENCE) : undefined,
    });
    return { status: answer.status, json: answer.ok ? await answer.json() : undefined };
  }

  // Draws keys for the days that have none yet.
  async function enrol(database, skip) {
    const curve = { name: "ECDSA", namedCurve: "P-256" };
    const drawn = [];
    const names = [];
    for (let day = skip; day < MOST_KEYS; day++) {
      const pair = await crypto.subtle.generateKey(curve, false, ["sign"]);
      names.push(hex(new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey))));
      drawn.push(pair.privateKey);
    }
    const { json } = await post(`/me/phone${who}`, { public_keys: names.join(" "), skip_days: String(skip) }, skip > 0);
    if (!json) throw new Error("the keys were not enrolled");
    for (const [place, key] of json.keys.entries()) {
      await keep(database, {
        device: key.device,
        account,
        person,
        from: Date.parse(key.from),
        until: Date.parse(key.until),
        privateKey: drawn[place],
      });
    }
  }

  // Today's keys and those of the days to come, enough for half the batch.
  async function keysFromToday(database) {
    const now = Date.now();
    for (const key of await all(database)) if (key.until <= now) await forget(database, key.device);
    let keys = (await all(database)).filter((key) => !(key.from + DAY <= now));
    const hasToday = keys.length > 0 && keys[0].from <= now;
    if (!hasToday) {
      for (const key of await all(database)) await forget(database, key.device);
      keys = [];
    }
    if (keys.length < MOST_KEYS / 2) {
      try {
        await enrol(database, keys.length);
      } catch (error) {
        // Without a network the keys that are there serve.
        if (!hasToday) throw error;
      }
      keys = (await all(database)).filter((key) => key.until > now);
    }
    return keys;
  }

  // Fetches the next assertion of a key; forgets a key that the server does not know: somebody else
  // signed in, or the phone was ended.
  async function renew(database, key) {
    const { status, json } = await post(`/me/phone/${key.device}/assertion${who}`, {}, key.assertion && key.expiresAt > Date.now());
    if (status === 404) {
      key.assertion = undefined;
      await forget(database, key.device);
    }
    if (!json) return;
    key.assertion = bytesOf(json.assertion);
    key.renewAt = Date.parse(json.renew_at);
    key.expiresAt = Date.parse(json.expires_at);
    await keep(database, key);
  }

  function picture(text, label) {
    const rows = healthcodeQr(text);
    const side = rows.length + 8;
    const path = rows.flatMap((row, y) => row.map((dark, x) => (dark ? `M${x + 4} ${y + 4}h1v1h-1z` : "")));
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("viewBox", `0 0 ${side} ${side}`);
    svg.setAttribute("role", "img");
    svg.setAttribute("aria-label", label);
    svg.setAttribute("shape-rendering", "crispEdges");
    for (const [fill, d] of [["#fff", `M0 0h${side}v${side}h-${side}z`], ["#000", path.join("")]]) {
      const part = document.createElementNS(svg.namespaceURI, "path");
      part.setAttribute("fill", fill);
      part.setAttribute("d", d);
      svg.append(part);
    }
    return svg;
  }

  async function show() {
    const square = document.getElementById("code-square");
    if (!square || document.hidden) return;
    const database = await open();
    const now = Date.now();
    const key = (await keysFromToday(database)).find((one) => one.from <= now);
    if (!key) return;
    const isOver = !key.assertion || key.expiresAt <= now;
    if (isOver || key.renewAt <= now) {
      try {
        await renew(database, key);
      } catch (error) {
        // Without a network the assertion that is held serves until it ends.
        if (isOver) throw error;
      }
    }
    if (!key.assertion || key.expiresAt <= now) return;
    const seconds = Math.floor(Date.now() / 1000);
    const text = await liveText(key.assertion, key.privateKey, seconds, seconds);
    square.replaceChildren(picture(text, square.dataset.label));
    square.dataset.expires = String(Math.floor(key.expiresAt / 1000));
    const root = document.documentElement;
    root.dataset.live = "yes";
    document.getElementById("code-text")?.replaceChildren(text);
    const form = document.getElementById("code-form");
    if (form) form.textContent = form.dataset.live;
    const made = document.getElementById("code-made");
    const clock = { hour: "numeric", minute: "2-digit", second: "2-digit", hourCycle: "h23" };
    const time = new Intl.DateTimeFormat(root.lang, clock).format(seconds * 1000);
    if (made) made.textContent = made.dataset.signed.replace("%1", time);
    document.dispatchEvent(new Event("healthcode-drawn"));
    // The line under the square runs for as long as the signature is the newest.
    const beat = document.getElementById("code-beat");
    if (beat) beat.dataset.beat = beat.dataset.beat === "one" ? "two" : "one";
  }

  // Tomorrow's assertion, so that a phone that loses the network has one after midnight. At a time of
  // its own: what checkpoints see of two days must not share a second.
  async function prepareTomorrow() {
    const database = await open();
    const now = Date.now();
    const next = (await all(database)).find((key) => key.from > now && key.from - now <= DAY);
    if (next && (!next.assertion || next.renewAt <= now)) await renew(database, next);
  }

  function start() {
    const quietly = (work) => work().catch(() => {});
    quietly(async () => navigator.serviceWorker?.register("/worker.js"));
    const draw = () => quietly(show);
    draw();
    setInterval(draw, 30 * 1000);
    document.addEventListener("visibilitychange", draw);
    // Another colour, or another key of the issuer: the assertions that are held count no more.
    document.addEventListener("healthcode-changed", () => quietly(async () => {
      const database = await open();
      for (const key of await all(database)) {
        key.renewAt = 0;
        await keep(database, key);
      }
      await show();
    }));
    const later = () => setTimeout(async () => {
      await quietly(prepareTomorrow);
      later();
    }, (1 + 9 * Math.random()) * 60 * 1000);
    later();
  }

  return { liveText, withLowS, base45, start };
})();
if (typeof document !== "undefined" && globalThis.crypto?.subtle && globalThis.indexedDB) healthcodeLive.start();

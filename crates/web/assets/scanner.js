// Makes a phone or a tablet a scanner. With a network the server checks, which knows of a change within
// a second; without one the worker checks, with the lists that were fetched last, for 24 hours.
// Nothing that was scanned is kept: only how many. Visits, where a lead wants them, are kept by door.js.
"use strict";
(() => {
  const box = document.getElementById("scanner");
  if (!box || !globalThis.Worker || !globalThis.WebAssembly || !globalThis.indexedDB) return;
  const DAY = 24 * 3600;
  const part = (name) => document.getElementById(`scanner-${name}`);
  const [age, note, film, video] = ["age", "note", "film", "video"].map(part);
  const [startButton, torch, turn, sound, count, reset, place] =
    ["start", "torch", "turn", "sound", "count", "reset", "answer"].map(part);
  const say = (words, ...values) =>
    values.reduce((text, value, at) => text.replace(`%${at + 1}`, value), words);
  const clock = new Intl.DateTimeFormat(document.documentElement.lang, {
    day: "numeric", month: "short", hour: "numeric", minute: "2-digit", hourCycle: "h23",
  });
  const at = (seconds) => clock.format(new Date(seconds * 1000));
  const now = () => Math.floor(Date.now() / 1000);

  // The worker answers one question after the other.
  let worker;
  const waiting = new Map();
  let asked = 0;
  function ask(question, transfer = []) {
    return new Promise((done) => {
      asked += 1;
      waiting.set(asked, done);
      worker.postMessage({ id: asked, ...question }, transfer);
    });
  }
  function hire() {
    worker = new Worker("/assets/scanner-worker.js");
    worker.onmessage = ({ data }) => {
      waiting.get(data.id)?.(data);
      waiting.delete(data.id);
    };
  }

  // What is known, also after the page was closed.
  let known;
  let lostSince;
  function store(mode, step) {
    return new Promise((done, failed) => {
      const opened = indexedDB.open("healthcode-checkpoint", 1);
      opened.onupgradeneeded = () => opened.result.createObjectStore("knowledge");
      opened.onerror = () => failed(opened.error);
      opened.onsuccess = () => {
        const transaction = opened.result.transaction("knowledge", mode);
        const result = step(transaction.objectStore("knowledge"));
        transaction.oncomplete = () => { opened.result.close(); done(result.result); };
        transaction.onerror = transaction.onabort = () => failed(transaction.error);
      };
    });
  }
  const learn = () => ask({ do: "know", now: now(), ...known });

  async function get(address) {
    const answer = await fetch(address, { cache: "no-store", credentials: "omit" });
    if (!answer.ok) throw new Error(`${address}: ${answer.status}`);
    return answer;
  }
  async function fetchLists() {
    const before = now();
    const { now: server, roots, lists } = await (await get("/checkpoint/knowledge")).json();
    const numbers = Array.from({ length: lists }, (_, number) => `/api/v1/status-lists/${number}`);
    const bytes = async (address) => (await get(address)).arrayBuffer();
    const [trust, ...fetched] = await Promise.all(["/api/v1/trust-list", ...numbers].map(bytes));
    known = { roots, trust, lists: fetched, at: now(), ahead: before - server };
    lostSince = undefined;
    await store("readwrite", (kept) => kept.put(known, "newest")).catch(() => {});
    await learn();
    // Measured against the answer that brought the lists.
    const minutes = Math.round((before - server) / 60);
    const words = minutes > 0 ? box.dataset.ahead : box.dataset.behind;
    tell("clock", Math.abs(minutes) >= 1 && say(words, String(Math.abs(minutes))));
  }
  async function sync() {
    try {
      await fetchLists();
    } catch {
      lostSince ??= known?.at ?? now();
    }
    showAge();
  }

  const isStale = () => !known || now() - known.at >= DAY;
  function showAge() {
    box.dataset.ended = isStale() ? "yes" : "no";
    if (!known) age.textContent = box.dataset.nothing;
    else if (isStale()) age.textContent = box.dataset.stale;
    else if (lostSince) age.textContent = say(box.dataset.alone, at(lostSince), at(known.at + DAY));
    else age.textContent = say(box.dataset.known, at(known.at));
  }

  // One note at a time, the most urgent first.
  const notes = {};
  function tell(what, words) {
    notes[what] = words || undefined;
    const first = notes.camera ?? notes.clock ?? notes.dark;
    note.hidden = !first;
    note.textContent = first ?? "";
    torch.dataset.wanted = notes.dark && !notes.camera ? "yes" : "no";
  }

  // Answers, as the server would draw them, in the language of the page.
  let drawn;
  async function fetchAnswers() {
    const answer = await fetch(box.dataset.answers, { credentials: "same-origin" });
    if (!answer.ok) throw new Error(String(answer.status));
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    drawn = page.getElementById("answers");
  }
  let shift = Number(sessionStorage.getItem("scanned") ?? 0);
  function counted() {
    sessionStorage.setItem("scanned", String(shift));
    count.textContent = say(box.dataset.count, String(shift));
    reset.hidden = shift === 0;
  }
  const ready = () => { place.replaceChildren(place.waits.cloneNode(true)); };
  place.waits = place.querySelector(".ready") ??
    Object.assign(document.createElement("section"), { className: "result ready" });
  let leaves;
  let voice;
  function sing(rhythm) {
    if (!rhythm || sound.getAttribute("aria-pressed") !== "true") return;
    const steps = rhythm.split(" ").map(Number);
    // A browser lets a page do that only after a press.
    if (navigator.userActivation?.hasBeenActive) navigator.vibrate?.(steps);
    if (!voice) return;
    let when = voice.currentTime;
    steps.forEach((length, step) => {
      if (step % 2 === 0) {
        const tone = voice.createOscillator();
        tone.frequency.value = steps.length === 1 && length < 200 ? 880 : 440;
        tone.connect(voice.destination);
        tone.start(when);
        tone.stop(when + length / 1000);
      }
      when += length / 1000;
    });
  }
  function draw(answer) {
    const name = answer.answer === "refused" ? answer.refusal
      : answer.answer === "no-lists" ? "trust-list-ran-out" : answer.answer;
    const found = drawn?.querySelector(`template[data-for="${CSS.escape(name)}"]`);
    if (!found) return;
    const shown = document.importNode(found.content, true).firstElementChild;
    const fill = (slot, words) => {
      const place = shown.querySelector(`[data-slot="${slot}"]`);
      place.textContent = words ?? "";
      place.hidden = !words;
    };
    fill("name", answer.name);
    const form = answer.form && drawn.dataset[answer.form];
    fill("form", form && (answer.name_unchecked ? `${form} · ${drawn.dataset.unchecked}` : form));
    fill("age", answer.known_at ? say(drawn.dataset.fresh, at(answer.known_at)) : age.textContent);
    shown.classList.add("whole");
    place.replaceChildren(shown);
    shift += 1;
    counted();
    sing(shown.dataset.rhythm);
    document.dispatchEvent(new CustomEvent("healthcode-answer", { detail: shown.dataset.answer }));
    clearTimeout(leaves);
    leaves = setTimeout(ready, Number(shown.dataset.stays) * 1000);
    shown.addEventListener("click", ready);
  }

  // The server's answer as the worker gives one; nothing if there is none in time.
  async function atServer(text) {
    if (lostSince && !navigator.onLine) return undefined;
    try {
      const answer = await fetch("/api/v1/verifications", {
        method: "POST",
        headers: { "content-type": "application/json" },
        credentials: "omit",
        body: JSON.stringify({ code: text }),
        signal: AbortSignal.timeout(1500),
      });
      if (!answer.ok) return undefined;
      const checked = await answer.json();
      if (!checked.is_valid) return { answer: "refused", refusal: checked.refusal.reason };
      const copied = checked.form !== "live";
      const green = checked.look_at_document ? (copied ? "document" : "unproven") : "green";
      return {
        answer: checked.colour === "green" ? green : checked.colour,
        form: checked.form,
        name: checked.name,
        name_unchecked: checked.assurance !== "seen",
        known_at: Math.floor(Date.parse(checked.known_at) / 1000),
      };
    } catch {
      return undefined;
    }
  }
  // Whoever is checked next takes the place of the answer before, and an answer that comes late is not
  // shown for somebody else.
  let newest = 0;
  async function check(text) {
    newest += 1;
    const turn = newest;
    // By the clock of the server, as far as it is known: whoever records a visit says when it was.
    const scanned = now() - (known?.ahead ?? 0);
    const show = (answer) => {
      if (turn !== newest) return;
      draw(answer);
      document.dispatchEvent(new CustomEvent("healthcode-scan", { detail: { answer: answer.answer, text, at: scanned } }));
    };
    clearTimeout(leaves);
    ready();
    const online = await atServer(text);
    if (!online) {
      lostSince ??= known?.at ?? now();
      showAge();
    }
    if (online) return show(online);
    if (isStale()) return show({ answer: "refused", refusal: "trust-list-ran-out" });
    const alone = await ask({ do: "check", text, now: now() });
    show(alone.failed ? { answer: "refused", refusal: "malformed" } : alone);
  }

  // The camera.
  let stream;
  let facing = "environment";
  let awake;
  let last = { text: "", seen: 0 };
  const canvas = document.createElement("canvas");
  const brush = canvas.getContext("2d", { willReadFrequently: true });
  // One loop, whichever camera it is.
  let turns = 0;
  async function frame(turn) {
    if (!stream || turn !== turns) return;
    const side = Math.min(video.videoWidth, video.videoHeight);
    if (side > 0 && !document.hidden) {
      const size = Math.min(side, 560);
      canvas.width = canvas.height = size;
      const [x, y] = [(video.videoWidth - side) / 2, (video.videoHeight - side) / 2];
      brush.drawImage(video, x, y, side, side, 0, 0, size, size);
      const points = brush.getImageData(0, 0, size, size).data.buffer;
      const begun = performance.now();
      const seen = await ask({ do: "look", points, width: size, height: size }, [points]);
      box.dataset.took = String(Math.round(performance.now() - begun));
      tell("dark", seen.brightness < 24 && box.dataset.dark);
      if (seen.text) {
        // The same picture, still before the camera, was answered already.
        const isNew = seen.text !== last.text || Date.now() - last.seen > 3000;
        last = { text: seen.text, seen: Date.now() };
        if (isNew) await check(seen.text);
      }
    }
    setTimeout(frame, 60, turn);
  }
  function stop() {
    stream?.getTracks().forEach((track) => track.stop());
    stream = undefined;
  }
  const track = () => stream?.getVideoTracks()[0];
  async function open() {
    stop();
    tell("camera");
    if (!navigator.mediaDevices?.getUserMedia) return tell("camera", box.dataset.missing);
    try {
      const wanted = { facingMode: facing, width: { ideal: 1280 }, height: { ideal: 720 } };
      stream = await navigator.mediaDevices.getUserMedia({ video: wanted });
    } catch (error) {
      const why = { NotAllowedError: "refused", SecurityError: "refused", NotFoundError: "missing", OverconstrainedError: "missing" };
      return tell("camera", box.dataset[why[error.name] ?? "used"]);
    }
    video.srcObject = stream;
    await video.play();
    film.hidden = sound.hidden = false;
    startButton.hidden = true;
    torch.hidden = !track().getCapabilities?.().torch;
    const devices = await navigator.mediaDevices.enumerateDevices();
    turn.hidden = devices.filter((one) => one.kind === "videoinput").length < 2;
    awake = await navigator.wakeLock?.request("screen").catch(() => {});
    turns += 1;
    frame(turns);
  }
  startButton.addEventListener("click", () => {
    // A browser lets a page sound only after a press.
    voice ??= globalThis.AudioContext && new AudioContext();
    open();
  });
  turn.addEventListener("click", () => {
    facing = facing === "environment" ? "user" : "environment";
    open();
  });
  const isPressed = (button) => {
    const pressed = button.getAttribute("aria-pressed") !== "true";
    button.setAttribute("aria-pressed", String(pressed));
    return pressed;
  };
  torch.addEventListener("click", () => {
    track()?.applyConstraints({ advanced: [{ torch: isPressed(torch) }] }).catch(() => {});
  });
  sound.addEventListener("click", () => isPressed(sound));
  document.addEventListener("keydown", ({ key }) => { if (key === "Escape") ready(); });
  reset.addEventListener("click", () => { shift = 0; counted(); });
  document.addEventListener("visibilitychange", async () => {
    if (!document.hidden && stream) awake = await navigator.wakeLock?.request("screen").catch(() => {});
  });

  // A hand scanner types into the field: the same answer, without leaving the page.
  const form = document.querySelector("form.scan");
  form.addEventListener("submit", (event) => {
    // Until the answers are there the server draws the page.
    if (!drawn) return;
    event.preventDefault();
    const field = form.elements.code;
    const text = field.value.trim();
    field.value = "";
    field.focus({ preventScroll: true });
    if (text) check(text);
  });

  (async () => {
    hire();
    await fetchAnswers();
    box.hidden = false;
    counted();
    known = await store("readonly", (kept) => kept.get("newest")).catch(() => undefined);
    if (known) await learn();
    showAge();
    await sync();
    setInterval(sync, 60 * 1000);
    setInterval(showAge, 10 * 1000);
    addEventListener("online", sync);
  })().catch(() => {});
  navigator.serviceWorker?.register("/worker.js").catch(() => {});
})();

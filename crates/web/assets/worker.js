// Keeps the code page of this phone, so that it opens without a network: the code itself is signed by
// the page with keys of this phone (live.js). Nothing else that is about a person is kept, and a page
// that was kept says since when. Signing out or in, or a session that ended, takes it away, and the keys
// of this phone with it.
"use strict";
const SHELL = "healthcode-shell";
const KEPT = "healthcode-kept";
const ASSETS = [
  "/assets/site.css", "/assets/icon.svg", "/assets/renew.js", "/assets/qr.js", "/assets/live.js",
  "/assets/visits.js",
  "/assets/checkpoint.js", "/assets/scanner.js", "/assets/scanner-worker.js",
  "/assets/door.js", "/assets/sign-scan.js",
];
// Fetched only by whoever opens the checkpoint, and kept from then on.
const HEAVY = ["/assets/scanner.wasm"];
const PATIENCE = 4000;
const LONGEST = 25 * 3600;
// Forms that change who is signed in.
const WHO = ["/sign-in", "/sign-out", "/register", "/me/data/delete", "/demo/resident"];
// Forms with which somebody leaves the phone.
const LEAVES = ["/sign-out", "/me/data/delete"];

self.addEventListener("install", (event) => {
  event.waitUntil((async () => {
    const shell = await caches.open(SHELL);
    await shell.addAll([...ASSETS, "/offline", "/offline/visit"]);
    await self.skipWaiting();
  })());
});
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

// One kept page for each person on the phone, whatever the language was.
function placeOf(url) {
  const person = url.searchParams.get("person");
  return person ? `/me?person=${person}` : "/me";
}

// Counts how often it changed who is signed in: an answer that was asked for before is not kept.
let changes = 0;

// Nothing of whoever was signed in stays on the phone, but visits that wait for a network: those go when
// somebody signs out. After a session that ended, or a sign-in that failed, they are still their
// account's (visits.js), and nobody else sends them.
async function forget(leaves = false) {
  changes += 1;
  const visits = { queue: { keyPath: "request" }, who: undefined };
  await Promise.all([
    caches.delete(KEPT),
    clear("healthcode", { keys: { keyPath: "device" } }, ["keys"]),
    clear("healthcode-visits", visits, leaves ? ["queue", "who"] : ["who"]),
  ]);
}

// Empties stores of the browser, and makes them as the pages do if they are not there.
function clear(database, stores, names) {
  return new Promise((done) => {
    const opened = indexedDB.open(database, 1);
    opened.onupgradeneeded = () => {
      for (const [name, options] of Object.entries(stores)) opened.result.createObjectStore(name, options);
    };
    opened.onerror = () => done();
    opened.onsuccess = () => {
      const transaction = opened.result.transaction(names, "readwrite");
      for (const name of names) transaction.objectStore(name).clear();
      transaction.oncomplete = transaction.onabort = () => {
        opened.result.close();
        done();
      };
    };
  });
}

async function keep(url, answer, since) {
  if (since !== changes) return;
  if (answer.type === "opaqueredirect" || answer.status === 401) return forget();
  const pages = await caches.open(KEPT);
  // Somebody who may not be shown here any more.
  if (answer.status === 403 || answer.status === 404) return pages.delete(placeOf(url));
  if (!answer.ok || answer.redirected) return;
  const headers = new Headers(answer.headers);
  headers.set("x-kept-at", String(Math.floor(Date.now() / 1000)));
  const kept = new Response(await answer.blob(), { headers });
  await pages.put(placeOf(url), kept);
  // Somebody signed out while it was being written.
  if (since !== changes) await caches.delete(KEPT);
}

async function kept(url) {
  const found = await (await caches.open(KEPT)).match(placeOf(url));
  if (!found) return undefined;
  const at = found.headers.get("x-kept-at");
  // No code holds for longer, and reasons must not lie about.
  if (Date.now() / 1000 - Number(at) > LONGEST) {
    await caches.delete(KEPT);
    return undefined;
  }
  const html = (await found.text()).replace("<html ", `<html data-kept="${at}" `);
  return new Response(html, { headers: found.headers });
}

// A server that fails, or what stands before one that is down, is one that is not there.
const inTime = (answer) => Promise.race([
  answer.then((fresh) => {
    if (fresh.status >= 500) throw new Error(`${fresh.status}`);
    return fresh;
  }),
  new Promise((_, late) => setTimeout(() => late(new Error("no answer in time")), PATIENCE)),
]);

async function codePage(event, url) {
  const answer = fetch(event.request);
  const since = changes;
  // What comes after the kept page was shown is kept for the next time.
  event.waitUntil(answer.then((fresh) => keep(url, fresh.clone(), since)).catch(() => {}));
  try {
    return (await inTime(answer)).clone();
  } catch {
    return (await kept(url)) ?? answer.then((late) => late.clone()).catch(() => offline());
  }
}

async function offline(page = "/offline") {
  const shell = await caches.open(SHELL);
  return (await shell.match(page)) ?? Response.error();
}

// Somebody signs out, or deletes their account. What is kept is gone at once; visits that wait go once the
// server answered, for without a network nobody is signed out.
async function leave(event) {
  const gone = forget();
  try {
    const answer = await fetch(event.request);
    await gone;
    if (answer.status < 500) await forget(true);
    return answer;
  } catch {
    await gone;
    return offline();
  }
}

// A sign that is scanned without a network: the phone keeps the visit.
async function visit(event) {
  try {
    return await inTime(fetch(event.request));
  } catch {
    return offline("/offline/visit");
  }
}

// The page of a checkpoint is about nobody. It is kept as it came, without an answer on it.
async function checkpoint(event) {
  const shell = await caches.open(SHELL);
  try {
    const answer = await inTime(fetch(event.request));
    if (answer.ok && !answer.redirected) event.waitUntil(shell.put("/checkpoint", answer.clone()));
    return answer;
  } catch {
    return (await shell.match("/checkpoint")) ?? offline();
  }
}

// What a checkpoint may answer, in the language that was read last.
async function answers(event, url) {
  const shell = await caches.open(SHELL);
  try {
    const answer = await inTime(fetch(event.request));
    if (answer.ok) event.waitUntil(shell.put(url.pathname, answer.clone()));
    return answer;
  } catch {
    return (await shell.match(url.pathname)) ?? Response.error();
  }
}

// The newest from the network; what was kept without one.
async function asset(event, url) {
  const shell = await caches.open(SHELL);
  try {
    const answer = await fetch(event.request);
    if (!answer.ok) return (await shell.match(url.pathname)) ?? answer;
    event.waitUntil(shell.put(url.pathname, answer.clone()));
    return answer;
  } catch {
    return (await shell.match(url.pathname)) ?? Response.error();
  }
}

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (url.origin !== self.location.origin) return;
  const isPage = event.request.mode === "navigate";
  if (event.request.method === "POST") {
    const begins = (path) => url.pathname.startsWith(path);
    if (LEAVES.some(begins) && isPage) event.respondWith(leave(event));
    else if (WHO.some(begins)) event.waitUntil(forget());
    return;
  }
  if (event.request.method !== "GET") return;
  // Back from an identity provider, as whoever it says.
  if (isPage && url.pathname.startsWith("/sign-in/") && url.pathname.endsWith("/callback")) event.waitUntil(forget());
  if (url.pathname === "/me" && isPage) event.respondWith(codePage(event, url));
  else if (url.pathname === "/checkpoint" && isPage) event.respondWith(checkpoint(event));
  else if (url.pathname === "/checkpoint/answers" && !isPage) event.respondWith(answers(event, url));
  else if (ASSETS.includes(url.pathname) || HEAVY.includes(url.pathname)) event.respondWith(asset(event, url));
  else if (url.pathname === "/visit" && isPage) event.respondWith(visit(event));
  else if (isPage) event.respondWith(fetch(event.request).catch(() => offline()));
});

// Keeps the code page of this phone, so that it opens without a network: the code itself is signed by
// the page with keys of this phone (live.js). Nothing else that is about a person is kept, and a page
// that was kept says since when. Signing out or in, or a session that ended, takes it away, and the keys
// of this phone with it; visits that wait for a network (visits.js) go with their own account alone.
"use strict";
const SHELL = "healthcode-shell";
const KEPT = "healthcode-kept";
const ASSETS = [
  "/assets/site.css", "/assets/icon.svg", "/assets/press.js", "/assets/renew.js", "/assets/qr.js", "/assets/live.js",
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
// Stores of the browser, as the pages make them.
const KEYS = { keys: { keyPath: "device" } };
const VISITS = { queue: { keyPath: "request" }, who: undefined };

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

// Nothing of whoever was signed in stays on the phone, but visits that wait for a network: after a session
// that ended, or a sign-in that failed, they are still their account's, and nobody else sends them.
async function forget(visits = (of) => of("who").clear()) {
  changes += 1;
  await Promise.all([
    caches.delete(KEPT),
    change("healthcode", KEYS, (of) => of("keys").clear()),
    change("healthcode-visits", VISITS, visits),
  ]);
}

// Notes which account is about to leave: the page on which it says so may not be the one that said who
// it is, and a first try may be refused.
function noteLeaving(of) {
  const who = of("who");
  who.get("last").onsuccess = ({ target }) => {
    if (!target.result) return;
    who.put(target.result, "leaving");
    who.delete("last");
  };
}

// Deletes what waits of the account that left, and of nobody else.
function deleteVisits(of) {
  of("who").get("leaving").onsuccess = ({ target: { result: account } }) => {
    of("queue").getAll().onsuccess = ({ target: { result: visits } }) => {
      const own = visits.filter((visit) => visit.account === account);
      for (const visit of own) of("queue").delete(visit.request);
    };
    of("who").clear();
  };
}

// Changes stores of the browser in one transaction, and makes them if they are not there.
function change(database, stores, step) {
  return new Promise((done) => {
    const opened = indexedDB.open(database, 1);
    opened.onupgradeneeded = () => {
      for (const [name, options] of Object.entries(stores)) opened.result.createObjectStore(name, options);
    };
    opened.onerror = () => done();
    opened.onsuccess = () => {
      const transaction = opened.result.transaction(Object.keys(stores), "readwrite");
      step((name) => transaction.objectStore(name));
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

// Until then what belongs to a page need not wait as long as the page did.
let hangsUntil = 0;

// A server that fails, or what stands before one that is down, is one that is not there; so is one that
// does not answer.
const inTime = (answer, patience = PATIENCE) => new Promise((done, failed) => {
  const late = setTimeout(() => {
    hangsUntil = Date.now() + PATIENCE;
    failed(new Error("no answer in time"));
  }, patience);
  const isThere = (fresh) => (fresh.status < 500 ? done(fresh) : failed(new Error(`${fresh.status}`)));
  answer.then(isThere, failed).finally(() => clearTimeout(late));
});

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

// Somebody signs out, or deletes their account. What is kept is gone at once. Visits that wait go once the
// server shows that their account left: without a network, or where the form was refused or asked for a
// code only, nobody did.
async function leave(event, url) {
  const gone = forget(noteLeaving);
  try {
    const answer = await fetch(event.request);
    await gone;
    const isSignedOut = answer.type === "opaqueredirect" && url.pathname.startsWith("/sign-out");
    if (isSignedOut || answer.headers.get("account-deleted") === "yes") await forget(deleteVisits);
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

// The newest from the network; what was kept without one. A page is blank until it has its style.
async function asset(event, url) {
  const shell = await caches.open(SHELL);
  const answer = fetch(event.request);
  const keep = async (fresh) => fresh.ok && shell.put(url.pathname, fresh);
  event.waitUntil(answer.then((fresh) => keep(fresh.clone())).catch(() => {}));
  const kept = async () => (await shell.match(url.pathname)) ?? (await answer).clone();
  try {
    const fresh = await inTime(answer, Date.now() < hangsUntil ? 0 : PATIENCE);
    return fresh.ok ? fresh.clone() : await kept();
  } catch {
    return kept().catch(() => Response.error());
  }
}

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (url.origin !== self.location.origin) return;
  const isPage = event.request.mode === "navigate";
  if (event.request.method === "POST") {
    const begins = (path) => url.pathname.startsWith(path);
    if (LEAVES.some(begins) && isPage) event.respondWith(leave(event, url));
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

// Keeps the code page of this phone, so that it opens without a network: the code itself is signed by
// the page with keys of this phone (live.js). Nothing else that is about a person is kept, and a page
// that was kept says since when. Signing out, or a session that ended, takes it away.
"use strict";
const SHELL = "healthcode-shell";
const KEPT = "healthcode-kept";
const ASSETS = [
  "/assets/site.css", "/assets/icon.svg", "/assets/renew.js", "/assets/qr.js", "/assets/live.js",
  "/assets/checkpoint.js", "/assets/scanner.js", "/assets/scanner-worker.js",
];
// Fetched only by whoever opens the checkpoint, and kept from then on.
const HEAVY = ["/assets/scanner.wasm"];
const PATIENCE = 4000;
const LONGEST = 25 * 3600;

self.addEventListener("install", (event) => {
  event.waitUntil((async () => {
    const shell = await caches.open(SHELL);
    await shell.addAll([...ASSETS, "/offline"]);
    await self.skipWaiting();
  })());
});
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

// One kept page for each person on the phone, whatever the language was.
function placeOf(url) {
  const person = url.searchParams.get("person");
  return person ? `/me?person=${person}` : "/me";
}

const forget = () => caches.delete(KEPT);

async function keep(url, answer) {
  if (answer.type === "opaqueredirect" || answer.status === 401) return forget();
  if (!answer.ok || answer.redirected) return;
  const headers = new Headers(answer.headers);
  headers.set("x-kept-at", String(Math.floor(Date.now() / 1000)));
  const kept = new Response(await answer.blob(), { headers });
  await (await caches.open(KEPT)).put(placeOf(url), kept);
}

async function kept(url) {
  const found = await (await caches.open(KEPT)).match(placeOf(url));
  if (!found) return undefined;
  const at = found.headers.get("x-kept-at");
  // No code holds for longer, and reasons must not lie about.
  if (Date.now() / 1000 - Number(at) > LONGEST) {
    await forget();
    return undefined;
  }
  const html = (await found.text()).replace("<html ", `<html data-kept="${at}" `);
  return new Response(html, { headers: found.headers });
}

const inTime = (answer) => Promise.race([
  answer,
  new Promise((_, late) => setTimeout(() => late(new Error("no answer in time")), PATIENCE)),
]);

async function codePage(event, url) {
  const answer = fetch(event.request);
  // What comes after the kept page was shown is kept for the next time.
  event.waitUntil(answer.then((fresh) => keep(url, fresh.clone())).catch(() => {}));
  try {
    return (await inTime(answer)).clone();
  } catch {
    return (await kept(url)) ?? answer.catch(() => offline());
  }
}

async function offline() {
  const shell = await caches.open(SHELL);
  return (await shell.match("/offline")) ?? Response.error();
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
    if (answer.ok) event.waitUntil(shell.put(url.pathname, answer.clone()));
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
    if (url.pathname === "/sign-out") event.waitUntil(forget());
    return;
  }
  if (event.request.method !== "GET") return;
  if (url.pathname === "/me" && isPage) event.respondWith(codePage(event, url));
  else if (url.pathname === "/checkpoint" && isPage) event.respondWith(checkpoint(event));
  else if (url.pathname === "/checkpoint/answers" && !isPage) event.respondWith(answers(event, url));
  else if (ASSETS.includes(url.pathname) || HEAVY.includes(url.pathname)) event.respondWith(asset(event, url));
  else if (isPage) event.respondWith(fetch(event.request).catch(offline));
});

// Reads codes out of pictures and verifies them, apart from the page, so that the camera never waits.
// All of the work is done by scanner.wasm (crates/scanner), which is the same code as on a server.
"use strict";
let wasm;
// What the page told last, in case that the scanner has to begin anew.
let known;

async function start() {
  const answer = await fetch("/assets/scanner.wasm");
  const { instance } = await WebAssembly.instantiate(await answer.arrayBuffer(), {});
  wasm = instance.exports;
}

function put(bytes) {
  const place = wasm.input(bytes.length);
  new Uint8Array(wasm.memory.buffer, place, bytes.length).set(bytes);
}

function took() {
  const bytes = new Uint8Array(wasm.memory.buffer, wasm.output(), wasm.output_length());
  return new TextDecoder().decode(bytes.slice());
}

const bytesOf = (text) => new TextEncoder().encode(text);

const work = {
  // Everything anew: what was fetched, and no list that is gone.
  know({ roots, trust, lists, now }) {
    known = { roots, trust, lists, now };
    put(bytesOf(roots.join("\n")));
    if (!wasm.pin()) return { failed: took() };
    put(new Uint8Array(trust));
    if (!wasm.trust_list(now)) return { failed: took() };
    for (const list of lists) {
      put(new Uint8Array(list));
      if (!wasm.status_list()) return { failed: took() };
    }
    return {};
  },
  look({ points, width, height }) {
    put(new Uint8Array(points));
    return wasm.look(width, height) ? JSON.parse(took()) : { failed: took() };
  },
  check({ text, now }) {
    put(bytesOf(text));
    wasm.check(now);
    return JSON.parse(took());
  },
};

let started = start();
onmessage = async ({ data }) => {
  try {
    await started;
    postMessage({ id: data.id, ...work[data.do](data) });
  } catch (error) {
    postMessage({ id: data.id, failed: String(error) });
    // What was compiled does not go on after a fault: a fresh one takes its place.
    started = start().then(() => { if (known) work.know(known); }).catch(() => {});
  }
};

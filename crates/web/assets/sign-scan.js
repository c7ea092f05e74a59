// Reads the sign at a door with the camera and opens it. The picture is looked at on this phone, and goes
// nowhere. Without this script the camera of the phone opens the sign, or its address is pasted.
"use strict";
(() => {
  const box = document.getElementById("sign-scan");
  if (!box || !globalThis.Worker || !globalThis.WebAssembly) return;
  const part = (name) => document.getElementById(`sign-scan-${name}`);
  const [note, film, video, start] = ["note", "film", "video", "start"].map(part);
  const tell = (words) => {
    note.hidden = !words;
    note.textContent = words || "";
  };
  let worker;
  let stream;
  const canvas = document.createElement("canvas");
  const brush = canvas.getContext("2d", { willReadFrequently: true });

  // What stands in the square, if it is a sign of these pages.
  function signIn(text) {
    try {
      const address = new URL(text);
      const isOurs = address.origin === location.origin && address.pathname === "/visit";
      return isOurs ? address.searchParams.get("sign") : undefined;
    } catch {
      return undefined;
    }
  }
  function stop() {
    stream?.getTracks().forEach((track) => track.stop());
    stream = undefined;
    film.hidden = true;
  }
  function look() {
    if (!stream) return;
    const side = Math.min(video.videoWidth, video.videoHeight);
    if (side === 0 || document.hidden) return void setTimeout(look, 200);
    const size = Math.min(side, 560);
    canvas.width = canvas.height = size;
    brush.drawImage(video, (video.videoWidth - side) / 2, (video.videoHeight - side) / 2, side, side, 0, 0, size, size);
    const points = brush.getImageData(0, 0, size, size).data.buffer;
    worker.postMessage({ id: 1, do: "look", points, width: size, height: size }, [points]);
  }
  function seen({ text, brightness, failed }) {
    if (!stream) return;
    const sign = text && signIn(text);
    if (sign) {
      stop();
      const asked = new URLSearchParams({ sign });
      if (box.dataset.person) asked.set("person", box.dataset.person);
      return void location.assign(`/visit?${asked}`);
    }
    if (text) tell(box.dataset.other);
    else if (failed) tell(box.dataset.missing);
    else if (brightness < 24) tell(box.dataset.dark);
    setTimeout(look, 80);
  }

  start.hidden = false;
  start.addEventListener("click", async () => {
    tell();
    try {
      const wanted = { facingMode: "environment", width: { ideal: 1280 }, height: { ideal: 720 } };
      stream = await navigator.mediaDevices.getUserMedia({ video: wanted });
    } catch (error) {
      const isRefused = ["NotAllowedError", "SecurityError"].includes(error.name);
      return tell(isRefused ? box.dataset.refused : box.dataset.missing);
    }
    if (!worker) {
      worker = new Worker("/assets/scanner-worker.js");
      worker.onmessage = ({ data }) => seen(data);
    }
    video.srcObject = stream;
    await video.play();
    film.hidden = false;
    start.hidden = true;
    look();
  });
  addEventListener("pagehide", stop);
})();

// How long it takes from a frame of the camera until it is known what stands in it, and whether it holds, without
// a network: as scanner.js does it, `rounds` times. Calls back with the milliseconds and the answers.
const [rounds, done] = arguments;
(async () => {
  const worker = new Worker("/assets/scanner-worker.js");
  const waiting = new Map();
  worker.onmessage = ({ data }) => {
    waiting.get(data.id)(data);
    waiting.delete(data.id);
  };
  let asked = 0;
  const ask = (question, transfer = []) => new Promise((answered) => {
    asked += 1;
    waiting.set(asked, answered);
    worker.postMessage({ id: asked, ...question }, transfer);
  });
  const now = () => Math.floor(Date.now() / 1000);
  const bytes = async (address) => (await fetch(address)).arrayBuffer();
  const { roots, lists } = await (await fetch("/checkpoint/knowledge")).json();
  const numbers = Array.from({ length: lists }, (_, number) => `/api/v1/status-lists/${number}`);
  const [trust, ...fetched] = await Promise.all(["/api/v1/trust-list", ...numbers].map(bytes));
  const known = await ask({ do: "know", now: now(), roots, trust, lists: fetched });
  if (known.failed) throw new Error(known.failed);

  const video = document.createElement("video");
  video.muted = true;
  video.srcObject = await navigator.mediaDevices.getUserMedia({ video: true });
  await video.play();
  while (!video.videoWidth) await new Promise((next) => setTimeout(next, 20));
  const canvas = document.createElement("canvas");
  const brush = canvas.getContext("2d", { willReadFrequently: true });
  const side = Math.min(video.videoWidth, video.videoHeight);
  const size = Math.min(side, 560);
  canvas.width = canvas.height = size;
  const [x, y] = [(video.videoWidth - side) / 2, (video.videoHeight - side) / 2];
  const took = [];
  const answers = {};
  for (let round = 0; round < rounds; round += 1) {
    const begun = performance.now();
    brush.drawImage(video, x, y, side, side, 0, 0, size, size);
    const points = brush.getImageData(0, 0, size, size).data.buffer;
    const seen = await ask({ do: "look", points, width: size, height: size }, [points]);
    const answer = seen.text ? (await ask({ do: "check", text: seen.text, now: now() })).answer : "nothing";
    took.push(performance.now() - begun);
    answers[answer] = (answers[answer] ?? 0) + 1;
    // The camera goes on meanwhile.
    await new Promise((next) => setTimeout(next, 20));
  }
  done({ took, answers, size });
})().catch((error) => done({ failed: String(error) }));

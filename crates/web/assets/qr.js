// Lays out a text as a QR code: alphanumeric mode, error correction M, versions 1 to 15 (ISO/IEC 18004).
// `healthcodeQr(text)` gives rows of booleans, true for dark, without the quiet zone.
"use strict";
const healthcodeQr = (() => {
  const LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
  // At level M, by version from 1: error correction codewords in each block, and blocks.
  const CHECKS = [10, 16, 26, 18, 24, 16, 18, 22, 22, 26, 30, 22, 22, 24, 24];
  const BLOCKS = [1, 1, 1, 2, 2, 4, 4, 4, 5, 5, 5, 8, 9, 9, 10];

  // Powers and logarithms in the field of 256 elements with x^8 + x^4 + x^3 + x^2 + 1.
  const [POWER, LOG] = [new Uint8Array(510), new Uint8Array(256)];
  for (let exponent = 0, value = 1; exponent < 255; exponent++) {
    POWER[exponent] = POWER[exponent + 255] = value;
    LOG[value] = exponent;
    value = (value << 1) ^ (value > 127 ? 0x11d : 0);
  }
  const times = (a, b) => (a && b ? POWER[LOG[a] + LOG[b]] : 0);

  // What is left of data * x^count after division by (x - 1)(x - 2)(x - 4)…
  function remainder(data, count) {
    let divisor = [1];
    for (let root = 0; root < count; root++) {
      const next = [...divisor, 0];
      divisor.forEach((factor, place) => (next[place + 1] ^= times(factor, POWER[root])));
      divisor = next;
    }
    const rest = [...data, ...new Array(count).fill(0)];
    for (let place = 0; place < data.length; place++) {
      const factor = rest[place];
      divisor.forEach((part, offset) => (rest[place + offset] ^= times(part, factor)));
    }
    return rest.slice(data.length);
  }

  // Places of the small squares that straighten a picture, on one axis.
  function alignments(version) {
    if (version === 1) return [];
    const count = Math.floor(version / 7) + 2;
    const last = version * 4 + 10;
    const step = Math.ceil((last - 6) / (count - 1) / 2) * 2;
    const places = [6];
    for (let place = last - step * (count - 2); places.length < count; place += step) places.push(place);
    return places;
  }

  // Modules that carry data, remainder bits included.
  function capacity(version) {
    const size = version * 4 + 17;
    const squares = alignments(version).length;
    const small = squares ? squares * squares - 3 : 0;
    const onTiming = squares ? (squares - 2) * 2 * 5 : 0;
    const functional = 3 * 64 + 2 * (size - 16) + 31 + small * 25 - onTiming + (version > 6 ? 36 : 0);
    return size * size - functional;
  }

  function smallestVersion(length) {
    for (let version = 1; version <= CHECKS.length; version++) {
      const bits = (Math.floor(capacity(version) / 8) - CHECKS[version - 1] * BLOCKS[version - 1]) * 8;
      const needed = 4 + (version < 10 ? 9 : 11) + Math.floor(length / 2) * 11 + (length % 2) * 6;
      if (needed <= bits) return version;
    }
    throw new RangeError("the text is too long");
  }

  // The codewords of a text: data and error correction, block by block, interleaved.
  function codewords(text, version) {
    const total = Math.floor(capacity(version) / 8);
    const [checks, blocks] = [CHECKS[version - 1], BLOCKS[version - 1]];
    const room = total - checks * blocks;
    const bits = [];
    const put = (value, width) => {
      for (let bit = width - 1; bit >= 0; bit--) bits.push((value >> bit) & 1);
    };
    put(2, 4);
    put(text.length, version < 10 ? 9 : 11);
    for (let place = 0; place < text.length; place += 2) {
      const pair = [...text.slice(place, place + 2)].map((letter) => LETTERS.indexOf(letter));
      if (pair.includes(-1)) throw new RangeError("a letter that a code has not");
      if (pair.length === 2) put(pair[0] * 45 + pair[1], 11);
      else put(pair[0], 6);
    }
    put(0, Math.min(4, room * 8 - bits.length));
    while (bits.length % 8) bits.push(0);
    const data = [];
    for (let bit = 0; bit < bits.length; bit += 8) data.push(parseInt(bits.slice(bit, bit + 8).join(""), 2));
    for (let fill = 0xec; data.length < room; fill ^= 0xec ^ 0x11) data.push(fill);

    const short = Math.floor(room / blocks);
    const longer = room % blocks;
    const parts = [];
    for (let block = 0, from = 0; block < blocks; block++) {
      const until = from + short + (block >= blocks - longer ? 1 : 0);
      const part = data.slice(from, until);
      parts.push({ part, check: remainder(part, checks) });
      from = until;
    }
    const mixed = [];
    for (let place = 0; place <= short; place++) {
      for (const { part } of parts) if (place < part.length) mixed.push(part[place]);
    }
    for (let place = 0; place < checks; place++) for (const { check } of parts) mixed.push(check[place]);
    return mixed;
  }

  // A value followed by the remainder of its division by a polynomial over bits.
  function withRemainder(value, width, polynomial) {
    let rest = value;
    for (let bit = 0; bit < width; bit++) rest = (rest << 1) ^ ((rest >> (width - 1)) & 1 ? polynomial : 0);
    return (value << width) | rest;
  }

  function draw(version, words) {
    const size = version * 4 + 17;
    const dark = Array.from({ length: size }, () => new Array(size).fill(false));
    const taken = Array.from({ length: size }, () => new Array(size).fill(false));
    const set = (x, y, isDark) => {
      if (x < 0 || y < 0 || x >= size || y >= size) return;
      dark[y][x] = isDark;
      taken[y][x] = true;
    };
    for (let place = 0; place < size; place++) {
      set(6, place, place % 2 === 0);
      set(place, 6, place % 2 === 0);
    }
    for (const [centreX, centreY] of [[3, 3], [size - 4, 3], [3, size - 4]]) {
      for (let dy = -4; dy <= 4; dy++) {
        for (let dx = -4; dx <= 4; dx++) {
          const ring = Math.max(Math.abs(dx), Math.abs(dy));
          set(centreX + dx, centreY + dy, ring !== 2 && ring !== 4);
        }
      }
    }
    const squares = alignments(version);
    const last = squares.length - 1;
    squares.forEach((y, row) => squares.forEach((x, column) => {
      if ((row === 0 && (column === 0 || column === last)) || (row === last && column === 0)) return;
      for (let dy = -2; dy <= 2; dy++) {
        for (let dx = -2; dx <= 2; dx++) set(x + dx, y + dy, Math.max(Math.abs(dx), Math.abs(dy)) !== 1);
      }
    }));
    if (version > 6) {
      const bits = withRemainder(version, 12, 0x1f25);
      for (let bit = 0; bit < 18; bit++) {
        const [far, near] = [size - 11 + (bit % 3), Math.floor(bit / 3)];
        set(far, near, ((bits >> bit) & 1) === 1);
        set(near, far, ((bits >> bit) & 1) === 1);
      }
    }
    const format = (mask) => {
      // Level M is 00.
      const bits = withRemainder(mask, 10, 0x537) ^ 0x5412;
      const bit = (place) => ((bits >> place) & 1) === 1;
      for (let place = 0; place < 6; place++) set(8, place, bit(place));
      set(8, 7, bit(6));
      set(8, 8, bit(7));
      set(7, 8, bit(8));
      for (let place = 9; place < 15; place++) set(14 - place, 8, bit(place));
      for (let place = 0; place < 8; place++) set(size - 1 - place, 8, bit(place));
      for (let place = 8; place < 15; place++) set(8, size - 15 + place, bit(place));
      set(8, size - 8, true);
    };
    format(0);
    let bit = 0;
    for (let right = size - 1, isUp = true; right > 0; right -= 2, isUp = !isUp) {
      if (right === 6) right = 5;
      for (let step = 0; step < size; step++) {
        const y = isUp ? size - 1 - step : step;
        for (const x of [right, right - 1]) {
          if (taken[y][x]) continue;
          dark[y][x] = bit < words.length * 8 && ((words[bit >> 3] >> (7 - (bit & 7))) & 1) === 1;
          bit++;
        }
      }
    }
    return { size, dark, taken: taken.map((row) => [...row]), format };
  }

  const MASKS = [
    (x, y) => (x + y) % 2,
    (x, y) => y % 2,
    (x) => x % 3,
    (x, y) => (x + y) % 3,
    (x, y) => (Math.floor(x / 3) + Math.floor(y / 2)) % 2,
    (x, y) => ((x * y) % 2) + ((x * y) % 3),
    (x, y) => (((x * y) % 2) + ((x * y) % 3)) % 2,
    (x, y) => (((x + y) % 2) + ((x * y) % 3)) % 2,
  ];

  function apply(drawn, mask) {
    drawn.dark.forEach((row, y) => row.forEach((_, x) => {
      if (!drawn.taken[y][x] && MASKS[mask](x, y) === 0) row[x] = !row[x];
    }));
  }

  // How hard a picture is to read: long runs, blocks, look-alikes of the corners, imbalance.
  function penalty({ size, dark }) {
    let points = 0;
    let darkOnes = 0;
    const lines = [...dark, ...dark.map((_, x) => dark.map((row) => row[x]))];
    for (const line of lines) {
      const text = line.map((isDark) => (isDark ? "1" : "0")).join("");
      for (const run of text.match(/1{5,}|0{5,}/g) ?? []) points += run.length - 2;
      for (let at = 0; at + 11 <= size; at++) {
        const part = text.slice(at, at + 11);
        if (part === "10111010000" || part === "00001011101") points += 40;
      }
    }
    for (let y = 0; y < size; y++) {
      for (let x = 0; x < size; x++) {
        darkOnes += dark[y][x] ? 1 : 0;
        if (x && y && dark[y][x] === dark[y][x - 1] && dark[y][x] === dark[y - 1][x] && dark[y][x] === dark[y - 1][x - 1]) points += 3;
      }
    }
    return points + Math.floor(Math.abs((darkOnes * 20) / (size * size) - 10)) * 10;
  }

  return (text, onlyMask) => {
    const version = smallestVersion(text.length);
    const words = codewords(text, version);
    let best;
    for (const mask of onlyMask === undefined ? MASKS.keys() : [onlyMask]) {
      const drawn = draw(version, words);
      drawn.format(mask);
      apply(drawn, mask);
      const points = penalty(drawn);
      if (!best || points < best.points) best = { points, dark: drawn.dark };
    }
    return best.dark;
  };
})();

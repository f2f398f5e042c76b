import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { sizeText } from "../src/parts/size.js";
import { upload } from "../src/parts/upload.js";

const file = (size) => new File([Uint8Array.from({ length: size }, (_, at) => at & 255)], "desk.anvil");

// A Python that takes pieces as the real one does.
function python({ failAt = -1 } = {}) {
  const came = [];
  const calls = [];
  const call = async (name, args, { buffers = [] } = {}) => {
    calls.push(name);
    if (name === "begin") return { upload: 7 };
    if (name === "piece") {
      if (args.at === failAt) throw new Error("no");
      came.push(...buffers[0]);
      return { received: came.length };
    }
    return name === "finish" ? { sha256: args.sha256 } : null;
  };
  return { call, calls, came };
}

test("a file goes in pieces, and its digest at the end", async () => {
  const { call, calls, came } = python();
  const shares = [];
  const done = await upload(file(10), { call, piece: 4, progress: ({ share }) => shares.push(share) });
  assert.deepEqual(calls, ["begin", "piece", "piece", "piece", "finish"]);
  assert.equal(came.length, 10);
  assert.equal(done.sha256, createHash("sha256").update(Uint8Array.from(came)).digest("hex"));
  assert.deepEqual(shares, [0.4, 0.8, 1]);
});

test("an upload that is cancelled sends no more, and has what came removed", async () => {
  const { call, calls } = python();
  const stop = new AbortController();
  const sent = upload(file(10), { call, piece: 4, signal: stop.signal, progress: () => stop.abort() });
  await assert.rejects(sent, { code: "cancelled" });
  assert.deepEqual(calls, ["begin", "piece", "cancel"]);
});

test("a piece that is refused ends it, and has what came removed", async () => {
  const { call, calls } = python({ failAt: 4 });
  await assert.rejects(upload(file(10), { call, piece: 4 }), { message: "no" });
  assert.deepEqual(calls, ["begin", "piece", "piece", "cancel"]);
});

test("sizes are told in the unit that fits", () => {
  assert.deepEqual([0, 1023, 1536, 50 << 20].map(sizeText), ["0 B", "1023 B", "1.5 KiB", "50.0 MiB"]);
});

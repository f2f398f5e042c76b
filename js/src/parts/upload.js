// A file sent to Python piece by piece, each of which is acknowledged before the next one goes.
import { Sha256 } from "./sha256.js";
import { sizeText } from "./size.js";

// Sends `file` and returns what Python says at its end. `call` is the page's; `piece` is how many
// bytes go at a time; `progress` is told { text, share }, and `signal` ends it: what came is
// removed then, as after anything that goes wrong.
export async function upload(file, { call, piece, progress = () => {}, signal }) {
  const { upload: number } = await call("begin", { name: file.name, size: file.size });
  const digest = new Sha256();
  try {
    for (let at = 0; at < file.size;) {
      if (signal?.aborted) throw cancelled();
      const bytes = new Uint8Array(await file.slice(at, at + piece).arrayBuffer());
      if (signal?.aborted) throw cancelled();
      digest.update(bytes);
      const { received } = await call("piece", { upload: number, at }, { buffers: [bytes] });
      at = received;
      progress({ share: at / file.size, text: `${Math.floor((100 * at) / file.size)} %: ${sizeText(at)} of ${sizeText(file.size)}` });
    }
    if (signal?.aborted) throw cancelled();
    return await call("finish", { upload: number, sha256: digest.hex() });
  } catch (error) {
    await call("cancel", { upload: number }).catch(() => {}); // the first error is the one to show
    throw error;
  }
}

function cancelled() {
  return Object.assign(new Error("the upload was cancelled; nothing of it is kept"), { code: "cancelled" });
}

// A file of Python's, brought in parts and handed to the browser as a download.

// `bring(start)` resolves to { buffers }; `size` is that of the file. Returns the file's bytes.
export async function gathered(bring, size, { told = () => {}, signal } = {}) {
  const parts = [];
  let done = 0;
  while (done < size) {
    if (signal?.aborted) throw Object.assign(new Error("cancelled: nothing was downloaded"), { code: "cancelled" });
    const { buffers } = await bring(done);
    const length = buffers[0].byteLength;
    if (!length) throw Object.assign(new Error("the file became shorter meanwhile"), { code: "moved", hint: "Write the bundle again." });
    parts.push(buffers[0]);
    done += length;
    told(Math.min(1, done / size));
  }
  return new Blob(parts, { type: "application/octet-stream" });
}

// Fails when the bytes are not those that were promised; only a secure page can tell.
export async function checked(blob, sha256) {
  if (!globalThis.crypto?.subtle) return blob;
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", await blob.arrayBuffer()));
  const hex = [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  if (hex !== sha256) throw Object.assign(new Error("what arrived is not the file that was written"), { code: "moved", hint: "Write the bundle again." });
  return blob;
}

export function save(blob, name) {
  const url = URL.createObjectURL(blob);
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

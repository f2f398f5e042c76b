// Calls to Python and what comes back: see anvil_nb/widgets/desk.py for the messages.
import { loads } from "./parts/loads.js";

export class CallError extends Error {
  constructor({ code, message, hint }) {
    super(message);
    this.code = code;
    this.hint = hint ?? "";
  }
}

const GONE = { code: "gone", message: "the kernel is gone", hint: "Run this cell again; what you typed is kept." };

export class Channel {
  #model;
  #from;
  #next;
  #waiting = new Map();
  #listeners = new Map();
  #take;
  #ended = false;
  #endings = new Set();

  // Several pages may show one model, and each gets the answers of all: ids begin by chance, from
  // `first` on, and a page loaded anew takes no answer to the one before for its own.
  constructor(model, first = Math.floor(Math.random() * 2 ** 50), from = loads()) {
    this.#model = model;
    this.#from = from;
    this.#next = first;
    this.#take = (message, buffers) => this.#receive(message, buffers);
    model.on("msg:custom", this.#take);
  }

  // Calls a method of the view `to`; resolves to its value, or to { value, buffers } when bytes
  // come with it. `progress` makes it work that can be cancelled by `signal`.
  call(to, name, args = {}, { progress, signal, buffers = [] } = {}) {
    if (this.#ended) return Promise.reject(new CallError(GONE));
    const id = ++this.#next;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject, progress });
      signal?.addEventListener("abort", () => this.#send({ to, id, cancel: true }), { once: true });
      this.#send({ to, id, call: name, args }, buffers);
    });
  }

  close(to) {
    if (!this.#ended) this.#send({ to, id: ++this.#next, close: true });
  }

  #send(message, buffers) {
    this.#model.send({ ...message, from: this.#from }, undefined, buffers);
  }

  // Listens to the events of the view `to`; returns what stops listening.
  on(to, event, listener) {
    const key = `${to} ${event}`;
    const all = this.#listeners.get(key) ?? new Set();
    this.#listeners.set(key, all.add(listener));
    return () => all.delete(listener);
  }

  // Listens to the end, which comes once; returns what stops listening.
  onEnd(listener) {
    this.#endings.add(listener);
    return () => this.#endings.delete(listener);
  }

  end() {
    if (this.#ended) return;
    this.#ended = true;
    for (const listener of this.#endings) listener();
    this.#model.off("msg:custom", this.#take);
    for (const { reject } of this.#waiting.values()) reject(new CallError(GONE));
    this.#waiting.clear();
  }

  #receive(message, buffers) {
    if (message.event !== undefined) {
      for (const listener of this.#listeners.get(`${message.to} ${message.event}`) ?? []) listener(message.value);
      return;
    }
    const waiting = this.#waiting.get(message.id);
    if (waiting === undefined) return;
    if (message.progress !== undefined) {
      waiting.progress?.(message.progress);
      return;
    }
    this.#waiting.delete(message.id);
    if (message.error) waiting.reject(new CallError(message.error));
    else if (buffers?.length) waiting.resolve({ value: message.ok ?? null, buffers });
    else waiting.resolve(message.ok ?? null);
  }
}

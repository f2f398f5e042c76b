// A model as anywidget hands it to a page, with a Python that answers as a test says.
export class Model {
  #listeners = new Map();
  sent = [];

  constructor(answer = () => undefined) {
    this.answer = answer;
  }

  on(event, listener) {
    this.#listeners.set(event, [...(this.#listeners.get(event) ?? []), listener]);
  }

  off(event, listener) {
    this.#listeners.set(event, (this.#listeners.get(event) ?? []).filter((one) => one !== listener));
  }

  send(message, _callbacks, buffers = []) {
    this.sent.push({ ...message, buffers });
    this.answer(message, (said) => this.receive(said));
  }

  receive(message, buffers = []) {
    for (const listener of this.#listeners.get("msg:custom") ?? []) listener(message, buffers);
  }
}

// Which writers are at work in this browser, in any of its windows: what one of them keeps is not a
// text that was left behind.

// Lets others know of the writer `id` until `end()`; `here(id)` is called for each of the others
// that answers, `gone(id)` for each that ends. `open` makes the channel they hear each other on.
export function living(id, { here = () => {}, gone = () => {} } = {}, open = () => new BroadcastChannel("anvil-writers")) {
  let channel = null;
  try {
    channel = open();
  } catch {
    return { alive: () => false, end: () => {} }; // a page that may have none
  }
  channel.onmessage = ({ data }) => {
    if (data.ask) channel.postMessage({ here: id });
    else if (data.here !== undefined) here(data.here);
    else if (data.gone !== undefined) gone(data.gone);
  };
  channel.postMessage({ ask: true });
  return {
    alive: () => channel !== null,
    end: () => {
      channel?.postMessage({ gone: id });
      channel?.close();
      channel = null;
    },
  };
}

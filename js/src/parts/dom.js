// Elements in one call.

// h("button", { class: "x", onclick: f, disabled: true }, "text", other): properties that begin
// with "on" are listeners; true and false set and leave out an attribute.
export function h(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "value") element.value = value;
    else if (name === "checked") element.checked = value;
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children.flat(Infinity).filter((one) => one !== null && one !== undefined && one !== false));
  return element;
}

let ids = 0;

// A name for an element that labels or describes another.
export function newId(what) {
  ids += 1;
  return `anvil-${what}-${ids}`;
}

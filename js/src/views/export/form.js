// What is said of a bundle beside what goes into it: signer, encryption, description, path.
import { submitting } from "../../parts/dialog.js";
import { h } from "../../parts/dom.js";

const field = (text, control, hint) => h("label", { class: "anvil-field" }, h("span", {}, text), control, hint ? h("span", { class: "anvil-hint" }, hint) : null);
const tick = (text, control) => h("label", { class: "anvil-check" }, h("span", {}, text), control);
const secret = () => h("input", { type: "password", autocomplete: "new-password" });

// `state` has `own`, `recipients`, `sign` and `path`; `counted` are elements to show below what
// comes, `below` those below the button. `chosen(planted)` is called when what comes may be
// another, `typed()` at every change, `write()` by the button or Enter. Returns { box, go, said,
// selection(), how(), words(), fill(words), put(state), forget() }.
export function exportForm(state, { counted, below, chosen, typed, write }) {
  const which = h("select", { onchange: () => chosen(true) }, h("option", { value: "all" }, "All versions"), h("option", { value: "latest" }, "The latest version of each set"));
  const labels = h("input", { type: "checkbox", onchange: () => chosen(false) });
  const deps = h("input", { type: "checkbox", checked: true, onchange: () => chosen(false) });
  const own = h("select", { onchange: lock });
  const keyless = h("p", { class: "anvil-hint" }, "You have no key yet: %anvil keys generate NAME");
  const keyPass = secret();
  const keyField = field("Passphrase of the key", keyPass);
  const pass = secret();
  const passAgain = secret();
  const openers = h("div", { class: "anvil-stack" });
  const description = h("textarea", { rows: 2 });
  const tags = h("input", { type: "text", placeholder: "release, eu" });
  const path = h("input", { type: "text", value: state.path, spellcheck: "false" });
  const force = h("input", { type: "checkbox" });
  const go = h("button", { type: "submit", class: "anvil-primary" }, "Write the bundle");
  let keys = [];
  let recipients = [];

  function lock() {
    keyField.hidden = !keys.some((one) => one.name === own.value && one.locked);
  }
  // Takes the keys that there are; what was chosen of them stays.
  function put(now, signer = own.value, to = encrypted()) {
    keys = now.own;
    own.replaceChildren(h("option", { value: "" }, "Nobody signs it"), ...keys.map((one) => h("option", { value: one.name, selected: one.name === signer }, one.locked ? `${one.name} (takes a passphrase)` : one.name)));
    recipients = now.recipients.map((name) => ({ name, box: h("input", { type: "checkbox", checked: to.includes(name) }) }));
    openers.replaceChildren(...recipients.map(({ name, box }) => tick(name, box)), ...(recipients.length ? [] : [h("p", { class: "anvil-hint" }, "No keys are known here.")]));
    keyless.hidden = keys.length > 0;
    lock();
  }
  const encrypted = () => recipients.filter((one) => one.box.checked).map((one) => one.name);
  const selection = () => ({ versions: which.value, labels: labels.checked, deps: deps.checked });
  const listed = () => tags.value.split(",").map((one) => one.trim()).filter(Boolean);

  const box = h("form", { class: "anvil-export-form", onsubmit: (event) => { event.preventDefault(); write(); }, onkeydown: submitting, oninput: typed },
    h("fieldset", {}, h("legend", {}, "What comes"), field("Versions", which), tick("The labels of the sets too", labels), tick("What single prompts render too", deps), counted),
    h("fieldset", {}, h("legend", {}, "Signed by"), field("Key", own), keyField, keyless),
    h("details", {}, h("summary", {}, "Encryption"),
      h("fieldset", {}, h("legend", {}, "Who can open it"), openers, field("Passphrase of the bundle", pass, "Kept nowhere: whoever loses it cannot open the bundle."), field("The same again", passAgain))),
    h("details", {}, h("summary", {}, "Description and tags"), h("fieldset", {}, h("legend", {}, "For people"), field("Description", description), field("Tags, with commas between", tags))),
    h("fieldset", {}, h("legend", {}, "Where to"), field("Path", path), tick("Replace the file if it is there", force)),
    h("div", { class: "anvil-bar" }, go), below);
  put(state, state.sign, []);

  return {
    box,
    go,
    put,
    selection,
    // What a bundle is written with.
    how() {
      if (pass.value !== passAgain.value) throw Object.assign(new Error("the two passphrases are not the same"), { code: "invalid-input", hint: "Type the passphrase of the bundle again." });
      return {
        ...selection(), path: path.value, sign: own.value, key_passphrase: keyField.hidden ? "" : keyPass.value, passphrase: pass.value,
        encrypt_to: encrypted(), description: description.value, tags: listed(), force: force.checked,
      };
    },
    // What may be kept of it, which no passphrase may.
    words: () => ({ ...selection(), path: path.value, sign: own.value, encrypt_to: encrypted(), description: description.value, tags: tags.value }),
    fill(words) {
      which.value = words.versions;
      labels.checked = words.labels;
      deps.checked = words.deps;
      path.value = words.path;
      description.value = words.description;
      tags.value = words.tags;
      put({ own: keys, recipients: recipients.map((one) => one.name) }, words.sign, words.encrypt_to);
      for (const part of box.querySelectorAll("details")) part.open = true;
    },
    // Forgets the passphrases, once they were used.
    forget() {
      for (const one of [pass, passAgain, keyPass]) one.value = "";
    },
  };
}

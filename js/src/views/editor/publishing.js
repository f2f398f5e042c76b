// Before a set is published: which version it becomes, why, and a higher one where it is wanted.
import { ask } from "../../parts/dialog.js";

const BUMPS = ["patch", "minor", "major"];

// `plan(bump)` asks the service what would be published, or why that cannot be; `refusal()` is what
// speaks against it here, { message, code, hint } or null. `publish(answer, options)` publishes it
// while the dialog is open: { plan, bump, message }. Resolves to what that does, or to null.
export async function askToPublish(root, set, first, { plan, refusal, publish }) {
  const inferred = first.bump;
  let shown = first;
  const said = ({ version, previous, reasons }, bump) => {
    const why = inferred === "first" ? ["It is the first version."]
      : [`The changes after ${previous} call for a ${inferred} version at least:`, ...reasons.map((one) => `• ${one}`)];
    if (bump !== inferred && inferred !== "first") why.push(`You chose a ${bump} one.`);
    return {
      title: `Publish ${set}@${version}`,
      text: [`The whole draft of ${set} becomes a version, which never changes.`, ...why].join("\n"),
      action: `Publish ${version}`,
    };
  };
  const bumps = inferred === "first" ? [] : [{
    name: "bump",
    label: "Version",
    value: inferred,
    options: BUMPS.map((one) => ({ value: one, label: one === inferred ? `${one}, as the changes call for` : one })),
  }];
  const answerOf = ({ message, bump }) => ({ plan: shown.plan, message, ...(bump ? { bump } : {}) });
  const sure = () => {
    const against = refusal();
    if (against) throw Object.assign(new Error(against.message), against);
  };
  let done = null;
  await ask(root, {
    ...said(first, inferred),
    fields: [{ name: "message", label: "What is new" }, ...bumps],
    watch: async ({ bump }) => {
      shown = await plan(bump);
      sure();
      if (!shown.created) throw Object.assign(new Error(`the draft of ${set} is ${shown.address} already`), { code: "published" });
      return said(shown, bump);
    },
    watched: "bump",
    name: `Publish ${set}`,
    work: true,
    act: async (given, options) => {
      sure();
      done = await publish(answerOf(given), options);
    },
  });
  return done;
}

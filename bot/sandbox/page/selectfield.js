/** A select of a form: one of a list, or several of it, of texts, members, roles or channels. */

import { el } from "./nodes.js";
import { optionsOf } from "./selects.js";

/** A select of a modal, as `modalparts.js` uses its fields. */
export function selectField(select, id, place) {
  const low = (select.required ?? true) ? (select.min_values ?? 1) : 0;
  const high = select.max_values ?? 1;
  const preset = new Set((select.default_values ?? []).map((one) => one.id));
  const options = optionsOf(select, place.guildId).map((option) => ({
    ...option,
    isPicked: Boolean(option.default) || preset.has(option.value),
  }));
  return high === 1 ? single(select, id, options, low) : several(id, options, low, high);
}

function single(select, id, options, low) {
  const control = el("select", { id }, el("option", { value: "" }, select.placeholder ?? "Pick one"));
  for (const { value, label, description, isPicked } of options) {
    control.append(el("option", { value, selected: isPicked }, description ? `${label} – ${description}` : label));
  }
  return {
    node: control,
    control,
    value: () => ({ values: control.value ? [control.value] : [] }),
    problem: () => (low > 0 && !control.value ? "Pick one." : ""),
  };
}

function several(id, options, low, high) {
  const inputs = options.map(({ value, label, description, isPicked }, index) => {
    const input = el("input", { type: "checkbox", id: index ? `${id}-${index}` : id, value, checked: isPicked });
    const about = description ? el("span", { class: "modal-choice-about" }, description) : null;
    return { input, node: el("label", { class: "modal-choice" }, input, " ", label, about) };
  });
  const picked = () => inputs.filter(({ input }) => input.checked).map(({ input }) => input.value);
  const node = el("fieldset", { class: "modal-choices" }, ...inputs.map((one) => one.node));
  return {
    node,
    control: inputs[0]?.input ?? node,
    value: () => ({ values: picked() }),
    problem() {
      const { length } = picked();
      if (length < low) return `Pick at least ${low}.`;
      return length > high ? `Pick at most ${high}.` : "";
    },
  };
}

/** The parts of a form that an application opens: labels, text inputs, selects, choices. */

import { markdown } from "./markdown.js";
import { el } from "./nodes.js";
import { selectField } from "./selectfield.js";
import { uploadField } from "./uploadfield.js";

const ROW = 1;
const TEXT_INPUT = 4;
const TEXT_DISPLAY = 10;
const LABEL = 18;
const FILE_UPLOAD = 19;
const RADIO_GROUP = 21;
const CHECKBOX_GROUP = 22;
const CHECKBOX = 23;
const SELECTS = new Set([3, 5, 6, 7, 8]);
const SHORT = 1;
const LONGEST = 4_000;

let parts = 0;

/** One component of a modal: a text, or a label with its input. */
export class ModalPart {
  /**
   * @param {Object} component
   * @param {{guildId: ?string, channelId: string}} place
   */
  constructor(component, place) {
    this._component = component;
    this._child = component.type === ROW ? component.components[0] : component.component;
    this._field = null;
    if (component.type === TEXT_DISPLAY) {
      this.node = el("div", { class: "modal-text" }, ...markdown(component.content, place.guildId));
      return;
    }
    const id = `modal-${(parts += 1)}`;
    this._field = fieldFor(this._child, id, place);
    const isRequired = this._child.required ?? this._child.type !== CHECKBOX;
    const label = component.label ?? this._child.label ?? "";
    this._problem = el("p", { class: "modal-field-problem", id: `${id}-problem`, role: "alert" });
    const isGroup = this._field.node.matches("fieldset");
    const named = el(isGroup ? "div" : "label", { class: "modal-label", id: `${id}-label`, for: isGroup ? null : id });
    named.append(label);
    if (isRequired) named.append(el("span", { class: "modal-required", "aria-hidden": "true" }, " *"));
    const description = component.description
      ? el("p", { class: "modal-description", id: `${id}-about` }, component.description)
      : null;
    const control = isGroup ? this._field.node : this._field.control;
    if (isGroup) control.setAttribute("aria-labelledby", `${id}-label`);
    const about = [description ? `${id}-about` : "", `${id}-problem`].filter(Boolean).join(" ");
    control.setAttribute("aria-describedby", about);
    this.node = el("div", { class: "modal-part" }, named, description, this._field.node, this._problem);
    this.node.addEventListener("input", () => this._complain(""));
  }

  /** Go to the input. */
  focus() {
    this._field?.control.focus();
  }

  /** Whether it may be sent; what is wrong is said at the input. */
  check() {
    const problem = this._field?.problem() ?? "";
    this._complain(problem);
    return problem === "";
  }

  /** Whether something is put in, and not only read. */
  get isInput() {
    return this._field !== null;
  }

  /**
   * What is sent of it, null for a text.
   * @param {File[]} files what goes along: its own are added, and named by their numbers
   */
  sent(files) {
    if (this._field === null) return null;
    const head = { type: this._child.type, custom_id: this._child.custom_id };
    const child = { ...head, ...this._field.value(files) };
    return this._component.type === LABEL ? { type: LABEL, component: child } : { type: ROW, components: [child] };
  }

  _complain(problem) {
    if (!this._problem) return;
    this._problem.textContent = problem;
    this.node.classList.toggle("has-problem", problem !== "");
    if (problem) this._field.control.setAttribute("aria-invalid", "true");
    else this._field.control.removeAttribute("aria-invalid");
  }
}

/** An input: its node, the control that takes the focus, what it says, and what is wrong with that. */
function fieldFor(child, id, place) {
  if (child.type === TEXT_INPUT) return textField(child, id);
  if (SELECTS.has(child.type)) return selectField(child, id, place);
  if (child.type === RADIO_GROUP || child.type === CHECKBOX_GROUP) return groupField(child, id);
  if (child.type === FILE_UPLOAD) return uploadField(child, id);
  if (child.type === CHECKBOX) return checkboxField(child, id);
  const node = el("p", { class: "modal-text" }, "This page cannot show this part of the form.");
  return { node, control: node, value: () => ({ values: [] }), problem: () => "" };
}

function textField(child, id) {
  const isRequired = child.required ?? true;
  const low = child.min_length ?? (isRequired ? 1 : 0);
  const high = child.max_length ?? LONGEST;
  const isShort = child.style === SHORT;
  const attributes = { id, placeholder: child.placeholder, maxlength: high, autocomplete: "off" };
  if (isRequired) attributes["aria-required"] = "true";
  const control = isShort
    ? el("input", { ...attributes, type: "text" })
    : el("textarea", { ...attributes, rows: Math.min(Math.max((child.value ?? "").split("\n").length + 1, 5), 16) });
  control.value = child.value ?? "";
  // What stands there is read from its beginning.
  control.setSelectionRange(0, 0);
  const counter = el("span", { class: "modal-counter", "aria-hidden": "true" });
  const count = () => (counter.textContent = `${control.value.length} / ${high}`);
  control.addEventListener("input", count);
  count();
  return {
    node: el("div", { class: "modal-input" }, control, counter),
    control,
    value: () => ({ value: control.value }),
    problem() {
      const { length } = control.value;
      if (!isRequired && length === 0) return "";
      if (length === 0) return "This is required.";
      if (length < low) return `Write at least ${low} characters.`;
      return length > high ? `Write at most ${high} characters.` : "";
    },
  };
}

function groupField(child, id) {
  const isRadio = child.type === RADIO_GROUP;
  const inputs = (child.options ?? []).map((option, index) => {
    const input = el("input", { type: isRadio ? "radio" : "checkbox", name: id, id: index ? `${id}-${index}` : id });
    input.value = option.value;
    input.checked = Boolean(option.default);
    return { input, node: el("label", { class: "modal-choice" }, input, " ", option.label) };
  });
  const picked = () => inputs.filter(({ input }) => input.checked).map(({ input }) => input.value);
  const node = el("fieldset", { class: "modal-choices" }, ...inputs.map((one) => one.node));
  const low = child.min_values ?? ((child.required ?? true) ? 1 : 0);
  return {
    node,
    control: inputs[0]?.input ?? node,
    value: () => (isRadio ? { value: picked()[0] ?? null } : { values: picked() }),
    problem: () => (picked().length < low ? `Pick ${low === 1 ? "one" : `at least ${low}`}.` : ""),
  };
}

function checkboxField(child, id) {
  const control = el("input", { type: "checkbox", id });
  control.checked = Boolean(child.default);
  return { node: control, control, value: () => ({ value: control.checked }), problem: () => "" };
}

/** One option of a slash command as a field in the line in which the command is filled in. */

import { el } from "./nodes.js";
import { ATTACHMENT, INTEGER, asks, checked } from "./options.js";
import { suggests } from "./suggest.js";

let fields = 0;

/** A field with its label. What is typed or picked is read from `given`; `checked` says what to send. */
export class OptionField {
  /** @param {Object} option as the application registered it */
  constructor(option) {
    this.option = option;
    this._picked = null;
    this._problem = "";
    const id = `option-${(fields += 1)}`;
    this.input = option.type === ATTACHMENT ? fileInput(id) : textInput(id, option);
    this.node = el("span", { class: "option-field" });
    this.node.append(el("label", { for: id }, option.name), this.input);
    if (option.type !== ATTACHMENT) {
      this.input.addEventListener("input", () => {
        this._picked = null;
        this.complain("");
        this._fit();
      });
      this._fit();
    } else {
      this.input.addEventListener("change", () => this.complain(""));
    }
  }

  /** What stands in the field. */
  get given() {
    const file = this.option.type === ATTACHMENT ? (this.input.files[0] ?? null) : null;
    return { text: file ? file.name : this.text, picked: this._picked, file };
  }

  /** What is typed. */
  get text() {
    return this.option.type === ATTACHMENT ? "" : this.input.value;
  }

  /** Whether a row of the suggestions was taken. */
  get isPicked() {
    return this._picked !== null;
  }

  /** Whether nothing stands in the field. */
  get isEmpty() {
    return this.option.type === ATTACHMENT ? this.input.files.length === 0 : this.input.value === "";
  }

  /** What is wrong with it, or nothing. */
  get problem() {
    return this._problem;
  }

  /** What is to be sent, as `checked` says it. */
  get checked() {
    return checked(this.option, this.given);
  }

  /** Put a suggestion in. */
  pick(row) {
    this._picked = { name: row.label, value: row.value };
    this.input.value = row.label;
    this.complain("");
    this._fit();
  }

  /** Say what is wrong at the field; an empty text takes it back. */
  complain(problem) {
    this._problem = problem;
    this.node.classList.toggle("has-problem", problem !== "");
    if (problem) {
      this.input.setAttribute("aria-invalid", "true");
    } else {
      this.input.removeAttribute("aria-invalid");
    }
  }

  /** What the option is for and what it asks, to be shown above the line; fields point at it as their description. */
  hint(id) {
    const { option } = this;
    const head = el("div", { class: "option-hint", id });
    head.append(el("b", {}, option.name), " ", el("span", {}, option.description));
    head.append(el("span", { class: "option-asks" }, asks(option)));
    if (this._problem) {
      head.append(el("span", { class: "option-problem", role: "alert" }, this._problem));
    }
    return head;
  }

  /** As wide as what stands in it, as in a line of text. */
  _fit() {
    const { length } = this.input.value || this.input.placeholder;
    this.input.size = Math.min(Math.max(length + 1, 6), 40);
  }
}

function fileInput(id) {
  return el("input", { id, type: "file" });
}

function textInput(id, option) {
  const attributes = { id, type: "text", autocomplete: "off", spellcheck: "false", enterkeyhint: "send" };
  if (option.type === INTEGER) {
    attributes.inputmode = "numeric";
  }
  if (option.required) {
    attributes["aria-required"] = "true";
  }
  if (suggests(option)) {
    Object.assign(attributes, { role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false" });
  }
  return el("input", attributes);
}

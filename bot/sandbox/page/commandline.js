/** The line in which a slash command is filled in: its name, its options as fields, what may be added. */

import { el } from "./nodes.js";
import { OptionField } from "./optionfield.js";
import { problemsByOption } from "./options.js";
import { Asking, rowsFor, suggests } from "./suggest.js";

const HINT = "option-hint";

/** The fields of one command. It calls `send` with what is filled in and `leave` when whoever fills it in goes away. */
export class CommandLine {
  /**
   * @param {Object} leaf one of `leaves`
   * @param {{listbox: Object, place: Object, ask: Function, send: Function, leave: Function}} page
   *   `ask(filled, option, text)` gives the application's choices; `send(filled)` is awaited and may throw
   */
  constructor(leaf, page) {
    this._leaf = leaf;
    this._page = page;
    this._fields = [];
    this._current = null;
    this._asking = new Asking((option, text) => page.ask(this._filled(option), option, text));
    this._added = el("span", { class: "command-fields" });
    this._more = el("span", { class: "command-more" });
    this._sendButton = el("button", { type: "button", class: "command-send", onclick: () => this._send() }, "Send");
    this.node = el("div", { role: "group", class: "command-line", "aria-label": `Options of /${leaf.path}` });
    this.node.append(el("b", { class: "command-name" }, `/${leaf.path}`), this._added, this._more, this._sendButton);
    this.node.addEventListener("keydown", (event) => this._key(event));
    this.node.addEventListener("focusout", (event) => {
      if (!this.node.contains(event.relatedTarget)) {
        this._asking.stop();
      }
    });
    for (const option of leaf.options.filter((one) => one.required)) {
      this._add(option);
    }
    this._offer();
  }

  /** Go to the first field, or to the button where there is none. */
  focus() {
    (this._fields[0]?.input ?? this._sendButton).focus();
    if (this._fields.length === 0) {
      this._page.listbox.hide();
    }
  }

  _add(option) {
    const field = new OptionField(option);
    this._fields.push(field);
    this._added.append(field.node);
    field.input.addEventListener("focus", () => this._enter(field));
    field.input.addEventListener("input", () => this._enter(field));
    return field;
  }

  /** Show a button for each option that may still be added. */
  _offer() {
    const there = new Set(this._fields.map((field) => field.option));
    const left = this._leaf.options.filter((option) => !there.has(option));
    this._more.replaceChildren(
      ...left.map((option) => {
        const button = el("button", { type: "button", class: "option-add", title: option.description }, `+ ${option.name}`);
        button.setAttribute("aria-label", `Add ${option.name}: ${option.description}`);
        button.addEventListener("click", () => {
          const field = this._add(option);
          this._offer();
          field.input.focus();
        });
        return button;
      }),
    );
  }

  /** Show the hint of the field one is in, and what is suggested for it. */
  _enter(field) {
    this._current = field;
    this._asking.stop();
    field.input.setAttribute("aria-describedby", HINT);
    const { option } = field;
    if (option.autocomplete) {
      this._show(field, [], field.isPicked ? null : "Loading choices…");
      if (!field.isPicked) {
        this._asking.ask(option, field.text, (rows) => {
          const empty = rows === null ? "Choices could not be loaded." : "No choice fits what you typed.";
          this._show(field, rows ?? [], empty);
        });
      }
      return;
    }
    const rows = field.isPicked ? [] : rowsFor(this._page.place, option, field.text);
    this._show(field, rows, suggests(option) && !field.isPicked ? "Nothing fits what you typed." : null);
  }

  _show(field, rows, empty) {
    const first = rows.length > 0 && (field.text !== "" || Boolean(field.option.required));
    const what = { name: field.option.name, head: field.hint(HINT), groups: [{ heading: null, rows }], empty, first };
    this._page.listbox.show(field.input, what, (row) => this._pick(field, row));
  }

  _pick(field, row) {
    field.pick(row);
    this._enter(field);
    const next = this._fields.find((one) => one.option.required && one.isEmpty);
    (next ?? field).input.focus();
  }

  _key(event) {
    const { listbox } = this._page;
    const isInField = this._current !== null && event.target === this._current.input;
    if (event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      this.leave();
    } else if (isInField && listbox.isOpen && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      event.preventDefault();
      listbox.move(event.key === "ArrowDown" ? 1 : -1);
    } else if (isInField && event.key === "Enter" && !event.isComposing) {
      event.preventDefault();
      if (listbox.isOpen && listbox.hasActive) listbox.choose();
      else this._send();
    } else if (isInField && listbox.isOpen && listbox.hasActive && event.key === "Tab" && !event.shiftKey) {
      // The focus then goes on by itself.
      const row = this._current;
      listbox.choose();
      row.input.focus();
    } else if (isInField && event.key === "Backspace" && this._current.isEmpty) {
      event.preventDefault();
      this._remove(this._current);
    }
  }

  /** Backspace in an empty field takes an option out, and leaves the command where none may be taken out. */
  _remove(field) {
    if (field.option.required) {
      if (this._fields[0] === field) {
        this.leave();
      }
      return;
    }
    this._fields = this._fields.filter((one) => one !== field);
    field.node.remove();
    this._offer();
    this._current = null;
    (this._fields.at(-1)?.input ?? this._more.querySelector("button") ?? this._sendButton).focus();
  }

  /** Take the line away without sending it. */
  leave() {
    this._asking.stop();
    this._page.leave();
  }

  /** What is filled in and suits its option, but for one that is asked about. */
  _filled(but = null) {
    return this._fields
      .filter((field) => field.option !== but)
      .map((field) => ({ option: field.option, ...field.checked }))
      .filter((one) => "value" in one);
  }

  async _send() {
    if (this.node.getAttribute("aria-busy") === "true") {
      return;
    }
    for (const field of this._fields) {
      field.complain(field.checked?.problem ?? "");
    }
    if (this._goToProblem()) {
      return;
    }
    this._asking.stop();
    this._busy(true);
    const filled = this._filled();
    try {
      await this._page.send(filled);
    } catch (error) {
      this._busy(false);
      this._told(error, filled);
    }
  }

  /** Put what the server finds wrong at the options that it means. */
  _told(error, filled) {
    const names = filled.map(({ option }) => option.name);
    const problems = problemsByOption(error.errors, names, this._leaf.levels.length);
    for (const field of this._fields) {
      field.complain(problems.get(field.option.name) ?? "");
    }
    if (!this._goToProblem()) {
      this.focus();
    }
  }

  _goToProblem() {
    const field = this._fields.find((one) => one.problem !== "");
    if (field) {
      field.input.focus();
      this._enter(field);
    }
    return Boolean(field);
  }

  _busy(isBusy) {
    this.node.setAttribute("aria-busy", String(isBusy));
    this._sendButton.disabled = isBusy;
    this._sendButton.textContent = isBusy ? "Sending…" : "Send";
  }
}

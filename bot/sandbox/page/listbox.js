/** The list below which one types: rows in groups, moved through with the arrow keys while the field keeps the focus. */

import { el } from "./nodes.js";

let lists = 0;

/**
 * A listbox for a text field (ARIA's combobox pattern). Rows are `{label, detail, extras, mark, value}`.
 */
export class Listbox {
  /** @param {HTMLElement} container where it is drawn while it is open */
  constructor(container) {
    this._container = container;
    this._id = `listbox-${(lists += 1)}`;
    this._rows = [];
    this._active = -1;
    this._field = null;
    this._choose = () => {};
    // The field keeps the focus.
    container.addEventListener("mousedown", (event) => event.preventDefault());
    container.addEventListener("click", (event) => {
      const row = event.target.closest("[role=option]");
      if (row) {
        this._active = Number(row.dataset.index);
        this.choose();
      }
    });
  }

  /** Whether there are rows to choose from. */
  get isOpen() {
    return this._field !== null && this._rows.length > 0;
  }

  /** Whether a row is marked. */
  get hasActive() {
    return this._active >= 0;
  }

  /**
   * Show rows for a field, in place of those shown.
   *
   * @param {HTMLElement} field
   * @param {{name: string, head: ?Node, groups: {heading: ?string, rows: Object[]}[], empty: ?string, first: boolean}} what
   *   `first` marks the first row at once
   * @param {function(Object): void} choose called with the row chosen
   */
  show(field, what, choose) {
    this._release();
    this._field = field;
    this._choose = choose;
    this._rows = what.groups.flatMap((group) => group.rows);
    let index = 0;
    const drawn = what.groups
      .filter((group) => group.rows.length > 0)
      .map((group, number) => {
        const rows = group.rows.map((row) => drawRow(row, `${this._id}-${index}`, index++));
        if (!group.heading) {
          return rows;
        }
        const headingId = `${this._id}-heading-${number}`;
        const box = el("div", { role: "group", "aria-labelledby": headingId });
        box.append(el("div", { class: "listbox-heading", id: headingId }, group.heading), ...rows);
        return [box];
      })
      .flat();
    const parts = what.head ? [what.head] : [];
    if (drawn.length > 0) {
      const list = el("div", { role: "listbox", id: this._id, class: "listbox", "aria-label": what.name });
      list.append(...drawn);
      parts.push(list);
    } else if (what.empty) {
      parts.push(el("p", { class: "listbox-empty", role: "status" }, what.empty));
    }
    this._container.replaceChildren(...parts);
    if (drawn.length > 0) {
      field.setAttribute("aria-controls", this._id);
    }
    this._expand(drawn.length > 0);
    this._mark(what.first && this._rows.length > 0 ? 0 : -1);
  }

  /** Mark the row that many further on; past either end it goes on at the other. */
  move(by) {
    const count = this._rows.length;
    if (count > 0) {
      this._mark(this._active < 0 && by < 0 ? count - 1 : (this._active + by + count) % count);
    }
  }

  /** Take the marked row. */
  choose() {
    const row = this._rows[this._active];
    if (row) {
      this._choose(row);
    }
  }

  /** Take the list away. */
  hide() {
    this._release();
    this._rows = [];
    this._active = -1;
    this._container.replaceChildren();
  }

  _mark(index) {
    this._active = index;
    for (const node of this._container.querySelectorAll("[role=option]")) {
      const isActive = Number(node.dataset.index) === index;
      node.setAttribute("aria-selected", String(isActive));
      if (isActive) {
        node.scrollIntoView({ block: "nearest" });
      }
    }
    if (index < 0) {
      this._field?.removeAttribute("aria-activedescendant");
    } else {
      this._field?.setAttribute("aria-activedescendant", `${this._id}-${index}`);
    }
  }

  _expand(isExpanded) {
    if (this._field?.getAttribute("role") === "combobox") {
      this._field.setAttribute("aria-expanded", String(isExpanded));
    }
  }

  _release() {
    this._expand(false);
    this._field?.removeAttribute("aria-activedescendant");
    this._field?.removeAttribute("aria-controls");
    this._field = null;
  }
}

function drawRow(row, id, index) {
  const node = el("div", { role: "option", id, class: "listbox-row", "data-index": String(index), "aria-selected": "false" });
  if (row.mark) {
    node.append(el("span", { class: "listbox-mark", "aria-hidden": "true" }, row.mark));
  }
  const texts = el("span", { class: "listbox-texts" });
  const label = el("span", { class: "listbox-label" }, row.label);
  for (const extra of row.extras ?? []) {
    label.append(" ", el("span", { class: "listbox-extra" }, extra));
  }
  texts.append(label);
  if (row.detail) {
    texts.append(el("span", { class: "listbox-detail" }, row.detail));
  }
  node.append(texts);
  return node;
}

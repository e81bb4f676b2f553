/** A ring around what the tour is about. It lies above the page and lets every press through. */

import { el } from "./nodes.js";

const ROOM = 4;

/** Follows an element, wherever it is drawn anew or scrolled to. */
export class Ring {
  /** @param {function(): (Element | null)} find the element to ring at the moment, if it shows */
  constructor(find) {
    this._find = find;
    this._node = el("div", { class: "tour-ring", hidden: true, "aria-hidden": "true" });
    this._frame = 0;
    this._at = "";
    document.body.append(this._node);
  }

  /** Ring what is to be ringed. */
  show() {
    cancelAnimationFrame(this._frame);
    this._follow();
  }

  /** Ring nothing. */
  hide() {
    cancelAnimationFrame(this._frame);
    this._node.hidden = true;
    this._at = "";
  }

  _follow() {
    const box = this._find()?.getBoundingClientRect();
    const at = box ? [box.left, box.top, box.width, box.height].map(Math.round).join(" ") : "";
    if (at !== this._at) {
      this._at = at;
      this._node.hidden = !box;
      if (box) this._put(box);
    }
    // A browser calls this for pages that are seen, and for no others.
    this._frame = requestAnimationFrame(() => this._follow());
  }

  _put({ left, top, width, height }) {
    const { style } = this._node;
    style.setProperty("--ring-left", `${left - ROOM}px`);
    style.setProperty("--ring-top", `${top - ROOM}px`);
    style.setProperty("--ring-width", `${width + 2 * ROOM}px`);
    style.setProperty("--ring-height", `${height + 2 * ROOM}px`);
  }
}

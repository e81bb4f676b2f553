/** A ring around what the tour is about. It lies above the page and lets every press through. */

import { el } from "./nodes.js";

const ROOM = 4;
/** By what the page's places change without a node that comes or goes. */
const ATTRIBUTES = ["class", "data-drawer", "hidden", "inert", "open", "rows"];

/** Follows an element, wherever it is drawn anew or scrolled to. It works only when something has changed. */
export class Ring {
  /** @param {function(): (Element | null)} find the element to ring at the moment, if it shows */
  constructor(find) {
    this._find = find;
    this._node = el("div", { class: "tour-ring", hidden: true, "aria-hidden": "true" });
    this._frame = 0;
    this._at = "";
    this._ended = new AbortController();
    this._watch = new MutationObserver(() => this._soon());
    document.body.append(this._node);
  }

  /** Ring what is to be ringed. */
  show() {
    this.hide();
    this._ended = new AbortController();
    const { signal } = this._ended;
    for (const name of ["scroll", "resize", "transitionend"]) {
      window.addEventListener(name, () => this._soon(), { capture: true, passive: true, signal });
    }
    this._watch.observe(document.body, { childList: true, subtree: true, attributes: true, attributeFilter: ATTRIBUTES });
    this._soon();
  }

  /** Ring nothing. */
  hide() {
    this._ended.abort();
    this._watch.disconnect();
    cancelAnimationFrame(this._frame);
    this._frame = 0;
    this._node.hidden = true;
    this._at = "";
  }

  /** Look once before the page is drawn next, however much has changed until then. */
  _soon() {
    this._frame ||= requestAnimationFrame(() => {
      this._frame = 0;
      this._follow();
    });
  }

  _follow() {
    const box = this._find()?.getBoundingClientRect();
    const at = box ? [box.left, box.top, box.width, box.height].map(Math.round).join(" ") : "";
    if (at === this._at) return;
    this._at = at;
    this._node.hidden = !box;
    if (box) this._put(box);
  }

  _put({ left, top, width, height }) {
    const { style } = this._node;
    style.setProperty("--ring-left", `${left - ROOM}px`);
    style.setProperty("--ring-top", `${top - ROOM}px`);
    style.setProperty("--ring-width", `${width + 2 * ROOM}px`);
    style.setProperty("--ring-height", `${height + 2 * ROOM}px`);
  }
}

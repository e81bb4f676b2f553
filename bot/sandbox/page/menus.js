/** Context menus of messages and members: the page's own entries, and below them what the applications offer. */

import { usableCommands } from "./commands.js";
import { icon } from "./icons.js";
import { COMMAND, interact } from "./interactions.js";
import { el } from "./nodes.js";
import { head } from "./options.js";
import { here } from "./view.js";

const TYPES = { user: 2, message: 3 };
const LABELS = { message: "Message actions", user: "Member actions" };
const EDGE = 8;

/**
 * Show a menu at every "menu" event.
 *
 * @param {{entriesFor: Function, open: Function, tell: Function}} page `entriesFor(kind, target)` gives the page's own
 *   entries as `{label, run, icon, danger}`; `open` shows a modal, `tell` says why
 *   something came to nothing
 */
export function useMenus(page) {
  document.addEventListener("menu", (event) => new Menu(event.detail, page));
}

/** One open menu; it goes with Escape, Tab, a press elsewhere or a choice, and gives the focus back. */
class Menu {
  constructor({ kind, target, anchor, point }, page) {
    this._page = page;
    this._kind = kind;
    this._target = target;
    this._anchor = anchor;
    this._point = point;
    this._ended = new AbortController();
    this._node = el("div", { role: "menu", class: "menu", tabindex: "-1", "aria-label": LABELS[kind] });
    const own = page.entriesFor(kind, target).map((entry) => this._item(entry));
    this._apps = el("div", { role: "group", "aria-label": "Apps", class: "menu-apps", hidden: true });
    this._node.append(...own, this._apps);
    document.querySelector("[role=menu].menu")?.dispatchEvent(new Event("leave"));
    // An open dialog is above all else, so that a menu opened in it belongs into it.
    (document.querySelector("dialog[open]") ?? document.body).append(this._node);
    this._place();
    this._listen();
    (this._items[0] ?? this._node).focus();
    this._offer();
  }

  get _items() {
    return [...this._node.querySelectorAll("[role=menuitem]")];
  }

  _item({ label, run, icon: name = "", danger = false }) {
    const attributes = { type: "button", role: "menuitem", tabindex: "-1", class: danger ? "menu-item danger" : "menu-item" };
    const node = el("button", attributes, label, name && icon(name));
    node.addEventListener("click", () => {
      this._close();
      run();
    });
    node.addEventListener("pointerenter", () => node.focus());
    return node;
  }

  async _offer() {
    let commands = [];
    try {
      commands = await usableCommands(here);
    } catch {
      // Without the applications' entries the page's own are still of use.
    }
    const fitting = commands.filter((command) => command.type === TYPES[this._kind]);
    if (fitting.length === 0 || this._ended.signal.aborted) return;
    const hadNone = this._items.length === 0;
    this._apps.hidden = false;
    this._apps.append(el("div", { class: "menu-heading", "aria-hidden": "true" }, "Apps"));
    this._apps.append(...fitting.map((command) => this._item({ label: command.name, run: () => this._use(command) })));
    this._place();
    if (hadNone) this._items[0].focus();
  }

  async _use(command) {
    const { guildId } = here;
    const channelId = this._target.channel_id ?? here.channelId;
    const target = { applicationId: command.application_id, guildId, channelId };
    this._page.tell("");
    try {
      const { modal } = await interact(COMMAND, target, { ...head(command), target_id: this._target.id });
      if (modal) this._page.open(modal, target);
    } catch (error) {
      this._page.tell(`${command.name}: ${error.message}`);
    }
  }

  _listen() {
    const { signal } = this._ended;
    this._node.addEventListener("keydown", (event) => this._key(event));
    this._node.addEventListener("leave", () => this._close());
    document.addEventListener("pointerdown", (event) => this._node.contains(event.target) || this._close(), {
      capture: true,
      signal,
    });
    document.addEventListener("moved", () => this._close(), { signal });
    window.addEventListener("resize", () => this._close(), { signal });
  }

  _key(event) {
    const items = this._items;
    const index = items.indexOf(document.activeElement);
    const to = {
      ArrowDown: (index + 1) % items.length,
      ArrowUp: (Math.max(index, 0) - 1 + items.length) % items.length,
      Home: 0,
      End: items.length - 1,
    };
    if (event.key in to) {
      items[to[event.key]]?.focus();
    } else if (event.key === "Escape" || event.key === "Tab") {
      this._close();
    } else {
      const start = event.key.toLowerCase();
      const isLetter = start.length === 1 && start !== " ";
      const rest = [...items.slice(index + 1), ...items.slice(0, index + 1)];
      const found = isLetter && rest.find((item) => item.textContent.toLowerCase().startsWith(start));
      if (!found) return;
      found.focus();
    }
    event.preventDefault();
    event.stopPropagation();
  }

  /** Put it beside its anchor, and within the window. */
  _place() {
    const box = this._anchor.getBoundingClientRect();
    const { x, y } = this._point ?? { x: box.left, y: box.bottom };
    const { offsetWidth: width, offsetHeight: height } = this._node;
    const left = Math.max(EDGE, Math.min(x, window.innerWidth - width - EDGE));
    const top = Math.max(EDGE, Math.min(y, window.innerHeight - height - EDGE));
    this._node.style.setProperty("--menu-left", `${left}px`);
    this._node.style.setProperty("--menu-top", `${top}px`);
  }

  _close() {
    if (this._ended.signal.aborted) return;
    this._ended.abort();
    const hadFocus = this._node.contains(document.activeElement);
    this._node.remove();
    if (hadFocus && this._anchor.isConnected) this._anchor.focus();
  }
}

/** Have a long press on touch open what a right click opens, where the browser does not do so by itself. */
export function useLongPress(root) {
  let clock = 0;
  const stop = () => clearTimeout(clock);
  root.addEventListener("pointerdown", (event) => {
    stop();
    if (event.pointerType !== "touch") return;
    const { target, clientX, clientY } = event;
    clock = setTimeout(() => {
      target.dispatchEvent(new MouseEvent("contextmenu", { bubbles: true, cancelable: true, clientX, clientY }));
    }, 600);
  });
  for (const name of ["pointerup", "pointercancel", "pointermove", "contextmenu"]) root.addEventListener(name, stop);
}

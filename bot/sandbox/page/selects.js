/** Selects of a message: of texts, users, roles, mentionables and channels, as a list that opens below a button. */

import { told, emoji } from "./components.js";
import { icon } from "./icons.js";
import { el } from "./nodes.js";
import { groups } from "./places.js";
import { session } from "./session.js";

const STRING = 3, USER = 5, ROLE = 6, CHANNEL = 8, CATEGORY = 4;
const MOST = 50;
let count = 0;

/**
 * @typedef {{value: string, label: string, description?: string, emoji?: any, default?: boolean}} Option
 */

/**
 * What a select offers: its own options, or who and what the guild has.
 * @param {any} one
 * @param {string | null} guildId
 * @returns {Option[]}
 */
export function optionsOf(one, guildId) {
  if (one.type === STRING) return one.options ?? [];
  const store = session.client?.store;
  const guild = store?.guilds.get(guildId ?? "");
  if (!store || !guild) return [];
  const users = () => [...guild.members.values()].map((member) => ({ value: member.user.id, label: `@${store.userName(member.user.id, guild.id)}` }));
  const roles = () => [...guild.roles.values()].map((role) => ({ value: role.id, label: role.name.startsWith("@") ? role.name : `@${role.name}` }));
  if (one.type === CHANNEL) {
    const threads = store.visible(guild).filter((channel) => channel.thread_metadata);
    const categories = store.visible(guild).filter((channel) => channel.type === CATEGORY);
    const all = [...groups(guild).flatMap((group) => group.channels), ...categories, ...threads];
    const fitting = all.filter((channel) => !one.channel_types?.length || one.channel_types.includes(channel.type));
    return fitting.map((channel) => ({ value: channel.id, label: `#${channel.name}` }));
  }
  if (one.type === USER) return users();
  return one.type === ROLE ? roles() : [...users(), ...roles()];
}

/**
 * A select. Choosing one value sends it; where several may be chosen they are sent when the list is closed.
 * @param {any} one
 * @param {any} message
 * @param {string | null} guildId
 */
export function select(one, message, guildId) {
  const id = `select-${++count}`;
  const several = one.max_values > 1;
  const preset = (one.default_values ?? []).map((/** @type {any} */ value) => value.id);
  const options = optionsOf(one, guildId);
  const before = [...preset, ...options.filter((option) => option.default).map((option) => option.value)];
  const chosen = new Set(before);

  const shown = el("span", { class: "chosen" });
  const button = el(
    "button",
    { type: "button", class: "select-button", role: "combobox", "aria-haspopup": "listbox", "aria-expanded": "false",
      "aria-controls": id, "aria-label": one.placeholder || "Make a selection", disabled: one.disabled,
      "data-custom-id": one.custom_id },
    shown, icon("down"),
  );
  const search = options.length > 10 && el("input", { type: "text", class: "select-search", placeholder: "Search", "aria-label": "Search the options", autocomplete: "off" });
  const list = el("ul", { id, role: "listbox", class: "options", "aria-multiselectable": several, "aria-label": one.placeholder || "Options", tabindex: "-1" });
  const popup = el("div", { class: "select-popup", hidden: true }, search, list);
  const root = el("div", { class: "select" }, button, popup);
  let active = 0;

  const describe = () => {
    const labels = options.filter((option) => chosen.has(option.value)).map((option) => option.label);
    shown.textContent = labels.join(", ") || one.placeholder || "Make a selection";
    shown.classList.toggle("empty", !labels.length);
  };
  const fitting = () => {
    const words = search ? search.value.toLowerCase() : "";
    return options.filter((option) => option.label.toLowerCase().includes(words)).slice(0, MOST);
  };
  const draw = () => {
    const found = fitting();
    active = Math.max(0, Math.min(active, found.length - 1));
    list.replaceChildren(...found.map((option, index) => optionNode(option, index)));
    if (!found.length) list.append(el("li", { class: "nothing", role: "option", "aria-disabled": "true", "aria-selected": "false" }, "Nothing fits"));
    const at = list.children[active];
    (search || list).setAttribute("aria-activedescendant", at?.id ?? "");
    at?.scrollIntoView({ block: "nearest" });
  };
  const optionNode = (/** @type {Option} */ option, /** @type {number} */ index) =>
    el(
      "li",
      { role: "option", id: `${id}-${index}`, class: index === active ? "active" : "", "aria-selected": String(chosen.has(option.value)),
        "data-value": option.value, onclick: () => choose(option) },
      option.emoji && el("span", { class: "emoji" }, emoji(option.emoji)),
      el("span", { class: "option-text" }, option.label, option.description && el("small", {}, option.description)),
      chosen.has(option.value) && icon("check"),
    );
  const open = () => {
    popup.hidden = false;
    button.setAttribute("aria-expanded", "true");
    active = Math.max(0, fitting().findIndex((option) => chosen.has(option.value)));
    draw();
    popup.scrollIntoView({ block: "nearest" });
    (search || list).focus({ preventScroll: true });
    document.addEventListener("pointerdown", outside, true);
  };
  const close = (sends = true) => {
    if (popup.hidden) return;
    popup.hidden = true;
    button.setAttribute("aria-expanded", "false");
    document.removeEventListener("pointerdown", outside, true);
    const changed = chosen.size !== before.length || before.some((value) => !chosen.has(value));
    if (several && sends && changed && chosen.size >= (one.min_values ?? 1)) told(root, message, one, [...chosen]);
  };
  const choose = (/** @type {Option} */ option) => {
    if (several) {
      if (chosen.has(option.value)) chosen.delete(option.value);
      else if (chosen.size < one.max_values) chosen.add(option.value);
      draw();
      describe();
      return;
    }
    chosen.clear();
    chosen.add(option.value);
    describe();
    close();
    button.focus();
    told(root, message, one, [option.value]);
  };
  const outside = (/** @type {Event} */ event) => {
    if (!root.contains(/** @type {Node} */ (event.target))) close();
  };
  const moved = (/** @type {KeyboardEvent} */ event) => {
    const found = fitting();
    const steps = { ArrowDown: 1, ArrowUp: -1 };
    if (event.key in steps) active = (active + steps[event.key] + found.length) % Math.max(found.length, 1);
    else if (event.key === "Home" && !search) active = 0;
    else if (event.key === "End" && !search) active = found.length - 1;
    else if (event.key === "Enter" || (event.key === " " && !search)) {
      event.preventDefault();
      if (found[active]) choose(found[active]);
      return;
    } else if (event.key === "Escape" || event.key === "Tab") {
      close(event.key === "Tab" || several);
      button.focus();
      if (event.key === "Escape") event.preventDefault();
      return;
    } else return;
    event.preventDefault();
    draw();
  };
  button.addEventListener("click", () => (popup.hidden ? open() : close()));
  button.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
    if (popup.hidden && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      event.preventDefault();
      open();
    }
  });
  popup.addEventListener("keydown", moved);
  if (search) search.addEventListener("input", () => ((active = 0), draw()));
  describe();
  return root;
}

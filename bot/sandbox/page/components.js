/**
 * Components of a message: rows of buttons and selects, and those of version 2.
 *
 * What is clicked or chosen is told as a "component" event on the node, with the message, the component and the values.
 */

import { el } from "./nodes.js";
import { icon } from "./icons.js";
import { markdown } from "./markdown.js";
import { picture } from "./media.js";
import { select } from "./selects.js";

const ROW = 1, BUTTON = 2, SECTION = 9, TEXT = 10, THUMBNAIL = 11, GALLERY = 12, FILE = 13, SEPARATOR = 14, CONTAINER = 17;
const SELECTS = new Set([3, 5, 6, 7, 8]);
const STYLES = { 1: "primary", 2: "secondary", 3: "success", 4: "danger", 5: "link" };

/**
 * The nodes of a message's components.
 * @param {any} message
 * @param {string | null} guildId
 * @returns {Node[]}
 */
export function components(message, guildId) {
  return (message.components ?? []).map((/** @type {any} */ one) => node(one, message, guildId)).filter(Boolean);
}

/**
 * Tell that a component was used.
 * @param {Element} where
 * @param {any} message
 * @param {any} component
 * @param {string[]} [values] those chosen, of a select
 */
export function told(where, message, component, values = []) {
  where.dispatchEvent(new CustomEvent("component", { bubbles: true, detail: { message, component, values } }));
}

function node(one, message, guildId) {
  const inner = () => (one.components ?? []).map((/** @type {any} */ child) => node(child, message, guildId));
  if (SELECTS.has(one.type)) return select(one, message, guildId);
  switch (one.type) {
    case ROW:
      return el("div", { class: "row" }, ...inner());
    case BUTTON:
      return button(one, message);
    case SECTION:
      return el("div", { class: "section" }, el("div", {}, ...inner()), node(one.accessory, message, guildId));
    case TEXT:
      return el("div", { class: "text-display" }, ...markdown(one.content, guildId));
    case THUMBNAIL:
      return picture(media(one), message.attachments ?? [], "thumbnail");
    case GALLERY: {
      const items = one.items.map((/** @type {any} */ item) => picture(media(item), message.attachments ?? [], "picture"));
      return el("div", { class: "gallery" }, ...items);
    }
    case FILE:
      return el("div", { class: "file" }, icon("file"), one.name ?? "File");
    case SEPARATOR:
      return el("hr", { class: one.divider === false ? "space" : "divider" });
    case CONTAINER: {
      const bar = typeof one.accent_color === "number" ? `#${one.accent_color.toString(16).padStart(6, "0")}` : null;
      return el("div", { class: "container", ...(bar ? { "--bar": bar } : {}) }, ...inner());
    }
    default:
      return null;
  }
}

function media(one) {
  return { url: one.media?.url, description: one.description };
}

function button(one, message) {
  const style = STYLES[/** @type {1} */ (one.style)] ?? "secondary";
  const label = [one.emoji && el("span", { class: "emoji" }, emoji(one.emoji)), one.label].filter(Boolean);
  if (one.url && /^https?:\/\//.test(one.url)) {
    const attributes = { class: "button link", href: one.url, target: "_blank", rel: "noopener noreferrer nofollow" };
    return el("a", attributes, ...label);
  }
  const attributes = { class: `button ${style}`, type: "button", disabled: one.disabled, "data-custom-id": one.custom_id };
  const made = el("button", attributes, ...label);
  made.addEventListener("click", () => told(made, message, one));
  return made;
}

/**
 * An emoji of a component as text.
 * @param {any} one
 */
export function emoji(one) {
  return one.id ? `:${one.name}:` : one.name;
}

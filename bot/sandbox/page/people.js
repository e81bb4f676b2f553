/** How people are drawn: coloured initials, and a name in its role's colour that can be read. */

import { el } from "./nodes.js";
import { session } from "./session.js";

const HUES = 6;
// The grounds that names stand on where the pointer is: those beside are kinder.
const DARK = [0x40, 0x42, 0x49];
const LIGHT = [0xe3, 0xe5, 0xe9];
const ENOUGH = 4.6;

/**
 * A picture for an account: its initials on a colour that is always the same.
 * @param {any} user
 * @param {string} [name] whose initials are shown
 */
export function avatar(user, name = user.global_name || user.username) {
  const initials = [...name.matchAll(/[\p{L}\p{N}]+/gu)].slice(0, 2).map((one) => [...one[0]][0]);
  const hue = user.bot ? "bot" : [...user.id].reduce((sum, digit) => (sum * 31 + Number(digit)) % 9973, 7) % HUES;
  return el("span", { class: `avatar hue-${hue}`, "aria-hidden": "true" }, initials.join("").toUpperCase() || "?");
}

/**
 * A name in the colour of the member's role, with the badge of an app where it is one.
 * @param {any} user
 * @param {string | null} guildId
 * @param {string} [tag] the element's, a button where it opens something
 */
export function nameOf(user, guildId, tag = "span") {
  const store = session.client?.store;
  const member = store?.guilds.get(guildId ?? "")?.members.get(user.id);
  const colour = store?.roleColour(member);
  const name = member?.nick || user.global_name || user.username;
  const attributes = { class: "name", ...(tag === "button" ? { type: "button" } : {}), ...colours(colour) };
  return [el(tag, attributes, name), user.bot && el("span", { class: "app" }, "APP")];
}

/**
 * A colour as CSS variables for the dark and the light scheme, moved away from the ground until it can be read.
 * @param {string | null | undefined} colour as #rrggbb
 */
export function colours(colour) {
  if (!colour) return {};
  return { "--on-dark": readable(colour, DARK, 255), "--on-light": readable(colour, LIGHT, 0) };
}

function readable(colour, ground, towards) {
  const parts = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));
  for (let share = 0; share <= 1; share += 0.05) {
    const mixed = parts.map((one) => Math.round(one + (towards - one) * share));
    if (contrast(mixed, ground) >= ENOUGH) return `rgb(${mixed.join(" ")})`;
  }
  return `rgb(${towards} ${towards} ${towards})`;
}

function contrast(one, other) {
  const [high, low] = [luminance(one), luminance(other)].sort((first, second) => second - first);
  return (high + 0.05) / (low + 0.05);
}

function luminance(parts) {
  const [r, g, b] = parts.map((one) => (one /= 255) <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

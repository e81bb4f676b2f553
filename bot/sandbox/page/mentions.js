/** Names and mentions: what somebody writes as @Mira or #general, and how a message says it. */

import { session } from "./session.js";
import { here } from "./view.js";

const TARGET = /<(@!?|@&|#)(\d{1,20})>/g;

/**
 * A text with mentions in the place of names, the longest name first: of members, of roles and of channels.
 * @param {string} text
 * @returns {string}
 */
export function withMentions(text) {
  const names = known().sort(([one], [other]) => other.length - one.length);
  let made = "";
  for (let at = 0; at < text.length; ) {
    const sign = text[at];
    const opens = (sign === "@" || sign === "#") && !/[\w<]/.test(text[at - 1] ?? "");
    const found = opens && names.find(([name]) => fits(text, at, name));
    made += found ? found[1] : sign;
    at += found ? found[0].length : 1;
  }
  return made;
}

/**
 * A text with names in the place of mentions, where writing them leads back to the same mentions.
 * @param {string} text
 * @returns {string}
 */
export function withNames(text) {
  /** @type {Map<string, string>} */
  const names = new Map();
  for (const [name, mention] of known()) if (!names.has(mention)) names.set(mention, name);
  const made = text.replace(TARGET, (whole) => names.get(whole.replace("@!", "@")) ?? whole);
  return withMentions(made) === text ? made : text;
}

function fits(text, at, name) {
  const end = at + name.length;
  return text.slice(at, end).toLowerCase() === name.toLowerCase() && !/[\w-]/.test(text[end] ?? "");
}

/** @returns {Array<[string, string]>} names with their sign, and what stands for them */
function known() {
  const store = session.client?.store;
  const guild = store?.guilds.get(here.guildId ?? "");
  if (!store || !guild) return [];
  /** @type {Array<[string, string]>} */
  const names = [];
  for (const { user } of guild.members.values()) {
    // By the name that is shown, and by the account's own.
    for (const name of new Set([store.userName(user.id, guild.id), user.username])) names.push([`@${name}`, `<@${user.id}>`]);
  }
  for (const role of guild.roles.values()) if (role.id !== guild.id) names.push([`@${role.name}`, `<@&${role.id}>`]);
  for (const channel of store.visible(guild)) names.push([`#${channel.name}`, `<#${channel.id}>`]);
  return names;
}

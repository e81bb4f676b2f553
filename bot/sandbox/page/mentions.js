/** Names and mentions: what somebody writes as @Mira or #general, and how a message says it. */

import * as lookup from "./lookup.js";
import { session } from "./session.js";
import { here } from "./view.js";

const TARGET = /<(@!?|@&|#)(\d{1,20})>/g;
/** Code in a text: as many backticks at its end as at its beginning. */
export const CODE = /(`+)(?!`)[\s\S]*?[^`]\1(?!`)/g;

/**
 * A text with mentions in the place of names, the longest name first: of members, of roles and of channels.
 * @param {string} text
 * @returns {string}
 */
export function withMentions(text) {
  const names = known().sort(([one], [other]) => other.length - one.length);
  return outsideCode(text, (part) => mentioning(part, names));
}

/**
 * A text with names in the place of mentions, where writing them leads back to the same mentions.
 * @param {string} text
 * @returns {string}
 */
export function withNames(text) {
  const made = outsideCode(text, (part) => part.replace(TARGET, (whole) => nameFor(whole.replace("@!", "@"))));
  return withMentions(made) === text ? made : text;
}

/**
 * What is to be written for a mention: a name that leads to it and to nobody else, else the mention itself.
 * @param {string} mention as <@1>, <@&1> or <#1>
 * @returns {string}
 */
export function nameFor(mention) {
  const names = known().filter(([, stands]) => stands === mention);
  return names.find(([name]) => withMentions(name) === mention)?.[0] ?? mention;
}

/** Change all of a text but its code, in which nothing is a mention. */
function outsideCode(text, change) {
  let made = "";
  let at = 0;
  for (const code of text.matchAll(CODE)) {
    made += change(text.slice(at, code.index)) + code[0];
    at = code.index + code[0].length;
  }
  return made + change(text.slice(at));
}

function mentioning(text, names) {
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

function fits(text, at, name) {
  const end = at + name.length;
  return text.slice(at, end).toLowerCase() === name.toLowerCase() && !/[\w-]/.test(text[end] ?? "");
}

/** @returns {Array<[string, string]>} names with their sign, and what stands for them */
function known() {
  if (!session.client) return [];
  /** @type {Array<[string, string]>} */
  const names = [];
  for (const { id, name, username } of lookup.people(here)) {
    // By the name that is shown, and by the account's own.
    for (const one of new Set([name, username])) names.push([`@${one}`, `<@${id}>`]);
  }
  for (const role of lookup.roles(here)) if (role.id !== here.guildId) names.push([`@${role.name}`, `<@&${role.id}>`]);
  for (const channel of lookup.channels(here, [])) names.push([`#${channel.name}`, `<#${channel.id}>`]);
  return names;
}

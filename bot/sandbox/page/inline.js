/**
 * The part of Discord's markdown that stands within a line: styles, spoilers, code, links, mentions, times.
 *
 * The time it takes grows with the text's length times DEEPEST: what opens a style looks for its end once, and where
 * there is none, no later one of its kind looks again.
 */

import { el } from "./nodes.js";
import { colours } from "./people.js";
import { session } from "./session.js";
import { timestamp } from "./times.js";
import { here, placeHash } from "./view.js";

const DEEPEST = 10;
const IN_A_LINK = Infinity;
/** @type {Array<[string, string[]]>} what opens and closes a style, the longest first, and its elements from without */
const STYLES = [
  ["***", ["em", "strong"]],
  ["**", ["strong"]],
  ["__", ["u"]],
  ["~~", ["s"]],
  ["||", ["spoiler"]],
  ["*", ["em"]],
  ["_", ["em"]],
];
const ESCAPED = /\\([^\p{L}\p{N}\s])/uy;
const POINTED = /<(?:(@!?|@&|#)(\d{1,20})|t:(-?\d{1,13})(?::([tTdDfFR]))?|a?:(\w{2,32}):\d{1,20}|\/([^<>:\n]{1,100}):\d{1,20}|(https?:\/\/[^\s<>]{1,2000}))>/y;
const MASKED = /\[([^[\]\n]{1,400})\]\(<?(https?:\/\/[^\s<>()]{1,2000})>?\)/y;
const BARE = /https?:\/\/[^\s<>]{1,2000}/y;
const SHOUT = /@(?:everyone|here)\b/y;
const JUMP = /^https:\/\/(?:\w+\.)?discord(?:app)?\.com\/channels\/(@me|\d+)\/(\d+)(?:\/(\d+))?$/;
const STARTS = new Set("\\`<[h@*_~|");

/**
 * The nodes of a line of text.
 * @param {string} text
 * @param {string | null} [guildId] where it stands, for names
 * @param {number} [depth]
 * @returns {Node[]}
 */
export function inline(text, guildId = here.guildId, depth = 0) {
  /** @type {Node[]} */
  const nodes = [];
  const unclosed = new Set();
  let plain = "";
  const put = (/** @type {Node} */ node) => {
    if (plain) nodes.push(document.createTextNode(plain));
    plain = "";
    nodes.push(node);
  };
  for (let at = 0; at < text.length; ) {
    const found = STARTS.has(text[at]) ? special(text, at, guildId, depth, unclosed) : null;
    if (!found) plain += text[at++];
    else {
      if (typeof found.is === "string") plain += found.is;
      else put(found.is);
      at = found.end;
    }
  }
  if (plain) nodes.push(document.createTextNode(plain));
  return nodes;
}

function match(pattern, text, at) {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

function special(text, at, guildId, depth, unclosed) {
  let found;
  if (depth === IN_A_LINK && text[at] !== "\\") return null;
  switch (text[at]) {
    case "\\":
      found = match(ESCAPED, text, at);
      return found && { is: found[1], end: at + found[0].length };
    case "`":
      return code(text, at, unclosed);
    case "<":
      found = match(POINTED, text, at);
      return found && { is: pointed(found, guildId), end: at + found[0].length };
    case "[":
      found = match(MASKED, text, at);
      return found && { is: link(found[2], inline(found[1], guildId, IN_A_LINK)), end: at + found[0].length };
    case "h":
      return bare(text, at);
    case "@":
      found = match(SHOUT, text, at);
      return found && { is: el("span", { class: "mention" }, found[0]), end: at + found[0].length };
    default:
      return depth < DEEPEST ? styled(text, at, guildId, depth, unclosed) : null;
  }
}

function code(text, at, unclosed) {
  const ticks = text.startsWith("``", at) ? "``" : "`";
  if (unclosed.has(ticks)) return null;
  const end = text.indexOf(ticks, at + ticks.length);
  if (end < 0) unclosed.add(ticks);
  const within = text.slice(at + ticks.length, end);
  if (end < 0 || !within) return null;
  return { is: el("code", {}, within.trim() || within), end: end + ticks.length };
}

function bare(text, at) {
  const found = match(BARE, text, at);
  if (!found) return null;
  let url = found[0];
  while (/[.,:;"'\]!?*_~|]$/.test(url) || (url.endsWith(")") && !url.includes("("))) url = url.slice(0, -1);
  return { is: link(url, [document.createTextNode(url)]), end: at + url.length };
}

function styled(text, at, guildId, depth, unclosed) {
  for (const [mark, tags] of STYLES) {
    if (!text.startsWith(mark, at) || unclosed.has(mark)) continue;
    const end = closing(text, at + mark.length, mark);
    if (end === null) unclosed.add(mark);
    if (end === null || end === at + mark.length) continue;
    // A word with underscores within is no emphasis, nor is an asterisk before a space.
    if (mark === "_" && (/\w/.test(text[at - 1] ?? "") || /\w/.test(text[end + 1] ?? ""))) continue;
    if (mark === "*" && /\s/.test(text[at + 1])) continue;
    const within = inline(text.slice(at + mark.length, end), guildId, depth + 1);
    const node = tags.reduceRight((inner, tag) => [tag === "spoiler" ? spoiler(inner) : el(tag, {}, ...inner)], within);
    return { is: node[0], end: end + mark.length };
  }
  return null;
}

/** Where a style ends: at its mark, that is not escaped nor part of a longer one; null where it does not. */
function closing(text, from, mark) {
  for (let at = from; at < text.length; at++) {
    if (text[at] === "\\") at++;
    else if (text.startsWith(mark, at)) {
      let run = mark.length;
      while (mark !== "||" && text[at + run] === mark[0]) run++;
      if (run === mark.length) return at;
      // Of "***" after "**" the last two close; a pair within single ones is their own.
      if (mark.length === 2 || run % 2) return at + run - mark.length;
      at += run - 1;
    }
  }
  return null;
}

function pointed(found, guildId) {
  const [whole, kind, id, seconds, style, emoji, command, url] = found;
  const store = session.client?.store;
  if (url) return link(url, [document.createTextNode(url)]);
  if (seconds) return timestamp(Number(seconds), style ?? "f") ?? document.createTextNode(whole);
  if (emoji) return el("span", { class: "emoji" }, `:${emoji}:`);
  if (command) return el("span", { class: "mention" }, `/${command}`);
  if (kind === "#") {
    const channel = store?.channel(id);
    const hash = placeHash(channel?.guild_id ?? guildId, id);
    return channel
      ? el("a", { class: "mention", href: hash }, `#${channel.name}`)
      : el("span", { class: "mention" }, "#unknown");
  }
  if (kind === "@&") {
    const role = store?.guilds.get(guildId ?? "")?.roles.get(id);
    const colour = role?.color ? `#${role.color.toString(16).padStart(6, "0")}` : null;
    return el("span", { class: "mention role", ...colours(colour) }, `@${role?.name ?? "unknown role"}`);
  }
  const me = store?.client.me?.id === id ? " me" : "";
  return el("span", { class: `mention user${me}`, "data-user": id }, `@${store?.userName(id, guildId)}`);
}

/** A link; one that leads to a message or a channel here is followed in the page. */
function link(url, children) {
  const jump = JUMP.exec(url);
  if (jump) {
    const [, guild, channel, message] = jump;
    const named = session.client?.store.channel(channel)?.name;
    const text = children.length === 1 && children[0].textContent === url && named ? [`#${named}${message ? " › message" : ""}`] : children;
    return el("a", { href: placeHash(guild === "@me" ? null : guild, channel, message ?? null) }, ...text);
  }
  let parsed;
  try {
    parsed = new URL(url);
  } catch {
    return el("span", {}, ...children);
  }
  if (!/^https?:$/.test(parsed.protocol)) return el("span", {}, ...children);
  return el("a", { href: parsed.href, title: parsed.href, target: "_blank", rel: "noopener noreferrer nofollow" }, ...children);
}

/** What is hidden until it is asked for, by a click or a key; then it stays open. */
function spoiler(children) {
  const open = (/** @type {Event} */ event) => {
    if (node.getAttribute("role") !== "button") return;
    if (event instanceof KeyboardEvent && event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    event.stopPropagation();
    for (const name of ["role", "aria-label", "aria-expanded"]) node.removeAttribute(name);
    node.classList.add("open");
    hidden.removeAttribute("inert");
  };
  const hidden = el("span", { inert: true }, ...children);
  const attributes = { class: "spoiler", role: "button", tabindex: "0", "aria-label": "Spoiler", "aria-expanded": "false" };
  const node = el("span", { ...attributes, onclick: open, onkeydown: open }, hidden);
  return node;
}

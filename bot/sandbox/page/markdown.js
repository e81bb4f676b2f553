/** Discord's markdown as nodes: fenced code, quotes, headings, lists and small print; within lines see `inline.js`. */

import { inline } from "./inline.js";
import { el } from "./nodes.js";
import { here } from "./view.js";

const FENCE = /```(?:([\w+#.-]{1,20})\n)?([^]*?)```/g;
const HEADING = /^(#{1,3}) +(.+)$/;
const SMALL = /^-# +(.+)$/;
const ITEM = /^( {0,20})(?:[-*]|(\d{1,9})\.) +(.+)$/;

/**
 * The nodes of a text.
 * @param {string} text
 * @param {string | null} [guildId] where it stands, for the names of who is mentioned
 * @returns {Node[]}
 */
export function markdown(text, guildId = here.guildId) {
  /** @type {Node[]} */
  const nodes = [];
  let from = 0;
  for (const found of text.matchAll(FENCE)) {
    if (!found[2].trim()) continue;
    nodes.push(...lines(text.slice(from, found.index).replace(/\n$/, ""), guildId));
    nodes.push(fence(found[1] ?? "", found[2].replace(/^\n|\n$/g, "")));
    from = found.index + found[0].length;
    if (text[from] === "\n") from++;
  }
  nodes.push(...lines(text.slice(from), guildId));
  return nodes;
}

/**
 * A text in one line without any marks, as for a reply's reference or an announcement.
 * @param {string} text
 */
export function plain(text) {
  const holder = el("div", {}, ...markdown(text));
  for (const one of holder.querySelectorAll(".spoiler")) one.replaceChildren("(spoiler)");
  for (const one of holder.querySelectorAll("p, pre, blockquote, li, small")) one.append(" "), one.before(" ");
  return (holder.textContent ?? "").replace(/\s+/g, " ").trim();
}

function fence(language, content) {
  const attributes = language ? { "data-language": language } : {};
  if (language !== "diff") return el("pre", attributes, el("code", {}, content));
  const kinds = { "+": "added", "-": "removed", "@": "place" };
  const rows = content.split("\n").flatMap((line, index) => [index ? "\n" : "", el("span", { class: kinds[line[0]] ?? "same" }, line)]);
  return el("pre", { ...attributes, class: "diff" }, el("code", {}, ...rows));
}

function lines(text, guildId) {
  if (!text) return [];
  /** @type {Node[]} */
  const nodes = [];
  const all = text.split("\n");
  let said = /** @type {string[]} */ ([]);
  const flush = () => {
    // A blank line at the end of what was said stands for the space between blocks.
    if (said.length) nodes.push(...inline(said.join("\n"), guildId));
    said = [];
  };
  const block = (/** @type {Node} */ node) => {
    flush();
    nodes.push(node);
  };
  for (let at = 0; at < all.length; at++) {
    const line = all[at];
    if (line.startsWith(">>> ")) {
      block(el("blockquote", {}, ...quotedLines([line.slice(4), ...all.slice(at + 1)], guildId)));
      break;
    }
    if (line.startsWith("> ")) {
      const quoted = [];
      for (; at < all.length && all[at].startsWith("> "); at++) quoted.push(all[at].slice(2));
      at--;
      block(el("blockquote", {}, ...quotedLines(quoted, guildId)));
      continue;
    }
    const heading = HEADING.exec(line);
    const small = SMALL.exec(line);
    if (heading) block(el("p", { class: `heading heading-${heading[1].length}` }, ...inline(heading[2], guildId)));
    else if (small) block(el("small", {}, ...inline(small[1], guildId)));
    else if (ITEM.test(line)) {
      const items = [];
      for (; at < all.length && ITEM.test(all[at]); at++) items.push(/** @type {RegExpExecArray} */ (ITEM.exec(all[at])));
      at--;
      block(list(items, guildId));
    } else {
      said.push(line);
    }
  }
  flush();
  return nodes;
}

/** A quote's lines may be headings and lists, but hold no other quote. */
function quotedLines(quoted, guildId) {
  return lines(quoted.map((one) => one.replace(/^(>+ )/, "\u200b$1")).join("\n"), guildId);
}

/** Items of one list; those that stand further to the right belong to the one before them. */
function list(items, guildId) {
  const first = items[0];
  const ordered = first[2] !== undefined;
  const root = el(ordered ? "ol" : "ul", ordered ? { start: Number(first[2]) } : {});
  for (let at = 0; at < items.length; ) {
    const node = el("li", {}, ...inline(items[at][3], guildId));
    let next = at + 1;
    while (next < items.length && items[next][1].length > first[1].length) next++;
    if (next > at + 1) node.append(list(items.slice(at + 1, next), guildId));
    root.append(node);
    at = next;
  }
  return root;
}

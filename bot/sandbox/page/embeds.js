/** Embeds: the boxes with a bar of colour that applications post. */

import { inline } from "./inline.js";
import { markdown } from "./markdown.js";
import { picture } from "./media.js";
import { el } from "./nodes.js";
import { ofMessage } from "./times.js";

/**
 * An embed of a message.
 * @param {any} embed
 * @param {any} message
 * @param {string | null} guildId
 */
export function embedNode(embed, message, guildId) {
  const files = message.attachments ?? [];
  const colour = typeof embed.color === "number" ? { "--bar": `#${embed.color.toString(16).padStart(6, "0")}` } : {};
  const title = embed.title && markdownTitle(embed, guildId);
  return el(
    "div",
    { class: "embed", ...colour },
    picture(embed.thumbnail, files, "thumbnail"),
    embed.author?.name && el("div", { class: "embed-author" }, linked(embed.author.url, [embed.author.name])),
    title,
    embed.description && el("div", { class: "embed-text" }, ...markdown(embed.description, guildId)),
    embed.fields?.length && el("dl", { class: "fields" }, ...fields(embed.fields, guildId)),
    picture(embed.image, files, "picture"),
    (embed.footer?.text || embed.timestamp) && footer(embed),
  );
}

function markdownTitle(embed, guildId) {
  return el("div", { class: "embed-title" }, linked(embed.url, inline(embed.title, guildId)));
}

function linked(url, children) {
  if (!/^https?:\/\//.test(url ?? "")) return el("span", {}, ...children);
  return el("a", { href: url, target: "_blank", rel: "noopener noreferrer nofollow" }, ...children);
}

/** Up to three inline fields share a row; one that is not inline has its own. */
function fields(all, guildId) {
  const nodes = [];
  for (let at = 0; at < all.length; ) {
    let count = 1;
    if (all[at].inline) while (count < 3 && all[at + count]?.inline) count++;
    const columns = all[at].inline ? count : 0;
    for (const one of all.slice(at, at + count)) {
      nodes.push(
        el(
          "div",
          { class: `embed-field columns-${columns}` },
          el("dt", {}, ...inline(one.name, guildId)),
          el("dd", {}, ...markdown(one.value, guildId)),
        ),
      );
    }
    at += count;
  }
  return nodes;
}

function footer(embed) {
  const parts = [embed.footer?.text, embed.timestamp && ofMessage(new Date(embed.timestamp))].filter(Boolean);
  return el("footer", { class: "embed-footer" }, parts.join(" • "));
}

/** Files and pictures. Only those that the sandbox itself serves are loaded; others are links, for nothing else may be. */

import { icon } from "./icons.js";
import { el } from "./nodes.js";

/**
 * Where a picture or file of a message is on this server; null where it is elsewhere.
 * @param {string | undefined} url
 * @param {any[]} [attachments] of the message, for `attachment://name`
 * @returns {string | null}
 */
export function served(url, attachments = []) {
  if (!url) return null;
  const named = url.startsWith("attachment://") ? attachments.find((one) => one.filename === url.slice(13))?.url : url;
  try {
    // The address may have another of this server's names than the page was opened by.
    const { pathname, protocol } = new URL(named);
    return protocol === "http:" && pathname.startsWith("/cdn/") ? pathname : null;
  } catch {
    return null;
  }
}

/**
 * A picture, or a link to it where it is elsewhere.
 * @param {{url?: string, description?: string} | undefined} media
 * @param {any[]} attachments
 * @param {string} kind its class
 */
export function picture(media, attachments, kind) {
  if (!media?.url) return null;
  const path = served(media.url, attachments);
  const description = media.description ?? "";
  if (path) return el("img", { class: kind, src: path, alt: description || "Picture", loading: "lazy" });
  if (!/^https?:\/\//.test(media.url)) return null;
  const attributes = { class: "elsewhere", href: media.url, target: "_blank", rel: "noopener noreferrer nofollow" };
  return el("a", attributes, description || "Picture, not loaded");
}

/**
 * A message's attachments, without those that its embeds show.
 * @param {any} message
 */
export function attachments(message) {
  const shown = (message.embeds ?? []).flatMap((/** @type {any} */ one) => [one.image?.url, one.thumbnail?.url]);
  const left = (message.attachments ?? []).filter(
    (/** @type {any} */ one) => !shown.includes(`attachment://${one.filename}`) && !shown.includes(one.url),
  );
  return left.map((/** @type {any} */ one) => attachment(one));
}

function attachment(one) {
  const path = served(one.url);
  if (!path) return null;
  const spoiler = one.filename.startsWith("SPOILER_");
  if ((one.content_type ?? "").startsWith("image/") && !spoiler) {
    const image = el("img", { class: "picture", src: path, alt: one.description ?? one.filename, loading: "lazy" });
    return el("a", { class: "attachment", href: path, target: "_blank", rel: "noopener" }, image);
  }
  return el(
    "div",
    { class: "file" },
    icon("file"),
    el("a", { href: path, download: one.filename }, one.filename),
    el("span", { class: "size" }, size(one.size)),
  );
}

function size(bytes) {
  if (bytes < 1024) return `${bytes} bytes`;
  return bytes < 1024 ** 2 ? `${(bytes / 1024).toFixed(1)} KB` : `${(bytes / 1024 ** 2).toFixed(1)} MB`;
}

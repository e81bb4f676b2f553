/** Times as the app writes them, in the reader's own language and zone. */

import { el } from "./nodes.js";

const clock = new Intl.DateTimeFormat(undefined, { hour: "numeric", minute: "2-digit" });
const STYLES = {
  t: { timeStyle: "short" },
  T: { timeStyle: "medium" },
  d: { dateStyle: "short" },
  D: { dateStyle: "long" },
  f: { dateStyle: "long", timeStyle: "short" },
  F: { dateStyle: "full", timeStyle: "short" },
};
const full = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "short" });
const short = new Intl.DateTimeFormat(undefined, { dateStyle: "short" });
const relative = new Intl.RelativeTimeFormat(undefined, { numeric: "auto" });
/** @type {Array<[Intl.RelativeTimeFormatUnit, number]>} */
const UNITS = [["year", 31_536_000], ["month", 2_592_000], ["day", 86_400], ["hour", 3_600], ["minute", 60]];

/** @param {Date} date */
export const ofDay = (date) => clock.format(date);

/** @param {Date} date */
export const inFull = (date) => full.format(date);

/** @param {Date} date */
export const dayOf = (date) => new Intl.DateTimeFormat(undefined, { dateStyle: "long" }).format(date);

/**
 * When a message was posted, as above it: the time today and yesterday, else the date too.
 * @param {Date} date
 */
export function ofMessage(date) {
  const today = new Date();
  if (date.toDateString() === today.toDateString()) return ofDay(date);
  today.setDate(today.getDate() - 1);
  return date.toDateString() === today.toDateString() ? `Yesterday at ${ofDay(date)}` : `${short.format(date)} ${ofDay(date)}`;
}

/**
 * A `<t:…>` of a text; null where the seconds are none that a calendar has.
 * @param {number} seconds since 1970
 * @param {string} style one of t T d D f F R
 */
export function timestamp(seconds, style) {
  const date = new Date(seconds * 1000);
  if (Number.isNaN(date.getTime())) return null;
  const attributes = { class: "timestamp", datetime: date.toISOString(), title: inFull(date) };
  if (style !== "R") return el("time", attributes, new Intl.DateTimeFormat(undefined, STYLES[style]).format(date));
  return el("time", { ...attributes, "data-relative": seconds }, ago(seconds));
}

function ago(seconds) {
  const away = Math.round(seconds - Date.now() / 1000);
  const [unit, size] = UNITS.find(([, one]) => Math.abs(away) >= one) ?? ["second", 1];
  return relative.format(Math.trunc(away / size), unit);
}

// "in 5 minutes" is not true for long.
setInterval(() => {
  for (const one of document.querySelectorAll("time[data-relative]")) {
    one.textContent = ago(Number(/** @type {HTMLElement} */ (one).dataset.relative));
  }
}, 20_000);

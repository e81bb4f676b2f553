/**
 * Times of a page, which the server writes in UTC, in the reader's own zone; the UTC stays in the title.
 *
 * A time of today is a time of day alone. Without this the page says UTC.
 */

const NEW = "time[datetime]:not([title])";
const language = document.documentElement.lang;
/** How the reader writes the page's language: `en-GB` where the page is in English. */
const locale = navigator.languages.find((one) => one.split("-")[0] === language) ?? language;
const hours = new Intl.DateTimeFormat(locale, { timeStyle: "short" });
const days = new Intl.DateTimeFormat(locale, { dateStyle: "medium" });
const both = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" });

/**
 * A time as its reader says it.
 * @param {Date} at
 * @param {Date} now
 * @returns {string}
 */
export function said(at, now) {
  return (days.format(at) === days.format(now) ? hours : both).format(at);
}

/**
 * Write all times that are new on the page.
 * @returns {void}
 */
export function localise() {
  const now = new Date();
  for (const time of document.querySelectorAll(NEW)) {
    const at = new Date(time.dateTime);
    if (!Number.isNaN(at.getTime())) {
      time.title = time.textContent;
      time.textContent = said(at, now);
    }
  }
}

localise();
for (const news of ["htmx:afterSwap", "htmx:oobAfterSwap", "htmx:load"]) {
  document.addEventListener(news, localise);
}

/** A long message stands in a box of its own: what the verdict quotes of it is brought into sight there. */

const ABOVE = 48;

/** Scroll each box to its first marked words, where these are not in sight; the page stays where it is. */
export function showQuotes() {
  for (const box of document.querySelectorAll(".columns blockquote")) {
    if (box.scrollHeight > box.clientHeight) {
      box.tabIndex = 0; // so that the keyboard scrolls it
    }
    const marked = box.querySelector("mark")?.getClientRects()[0];
    const seen = box.getBoundingClientRect();
    if (marked && marked.bottom > seen.bottom) {
      box.scrollTop += marked.top - seen.top - ABOVE;
    }
  }
}

showQuotes();
document.body.addEventListener("htmx:afterSettle", showQuotes);

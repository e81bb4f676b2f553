/**
 * Keys for reviewing cases, and what a screen reader is told when the next case comes.
 *
 * A key presses the button, or goes to the field, that has it as its `data-key`. The page works without this.
 */

const TYPED_INTO = "input:not([type=button]):not([type=submit]), textarea, select, [contenteditable]";
const dialog = document.getElementById("keys");
const said = document.getElementById("said");
let isAsking = false;

/**
 * Whether a key is meant for what has the focus and not for the page.
 * @param {KeyboardEvent} event
 * @returns {boolean}
 */
export function isTyped(event) {
  const at = event.target;
  return event.ctrlKey || event.metaKey || event.altKey || event.isComposing
    || (at instanceof Element && at.closest(TYPED_INTO) !== null);
}

/** Press the button that has a key, or go to the field. */
function use(key) {
  const meant = document.querySelector(`#review [data-key="${CSS.escape(key)}"]`);
  if (meant instanceof HTMLButtonElement) {
    meant.click();
  } else if (meant instanceof HTMLElement) {
    meant.focus();
  }
  return meant !== null;
}

function pressed(event) {
  if (event.key === "Escape" && event.target instanceof HTMLElement && event.target.closest(TYPED_INTO)) {
    event.target.blur();
    return;
  }
  // A key that is held down, or pressed before the next case is there, answers nothing that was not looked at.
  if (isTyped(event) || event.repeat || isAsking || dialog.open) {
    return;
  }
  if (event.key === "?") {
    dialog.showModal();
    event.preventDefault();
  } else if (event.key.length === 1 && use(event.key.toLowerCase())) {
    event.preventDefault();
  }
}

/** The page has another case, or none: say so, and begin at its heading. */
function arrived() {
  const heading = document.getElementById("case-title");
  const before = document.querySelector("#last p");
  prepare();
  said.textContent = [before, heading].map((one) => one?.textContent.trim() ?? "").filter(Boolean).join(" ");
  heading?.focus({ preventScroll: true });
}

/** What only makes sense with scripts is shown by them. */
function prepare() {
  const open = document.querySelector("#review .keys-open");
  open?.removeAttribute("hidden");
  open?.addEventListener("click", () => dialog.showModal());
}

document.addEventListener("keydown", pressed);
document.body.addEventListener("htmx:beforeRequest", () => { isAsking = true; });
for (const failed of ["htmx:sendError", "htmx:sendAbort", "htmx:timeout"]) {
  document.body.addEventListener(failed, () => { isAsking = false; });
}
document.body.addEventListener("htmx:afterSettle", (event) => {
  isAsking = false; // not before: until then htmx does not know the new forms (it is at once, by settle:0ms)
  if (event.detail.elt.id === "review" || document.getElementById("review") === event.detail.target) {
    arrived();
  }
});
prepare();

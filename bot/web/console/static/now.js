/**
 * *Now* asks for nothing while nobody sees it, and says so when it gets no answer.
 *
 * The page works without this.
 */

const live = document.getElementById("live");
const away = document.getElementById("away");
const told = document.getElementById("told");
let refusal = "";

/** Whether something that htmx tells is about the figures. */
function isLive(event) {
  return event.detail.requestConfig?.elt === live;
}

/** A page in the background is looked at by nobody. When it comes to the front it asks at once. */
function asking(event) {
  if (isLive(event) && document.visibilityState === "hidden") {
    event.preventDefault();
  }
}

/** Nobody answered. What is said already is not said anew, or a screen reader would repeat it every few seconds. */
function unanswered(event) {
  if (isLive(event) && away.textContent === "") {
    away.textContent = away.dataset.words;
  }
}

/** An answer: figures, or a sentence why there are none, which is shown once. */
function answered(event) {
  if (!isLive(event)) {
    return;
  }
  away.textContent = "";
  const { xhr } = event.detail;
  if (xhr.status < 400) {
    told.replaceChildren();
    refusal = "";
  } else if (xhr.responseText === refusal) {
    event.detail.shouldSwap = false;
  } else {
    refusal = xhr.responseText;
  }
}

document.body.addEventListener("htmx:beforeRequest", asking);
document.body.addEventListener("htmx:sendError", unanswered);
document.body.addEventListener("htmx:timeout", unanswered);
document.body.addEventListener("htmx:beforeSwap", answered);

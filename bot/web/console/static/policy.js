/** What the pages of *Policy* do in the browser: line numbers, nothing typed is lost, and sliders. */

const PLACE = "lawspeaker:typed:";

/** The editor: a textarea over a mirror of its lines, which carries their numbers and marks. */
class Editor {
  #form;
  #text;
  #mirror;
  #kept;
  #sent = "";
  #marked = new Map();

  /** @param {HTMLFormElement} form The form that holds the text. */
  constructor(form) {
    this.#form = form;
    this.#text = form.querySelector("#source");
    this.#mirror = form.querySelector(".mirror");
    this.#kept = this.#text.value;
  }

  /** Number the lines, and listen. */
  begin() {
    this.#heed();
    this.#draw();
    this.#offerWhatWasTyped();
    this.#text.addEventListener("input", () => this.#typed());
    this.#form.addEventListener("keydown", (event) => this.#key(event));
    document.addEventListener("click", (event) => this.#toLine(event));
    document.body.addEventListener("htmx:beforeRequest", (event) => this.#sends(event));
    document.body.addEventListener("htmx:afterSettle", () => this.#answered());
    window.addEventListener("beforeunload", (event) => {
      if (this.#text.value !== this.#kept) {
        event.preventDefault();
      }
    });
  }

  #typed() {
    this.#remember();
    this.#draw();
  }

  #key(event) {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "s") {
      event.preventDefault();
      this.#form.requestSubmit();
    }
  }

  #sends(event) {
    const path = event.detail.pathInfo?.requestPath ?? "";
    if (path.endsWith("/keep") || path.endsWith("/publish")) {
      this.#sent = this.#text.value;
    }
  }

  #answered() {
    const outcome = this.#form.querySelector("#outcome [data-kept]:not([data-heard])");
    if (outcome) {
      outcome.dataset.heard = "";
      this.#kept = this.#sent;
      this.#remember();
      this.#text.dispatchEvent(new Event("recheck"));
    }
    this.#heed();
    this.#draw();
  }

  /** Take from the linter which lines it remarked on. */
  #heed() {
    this.#marked.clear();
    for (const item of document.querySelectorAll("#checked [data-line]")) {
      const line = Number(item.dataset.line);
      if (!this.#marked.has(line)) {
        this.#marked.set(line, item.className);
      }
    }
  }

  #draw() {
    const lines = this.#text.value.split("\n").map((words, index) => {
      const line = document.createElement("div");
      line.textContent = words || " ";
      const grade = this.#marked.get(index + 1);
      if (grade) {
        line.className = grade;
      }
      return line;
    });
    this.#mirror.replaceChildren(...lines);
  }

  #toLine(event) {
    const button = event.target.closest("[data-to]");
    if (!button) {
      return;
    }
    const lines = this.#text.value.split("\n");
    const at = Number(button.dataset.to) - 1;
    const start = lines.slice(0, at).reduce((sum, line) => sum + line.length + 1, 0);
    this.#text.focus();
    this.#text.setSelectionRange(start, start + (lines[at] ?? "").length);
    this.#mirror.children[at]?.scrollIntoView({ block: "center" });
  }

  // -- what was typed and not kept outlives the page, as long as the tab does ------------------------------

  get #name() {
    return PLACE + location.pathname + location.search;
  }

  #remember() {
    try {
      if (this.#text.value === this.#kept) {
        sessionStorage.removeItem(this.#name);
      } else {
        sessionStorage.setItem(this.#name, this.#text.value);
      }
    } catch {
      // a browser that stores nothing still edits
    }
  }

  #offerWhatWasTyped() {
    let before = null;
    try {
      before = sessionStorage.getItem(this.#name);
    } catch {
      return;
    }
    const panel = this.#form.querySelector("#restored");
    if (before === null || before === this.#text.value) {
      return;
    }
    panel.hidden = false;
    panel.querySelector("[data-restore]").addEventListener("click", () => {
      this.#text.value = before;
      this.#typed();
      this.#text.dispatchEvent(new Event("recheck"));
      panel.hidden = true;
      this.#text.focus();
    });
    panel.querySelector("[data-forget]").addEventListener("click", () => {
      this.#remember();
      panel.hidden = true;
      this.#text.focus();
    });
  }
}

/**
 * Keep each slider and its number alike, and a human's look at or below where the bot acts.
 *
 * @param {HTMLFormElement} form The form with pairs of `[data-pair]` fields.
 */
function pairSliders(form) {
  const fields = (pair, which) => form.querySelectorAll(`[data-pair="${CSS.escape(pair)}"][data-which="${which}"]`);
  const set = (pair, which, value) => {
    for (const field of fields(pair, which)) {
      if (field.value !== value) {
        field.value = value;
      }
    }
    for (const told of form.querySelectorAll(`output[data-of="${CSS.escape(`${which} ${pair}`)}"]`)) {
      told.textContent = `${value} %`;
    }
  };
  form.addEventListener(
    "input",
    (event) => {
      const { pair, which } = event.target.dataset;
      if (pair === undefined || event.target.value === "") {
        return;
      }
      form.querySelector("#saved").replaceChildren(); // what was said of others that were saved
      const value = event.target.value;
      set(pair, which, value);
      const other = which === "act" ? "review" : "act";
      const [field] = fields(pair, other);
      const crossed = which === "act" ? Number(field.value) > Number(value) : Number(field.value) < Number(value);
      if (crossed) {
        set(pair, other, value);
      }
    },
    { capture: true },
  );
  form.addEventListener("change", (event) => {
    const own = event.target.closest("[data-own]");
    if (own) {
      for (const field of form.querySelectorAll(`[data-pair="${CSS.escape(own.dataset.own)}"]`)) {
        field.disabled = !own.checked;
      }
    }
  });
}

document.querySelector(".tabs a[aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
const editor = document.querySelector("#editor");
if (editor) {
  new Editor(editor).begin();
}
const thresholds = document.querySelector("#thresholds");
if (thresholds) {
  pairSliders(thresholds);
}

/** A file input of a form: files are added one after another or at once, listed, and taken out again. */

import { icon } from "./icons.js";
import { el } from "./nodes.js";

/** A file upload of a modal, as `modalparts.js` uses its fields. */
export function uploadField(child, id) {
  const isRequired = child.required ?? true;
  const low = isRequired ? (child.min_values ?? 1) : 0;
  const high = child.max_values ?? 1;
  /** @type {File[]} */
  let files = [];
  const control = el("input", { id, type: "file", multiple: high > 1, required: isRequired });
  const list = el("ul", { class: "modal-files", "aria-label": "Files to send" });
  control.addEventListener("change", () => {
    // Of one file only, the one chosen last counts.
    keep(high > 1 ? [...files, ...control.files] : [...control.files]);
    control.value = "";
  });

  function keep(/** @type {File[]} */ kept) {
    files = kept;
    list.replaceChildren(...files.map((file) => el("li", {}, icon("file"), el("span", {}, file.name), takeOut(file))));
    control.dispatchEvent(new Event("input", { bubbles: true }));
  }

  function takeOut(file) {
    const leave = () => {
      keep(files.filter((one) => one !== file));
      control.focus();
    };
    return el("button", { type: "button", "aria-label": `Remove ${file.name}`, onclick: leave }, icon("close"));
  }

  return {
    node: el("div", { class: "modal-upload" }, control, list),
    control,
    value: (/** @type {File[]} */ sent) => ({ values: files.map((file) => String(sent.push(file) - 1)) }),
    problem() {
      // Where none are required some may still be too few.
      const least = !isRequired && files.length > 0 ? (child.min_values ?? 1) : low;
      if (files.length < least) return least === 1 ? "Add a file." : `Add at least ${least} files.`;
      return files.length > high ? `Add at most ${high === 1 ? "one file" : `${high} files`}.` : "";
    },
  };
}

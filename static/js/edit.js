// The page of one paragraph, and that of its translations: its forms keep what is typed, and bring two texts together.
import { Company, sameWords } from "./company.js";
import { Editor } from "./editor.js";

const page = document.querySelector("[data-number]");
const number = Number(page.dataset.number);
const warning = document.createElement("p");
warning.className = "notice warn";
warning.setAttribute("role", "alert");

const company = new Company({
  others(others) {
    const same = main && sameWords(others, `p${number}`);
    if (same === warning.textContent) return;
    warning.textContent = same || "";
    if (same) main.form.before(warning);
    else warning.remove();
  },
  lock: () => editors.forEach((editor) => editor.again()),
});

const editors = [...document.querySelectorAll("form[data-editor]")].map((form) => {
  const { back } = form.dataset;
  return new Editor(form, {
    saved: ({ whole }) => back && whole && location.assign(back),
    left: back && (() => location.assign(back)),
  });
});
const main = editors.find((editor) => editor.form.dataset.back);
if (main) company.at(number);

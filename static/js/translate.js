// The translator's page: each paragraph beside its words in one language. What is not translated yet, or whose original
// moved on, is one key away, so that a translator keeps up while the session goes on.
import { Company } from "./company.js";
import { Editor } from "./editor.js";
import { Follower } from "./follow.js";
import { direction, Summary } from "./summary.js";

const page = document.querySelector("[data-into]");
const words = document.getElementById("side-words").dataset;
const withdrawn = document.getElementById("live-words").dataset.withdrawn;
const list = document.getElementById("summary");
const template = document.getElementById("side");
const left = document.getElementById("left");
const news = document.getElementById("changes");
const { into, address, desk } = page.dataset;

const rows = () => [...list.querySelectorAll(":scope > .side")];
const rowOf = (id) => list.querySelector(`:scope > #${CSS.escape(id)}`);
const same = (one, other) => one.toLowerCase() === other.toLowerCase();
const editors = new Map(); // row -> Editor
const isNeedless = (row) => row.querySelector(".into").hidden;

function standing(row) {
  const editor = editors.get(row);
  if (isNeedless(row)) return "needless";
  if (!editor.stored.trim()) return "missing";
  return Number(editor.form.dataset.of) < Number(row.dataset.rev) ? "behind" : "current";
}
const isOpen = (row) => ["missing", "behind"].includes(standing(row));

function show(row) {
  const line = row.querySelector("[data-standing-words]");
  const now = standing(row);
  line.className = `standing is-${now}`;
  line.textContent = words[now] ?? "";
  if (now !== "behind") row.querySelector(".changed").hidden = true;
  count();
}

function count() {
  const n = rows().filter(isOpen).length;
  const sentence = n === 0 ? (rows().length ? words.leftNone : "") : n === 1 ? words.leftOne : words.left.replace("{n}", n);
  if (left.textContent.trim() !== sentence) left.textContent = sentence;
  document.getElementById("next-open").hidden = n === 0;
}

// From where the focus is, onwards or back, and round the end.
function goOn(step = 1) {
  const all = rows();
  const here = all.indexOf(document.activeElement.closest(".side"));
  const start = here < 0 ? (step > 0 ? -1 : all.length) : here;
  for (let n = 1; n <= all.length; n += 1) {
    const row = all[(start + step * n + all.length * n) % all.length];
    if (row !== all[here] && isOpen(row)) return enter(row);
  }
}

function enter(row) {
  row.scrollIntoView({ block: "nearest" });
  editors.get(row).field.focus({ preventScroll: true });
}

function adopt(row) {
  const form = row.querySelector("form[data-editor]");
  const editor = new Editor(form, {
    saved: () => {
      form.dataset.of = form.elements.namedItem("of").value;
      form.elements.namedItem("of").value = row.dataset.rev; // saved once more it is of the newest words
      show(row);
      if (standing(row) !== "behind" && form.contains(document.activeElement)) goOn();
    },
    isNeedless: () => !editor.isDirty && standing(row) !== "behind",
  });
  editors.set(row, editor);
}

class Sides extends Summary {
  made(p) {
    const copy = document.createElement("template");
    copy.innerHTML = template.innerHTML.replaceAll("{id}", p.id).replaceAll("{number}", p.id.slice(1));
    const row = copy.content.firstElementChild;
    list.append(row);
    adopt(row);
    document.getElementById("nothing-yet").hidden = true;
    return row;
  }

  // The original as it now stands. Words that are being typed stay, and are marked with what they translate.
  put(p) {
    const row = rowOf(p.id) ?? this.made(p);
    const older = Number(row.dataset.rev);
    if (older > p.rev) return row;
    const isShown = p.state === "shown";
    const source = row.querySelector(".source");
    row.dataset.rev = p.rev;
    source.hidden = !isShown;
    if (isShown && source.textContent !== p.text) source.textContent = p.text;
    Object.assign(source, { lang: p.lang, dir: direction(p.lang) });
    const gone = row.querySelector(".withdrawn");
    gone.hidden = isShown;
    gone.textContent = isShown ? "" : withdrawn.replace("{reason}", p.reason);
    row.querySelector(".needless").hidden = !isShown || !same(p.lang, into);
    row.querySelector(".into").hidden = !isShown || same(p.lang, into);
    const editor = editors.get(row);
    if (!editor.isDirty) editor.number("of").value = p.rev;
    for (const one of p.translations ?? []) if (same(one.lang, into)) this.take(row, one);
    show(row);
    return row;
  }

  take(row, translation) {
    const editor = editors.get(row);
    if (Number(editor.number("base_rev").value) >= translation.rev || editor.saving) return;
    if (editor.isDirty) {
      news.textContent = words.theirs;
      editor.form.querySelector("[data-saving]").textContent = words.theirs;
      return;
    }
    editor.stored = editor.field.value = translation.text;
    editor.number("base_rev").value = translation.rev;
    editor.form.dataset.of = translation.of;
    show(row);
  }

  snapshot(message) {
    const ids = new Set(message.paragraphs.map((p) => p.id));
    for (const row of rows()) if (!ids.has(row.id)) row.remove();
    let before = list.firstElementChild;
    for (const p of message.paragraphs) {
      const row = this.put(p);
      if (row !== before) this.place(row, before);
      else before = before.nextElementSibling;
    }
    this.status(message.status);
  }

  write(op, p) {
    const row = this.put(p);
    const number = p.id.slice(1);
    if (op === "append" && isOpen(row)) news.textContent = words.came.replace("{number}", number);
    if (op !== "edit") return;
    news.textContent = words.moved.replace("{number}", number);
    if (standing(row) === "behind") this.compare(row);
  }

  // What the original did since: the server compares.
  async compare(row) {
    try {
      const answer = await fetch(`${desk}/${row.id}/translations`, { headers: { Accept: "text/html" } });
      const other = new DOMParser().parseFromString(await answer.text(), "text/html");
      const found = other.querySelector(`section[id="${CSS.escape(into)}"] .notice .differences`);
      const block = row.querySelector(".changed");
      if (!found || standing(row) !== "behind") return;
      block.querySelector(".differences").replaceWith(document.importNode(found, true));
      block.hidden = false;
    } catch {
      // without a line the words themselves are there; what changed in them shows when the page is opened again
    }
  }

  translate(id, translation) {
    const row = rowOf(id);
    if (row && same(translation.lang, into)) this.take(row, translation);
  }
}

const summary = new Sides();
rows().forEach(adopt);
rows().forEach(show);
count();
new Company({ lock: () => editors.forEach((editor) => editor.again()) });
document.getElementById("next-open").addEventListener("click", () => goOn());
addEventListener("keydown", (pressed) => {
  const step = { ArrowDown: 1, ArrowUp: -1 }[pressed.key];
  if (!step || !pressed.altKey || pressed.ctrlKey || pressed.metaKey || pressed.isComposing) return;
  pressed.preventDefault();
  goOn(step);
});
new Follower(address, page.dataset.cursor, summary).connect();

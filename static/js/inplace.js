// Edits a paragraph where it stands, with the conflicts and the keeping of the page that edits one paragraph.
import { sameWords } from "./company.js";
import { keep, kept, placesBelow } from "./draft.js";
import { Editor } from "./editor.js";
import { direction } from "./summary.js";

const words = document.getElementById("write-words").dataset;
const template = document.getElementById("editing");

export class InPlace {
  // `told` has at(number) for whoever wants to know what is worked on, and say(sentence).
  constructor(list, address, told) {
    Object.assign(this, { list, address, told });
    this.open = new Map(); // id -> { editor, form, back }
    this.others = [];
    list.addEventListener("click", (clicked) => {
      const link = clicked.target.closest("a.edit, button.left-behind");
      if (!link || clicked.ctrlKey || clicked.metaKey || clicked.shiftKey) return;
      const article = link.closest(".paragraph");
      if (article.classList.contains("is-retracted")) return;
      clicked.preventDefault();
      this.edit(article, link);
    });
    this.offerLeft();
  }

  // `back` is what gets the focus when it is done.
  edit(article, back) {
    const held = this.open.get(article.id);
    if (held) return held.editor.field.focus();
    const { text, lang } = article.querySelector(".hand").dataset;
    const form = this.form(article, text, lang);
    article.after(form);
    article.classList.add("is-edited");
    const number = Number(article.id.slice(1));
    const editor = new Editor(form, {
      saved: ({ whole }) => whole && this.saved(article.id),
      left: () => this.close(article.id),
      typed: () => this.told.at(number),
      merged: () => this.notice(form, "is-news", ""),
    });
    form.querySelector("[data-cancel]").addEventListener("click", (clicked) => {
      clicked.preventDefault();
      this.close(article.id);
    });
    this.open.set(article.id, { editor, form, back });
    this.told.at(number);
    this.warn(article.id);
    editor.field.focus();
    editor.field.setSelectionRange(editor.field.value.length, editor.field.value.length);
    form.scrollIntoView({ block: "nearest" });
  }

  form(article, text, lang) {
    const { id } = article;
    const copy = document.createElement("template");
    copy.innerHTML = template.innerHTML.replaceAll("{id}", id).replaceAll("{number}", id.slice(1));
    const form = copy.content.firstElementChild;
    form.elements.namedItem("text").value = text;
    form.elements.namedItem("text").lang = lang;
    form.elements.namedItem("text").dir = direction(lang);
    form.elements.namedItem("lang").value = lang;
    form.elements.namedItem("base_rev").value = article.dataset.rev;
    return form;
  }

  saved(id) {
    this.close(id);
    this.told.say(words.savedEdit.replace("{number}", id.slice(1)));
  }

  close(id) {
    const { form, back } = this.open.get(id);
    const article = document.getElementById(id);
    this.open.delete(id);
    form.remove();
    article?.classList.remove("is-edited", "is-changed");
    this.told.at(null);
    if (article) this.offer(article);
    if (back?.isConnected) back.focus();
    else article?.focus();
  }

  // The log has told of this paragraph: whoever edits it must see it, and what they type stays where it is.
  changed(article, p) {
    const held = this.open.get(article.id);
    if (!held || Number(held.form.elements.namedItem("base_rev").value) >= p.rev || held.editor.saving) return;
    article.classList.add("is-changed");
    this.notice(held.form, "is-news", words.changed);
  }

  settle() {
    for (const [id, { form }] of this.open) {
      const article = document.getElementById(id);
      if (article && article.nextElementSibling !== form && !form.contains(document.activeElement)) article.after(form);
    }
  }

  company(others) {
    this.others = others;
    for (const id of this.open.keys()) this.warn(id);
  }

  warn(id) {
    this.notice(this.open.get(id).form, "is-same", sameWords(this.others, id));
  }

  notice(form, kind, sentence) {
    const there = form.querySelector(`:scope > .${kind}`);
    if ((there?.textContent ?? "") === sentence) return;
    there?.remove();
    if (!sentence) return;
    const notice = Object.assign(document.createElement("p"), { className: `notice warn ${kind}`, textContent: sentence });
    notice.setAttribute("role", "alert");
    form.prepend(notice);
  }

  again() {
    for (const { editor } of this.open.values()) editor.again();
  }

  // Words that an earlier visit left unsaved are offered at their paragraph.
  offerLeft() {
    for (const place of placesBelow(`${this.address}/paragraphs/`)) {
      const [, id] = /\/paragraphs\/(p\d+)$/.exec(place) ?? [];
      const article = id && document.getElementById(id);
      if (article) this.offer(article);
    }
  }

  offer(article) {
    const hand = article.querySelector(".hand");
    const place = `plenary:${this.address}/paragraphs/${article.id}`;
    const draft = kept(place);
    hand?.querySelector(".left-behind")?.remove();
    if (!hand || this.open.has(article.id) || typeof draft?.text !== "string") return;
    if (draft.text === hand.dataset.text) return keep(place, null);
    const button = Object.assign(document.createElement("button"), { type: "button", textContent: words.left });
    button.className = "button compact left-behind";
    hand.prepend(button);
  }
}

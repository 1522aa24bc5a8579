// A form with words that replace a revision: kept in this browser until the server has them, and brought together
// with what somebody else wrote meanwhile. Used for a paragraph on its own page and in its place, and for translations.
import { keep, kept } from "./draft.js";
import { isEscape, isSave, post } from "./post.js";

const words = document.getElementById("editor-words").dataset;
const NUMBERS = ["base_rev", "of"];

export class Editor {
  // `told` may have saved({ rev, whole }), left() for Escape, typed() for every change,
  // merged() when both texts are shown, and isNeedless().
  constructor(form, told = {}) {
    this.form = form;
    this.told = told;
    this.field = form.elements.namedItem("text");
    this.address = form.getAttribute("action");
    this.place = `plenary:${this.address}`;
    this.stored = this.field.value; // as the server has it
    this.wanted = false; // it is to be saved as soon as that is possible
    this.offer();
    this.field.addEventListener("input", () => this.typed());
    form.addEventListener("keydown", (pressed) => this.press(pressed));
    form.addEventListener("submit", (submitted) => {
      submitted.preventDefault();
      this.save();
    });
    form.querySelector("[data-cancel]")?.addEventListener("click", () => this.discard());
    addEventListener("online", () => this.again());
  }

  get isDirty() {
    return this.field.value !== this.stored;
  }

  number(name) {
    return this.form.elements.namedItem(name);
  }

  // What an earlier visit left behind, with the revision it was written against: what others did since is not lost.
  offer() {
    const draft = kept(this.place);
    if (typeof draft?.text !== "string" || draft.text === this.field.value) return;
    this.field.value = draft.text;
    for (const name of NUMBERS) if (this.number(name) && draft[name]) this.number(name).value = draft[name];
    this.say("kept");
  }

  keep() {
    const numbers = NUMBERS.filter((name) => this.number(name)).map((name) => [name, this.number(name).value]);
    keep(this.place, this.isDirty ? { text: this.field.value, ...Object.fromEntries(numbers) } : null);
  }

  discard() {
    keep(this.place, null);
  }

  typed() {
    this.keep();
    this.say(this.isDirty ? "unsaved" : "");
    this.told.typed?.();
  }

  press(pressed) {
    if (isSave(pressed)) {
      pressed.preventDefault();
      this.save();
    } else if (isEscape(pressed) && this.told.left) {
      pressed.preventDefault();
      this.told.left();
    }
  }

  say(what, detail = "") {
    const line = this.form.querySelector("[data-saving]");
    const looks = { saving: "saving", saved: "saved", unsaved: "unsaved", kept: "unsaved", "": "" };
    line.className = looks[what] ?? "failed";
    line.textContent = what && [words[what], detail].filter(Boolean).join(" ");
  }

  again() {
    if (this.wanted) this.save();
  }

  async save() {
    if (this.saving) return;
    if (this.told.isNeedless?.()) return this.told.saved({ whole: true });
    this.saving = true;
    const sent = this.field.value;
    this.say("saving");
    const { outcome, facts, problem, detail } = await post(this.address, Object.fromEntries(new FormData(this.form)));
    this.saving = false;
    this.wanted = outcome === "lost" || outcome === "signin" || Boolean(problem?.locked_by);
    const now = problem?.paragraph ?? problem?.translation;
    if (outcome === "saved") this.took(sent, facts);
    else if (now && now.text === sent.trim()) this.took(sent, now); // an answer that was lost: it is there already
    else if (problem && ("paragraph" in problem || "translation" in problem)) await this.merge();
    else this.say(outcome === "conflict" ? "refused" : outcome, detail);
  }

  // The server has what was sent; what was typed since is still to be saved.
  took(sent, { rev }) {
    this.stored = sent;
    this.number("base_rev").value = rev;
    this.form.querySelector("[data-merge]")?.remove();
    this.keep();
    this.say(this.isDirty ? "unsaved" : "saved");
    this.told.saved?.({ rev, whole: !this.isDirty });
  }

  // Somebody was faster. The server's own page shows both texts and a proposal; they are taken from it into this one.
  async merge() {
    try {
      const answer = await fetch(this.address, {
        method: "POST",
        headers: { Accept: "text/html" },
        body: new URLSearchParams(new FormData(this.form)),
        redirect: "manual",
      });
      if (answer.status !== 409) return this.say("lost");
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const both = page.querySelector("[data-merge]");
      const form = page.querySelector(`form[data-editor][action="${CSS.escape(this.address)}"]`);
      this.form.querySelector("[data-merge]")?.remove();
      if (both) this.form.prepend(document.importNode(both, true));
      if (form) this.propose(form);
      this.keep();
      this.say("conflict");
      this.told.merged?.();
      this.field.focus({ preventScroll: true });
      this.form.scrollIntoView({ block: "start" }); // the two texts first, the proposal below them
    } catch {
      this.wanted = true;
      this.say("lost");
    }
  }

  propose(form) {
    this.field.value = form.elements.namedItem("text").value;
    for (const name of NUMBERS) if (this.number(name)) this.number(name).value = form.elements.namedItem(name).value;
  }
}

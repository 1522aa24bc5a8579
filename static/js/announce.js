// What a screen reader says of a text that grows: in batches, as much as the reader wants, and never twice.

import { direction } from "./summary.js";

const words = document.getElementById("live-words").dataset;
const byId = (id) => document.getElementById(id);

const EVERY = 7_000; // a batch: long enough to be read out before the next comes
const KEPT = 20_000; // then it is taken out again: the text itself stands above
const MANY = 4; // of which only the number is said

const heading = (article) => {
  const first = article.querySelector(".text")?.firstElementChild;
  return first?.matches("h3, h4, h5, h6") ? first : null;
};

export class Announcer {
  constructor() {
    this.level = "all"; // or "headings", "nothing"
    this.batch = new Map(); // article: what happened to it
    byId("summary").setAttribute("aria-live", "off"); // it is said here, and not twice
  }

  // `kind`: new changed retracted moved translated
  note(kind, article) {
    if (this.level === "nothing" || (this.level === "headings" && !heading(article))) return;
    if (this.batch.get(article) !== "new" || kind === "retracted") this.batch.set(article, kind);
    this.timer ??= setTimeout(() => this.say(), EVERY);
  }

  say() {
    this.timer = null;
    const entries = [...this.batch].filter(([article]) => article.isConnected);
    this.batch.clear();
    this.sayNew(entries.filter(([, kind]) => kind === "new").map(([article]) => article));
    this.sayChanged(entries.filter(([, kind]) => kind !== "new"));
  }

  sayNew(articles) {
    const texts = articles.length >= MANY ? [] : articles.map((one) => one.querySelector(".text"));
    const lines = texts.map((text) => ({ of: text, said: this.level === "headings" ? text.firstElementChild : text }));
    byId("news").replaceChildren(
      ...lines.map(({ of, said }) => {
        const line = document.createElement("p");
        [line.lang, line.dir] = [of.lang, direction(of.lang)];
        line.textContent = said.textContent.trim();
        return line;
      }),
    );
    if (articles.length >= MANY) byId("news").textContent = words.manyNew.replace("{n}", articles.length);
    clearTimeout(this.clearing);
    this.clearing = setTimeout(() => byId("news").replaceChildren(), KEPT);
  }

  sayChanged(entries) {
    const said =
      entries.length >= MANY
        ? [words.manyChanged.replace("{n}", entries.length)]
        : entries.map(([article, kind]) => words[kind].replace("{id}", article.id.slice(1)));
    byId("changes").textContent = said.join(" ");
  }
}

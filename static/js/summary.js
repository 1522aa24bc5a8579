// Shows a summary as its log says: one article for each paragraph, as the server writes them, in the order and the
// language that hold. Articles stay where they are while their words change, so that focus and place stay, too.

const words = document.getElementById("live-words").dataset;
const page = document.querySelector("[data-live]");
const list = document.getElementById("summary");
const byId = (id) => document.getElementById(id);
const inDocument = (id) => list.querySelector(`:scope > #${CSS.escape(id)}`);

const made = (name, attributes = {}, ...children) => {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
};

export const direction = (lang) => {
  try {
    const locale = new Intl.Locale(lang);
    return (locale.getTextInfo?.() ?? locale.textInfo)?.direction ?? "auto";
  } catch {
    return "auto";
  }
};

const clock = new Intl.DateTimeFormat("en-GB", { timeStyle: "short", timeZone: page.dataset.zone });
const same = (one, other) => one.toLowerCase() === other.toLowerCase();

// `original`, `ja` or `both:ja`
export const parseChoice = (text = "original") => {
  const [, both, lang] = /^(both:)?(.*)$/.exec(text);
  return lang === "original" ? { lang: "", both: false } : { lang, both: Boolean(both) };
};

// What is shown of a paragraph; the server decides in the same way (remote/wording.py).
function textsOf(p, choice, languages) {
  const isThere = choice.lang && languages.some((lang) => same(lang, choice.lang));
  if (!isThere || same(choice.lang, p.lang)) return { texts: [p] };
  const found = p.translations?.find((one) => same(one.lang, choice.lang));
  if (!found) return { texts: [p], note: "missing" };
  return { texts: choice.both ? [p, found] : [found], note: found.of < p.rev ? "behind" : "" };
}

function textElement({ lang, text, html }) {
  const element = made("div", { class: "text", lang, dir: direction(lang) });
  if (html === undefined) {
    element.classList.add("is-plain"); // it came over a bad line
    element.textContent = text;
  } else {
    element.innerHTML = html; // the server has made this HTML safe
  }
  return element;
}

function meta(p) {
  const time = made("time", { datetime: p.at }, clock.format(new Date(p.at)));
  const line = made("p", { class: "meta" }, made("span", { class: "by" }, p.by), " ", time);
  if (p.rev > 1 && p.state === "shown") line.append(" ", made("span", { class: "edited" }, words.edited));
  return line;
}

// What a reader would see of an article: the same words in the same languages need no second writing.
const looks = (parts) => parts.filter((one) => one.matches(".text, .note")).map((one) => one.lang + one.innerHTML).join("\n");

export class Summary {
  // `extra(article, paragraph)` may add to each article, for the writing page.
  constructor(extra = () => {}) {
    this.extra = extra;
    this.held = new Map(); // the paragraphs as the log has them, as far as they have been told
    this.isWhole = false; // whether all of them have: what the server wrote into the page it did not tell
    this.choice = parseChoice(page.dataset.text);
    this.languages = page.dataset.languages?.split(" ").filter(Boolean) ?? [];
    this.live = true;
    this.around = (change) => change(); // what else is to happen with a change of the text
    this.onchange = () => {}; // (kind, article): new changed retracted moved translated
    this.onlanguages = () => {};
  }

  // Show other texts. True when it could be done; else a snapshot is needed first.
  choose(choice) {
    this.choice = choice;
    if (!this.isWhole) return false;
    this.around(() => this.renderAll());
    return true;
  }

  renderAll() {
    const isThere = this.languages.some((lang) => same(lang, this.choice.lang));
    list.classList.toggle("is-both", this.choice.both && isThere);
    for (const p of this.held.values()) this.render(inDocument(p.id), p);
    this.sayWhetherTranslated();
  }

  sayWhetherTranslated() {
    const notice = byId("untranslated");
    if (!notice || !this.isWhole) return;
    const { lang } = this.choice;
    const written = [...this.held.values()].map((p) => p.lang);
    notice.hidden = !lang || !written.length || [...this.languages, ...written].some((one) => same(one, lang));
  }

  render(article, p) {
    const { texts, note } = textsOf(p, this.choice, this.languages);
    const parts =
      p.state === "retracted"
        ? [made("p", { class: "text" }, words.withdrawn.replace("{reason}", p.reason))]
        : [...texts.map(textElement), ...(note ? [made("p", { class: "note" }, words[note])] : [])];
    const unchanged = Number(article.dataset.rev) === p.rev && looks([...article.children]) === looks(parts);
    article.dataset.rev = p.rev;
    article.classList.toggle("is-retracted", p.state === "retracted");
    if (unchanged) return false;
    const hadFocus = article.contains(document.activeElement) && document.activeElement !== article;
    const own = article.querySelector(":scope > .anchor");
    const wasOwn = document.activeElement === own;
    for (const part of [...article.children]) if (part !== own) part.remove();
    article.append(...parts, meta(p));
    this.extra(article, p);
    if (hadFocus && !wasOwn) own.focus({ preventScroll: true }); // what had it is gone, its paragraph is not
    return true;
  }

  newArticle(p) {
    const anchor = { class: "anchor", href: `${page.dataset.links ?? ""}#${p.id}`, "aria-label": words.anchor.replace("{id}", p.id) };
    return made("article", { class: "paragraph", id: p.id }, made("a", anchor, p.id.slice(1)));
  }

  // A paragraph as it now stands. Returns its article when something is to be seen of it.
  put(p, isNew) {
    const held = this.held.get(p.id);
    let article = inDocument(p.id);
    if (article && Number(article.dataset.rev) > p.rev) return null;
    if (held?.translations && held.state === "shown" && p.state === "shown") p = { translations: held.translations, ...p };
    if (p.html === undefined && held?.rev === p.rev) p = { ...p, html: held.html };
    const written = Number(article?.dataset.rev) === p.rev && !this.choice.lang; // the server wrote it so
    this.held.set(p.id, p);
    if (article && written && p.html === undefined && p.state === "shown") return null;
    if (!article) {
      article = this.newArticle(p);
      article.classList.toggle("is-new", isNew);
      list.append(article);
      byId("nothing-yet").hidden = true;
    }
    return this.render(article, p) ? article : null;
  }

  snapshot(message) {
    list.setAttribute("aria-busy", "true"); // or a screen reader would read the whole of it again
    const fresh = [];
    this.around(() => {
      this.held = new Map(message.paragraphs.map((p) => [p.id, { ...p, html: p.html ?? this.html(p) }]));
      this.isWhole = true;
      for (const old of [...list.querySelectorAll(":scope > .paragraph")]) if (!this.held.has(old.id)) old.remove();
      let before = list.firstElementChild;
      for (const p of message.paragraphs) {
        const isNew = !inDocument(p.id);
        const article = this.put(p, isNew) ?? inDocument(p.id);
        if (article !== before) this.place(article, before);
        else before = before.nextElementSibling;
        if (isNew) fresh.push(article);
      }
      byId("nothing-yet").hidden = message.paragraphs.length > 0;
      this.countLanguages();
      this.renderAll();
    });
    list.removeAttribute("aria-busy");
    for (const article of fresh) this.onchange("new", article);
    this.status(message.status);
  }

  html(p) {
    const held = this.held.get(p.id);
    return held?.rev === p.rev ? held.html : undefined;
  }

  event(event) {
    if (event.op === "status") this.status(event.status);
    else if (event.op === "move") this.move(event.id, event.before);
    else if (event.op === "translate") this.translate(event.id, event.translation);
    else if (event.paragraph) this.write(event.op, event.paragraph);
  }

  write(op, p) {
    this.around(() => {
      const article = this.put(p, op === "append");
      this.countLanguages();
      if (!article) return;
      this.onchange({ append: "new", retract: "retracted" }[op] ?? "changed", article);
    }, p.id);
  }

  // The paragraph now stands before another one, or at the end.
  move(id, before) {
    const article = inDocument(id);
    const next = before === null ? null : inDocument(before);
    if (!article || (before !== null && !next)) return;
    this.around(() => this.place(article, next), id);
    this.onchange("moved", article);
  }

  place(article, before) {
    const focused = article.contains(document.activeElement) ? document.activeElement : null;
    list.insertBefore(article, before);
    if (focused && focused !== document.activeElement) focused.focus({ preventScroll: true });
  }

  translate(id, translation) {
    const p = this.held.get(id) ?? (this.isWhole ? null : { id });
    if (!p || p.state === "retracted") return;
    const kept = (p.translations ?? []).filter((one) => !same(one.lang, translation.lang));
    const now = { ...p, translations: translation.text ? [...kept, translation] : kept };
    if (this.isWhole) this.held.set(id, now);
    this.countLanguages(translation.text ? [translation.lang] : []);
    if (!this.isWhole) return;
    this.around(() => {
      const article = inDocument(id);
      if (this.render(article, now)) this.onchange("translated", article);
    }, id);
  }

  // Which languages one can choose: those that something is translated into.
  countLanguages(more = []) {
    const shown = [...this.held.values()].filter((p) => p.state === "shown");
    const translated = shown.flatMap((p) => (p.translations ?? []).map((one) => one.lang));
    const now = [...new Set([...(this.isWhole ? [] : this.languages), ...translated, ...more])].sort();
    if (now.join() === this.languages.join()) return;
    this.languages = now;
    this.onlanguages(now);
    if (this.isWhole && this.choice.lang) this.renderAll(); // the first text in it says that the others have none
  }

  status(status) {
    const tag = byId("summary-status");
    tag.className = `status status-${status}`;
    tag.textContent = words[status] ?? status;
    this.showConnection();
    this.onstatus?.(status);
  }

  followers(n) {
    const tag = byId("followers");
    if (tag) tag.textContent = n === 1 ? words.followersOne : words.followers.replace("{n}", n);
  }

  // Whether the server hears at once of what is written: while it does not, this page promises nothing.
  standing(live) {
    this.live = live;
    this.showConnection();
  }

  state(state, seconds = 0) {
    this.connection = state;
    this.seconds = seconds;
    if (state === "quiet") byId("followers")?.replaceChildren(); // who only asks is not told
    this.showConnection();
  }

  // Where nothing more is written, a page that stays connected promises nothing.
  showConnection() {
    const line = byId("connection");
    const over = byId("summary-status").matches(".status-closed, .status-published");
    const isUp = this.connection === "connected" || this.connection === "quiet";
    line.hidden = !this.connection || (over && isUp && this.live);
    if (!this.connection) return;
    const said = isUp && !this.live ? words.deaf : words[this.connection].replace("{n}", this.seconds);
    if (line.textContent !== said) line.textContent = said; // said again it would be read out again
    const looks = { connected: "is-on", quiet: "is-on", lost: "is-off", connecting: "is-connecting" }[this.connection];
    line.className = `connection ${isUp && !this.live ? "is-off" : looks}`;
  }
}

// Shows a summary as its log says: one article for each paragraph, as the server writes them.

const words = document.getElementById("live-words").dataset;
const list = document.getElementById("summary");
const byId = (id) => document.getElementById(id);

const made = (name, attributes = {}, ...children) => {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
};

const direction = (lang) => {
  try {
    const locale = new Intl.Locale(lang);
    return (locale.getTextInfo?.() ?? locale.textInfo)?.direction ?? "auto";
  } catch {
    return "auto";
  }
};

const clock = new Intl.DateTimeFormat("en-GB", {
  timeStyle: "short",
  timeZone: document.querySelector("[data-live]").dataset.zone,
});

function article(p) {
  const retracted = p.state === "retracted";
  const text = retracted
    ? made("p", { class: "text" }, words.withdrawn.replace("{reason}", p.reason))
    : made("div", { class: "text", lang: p.lang, dir: direction(p.lang) });
  if (!retracted) text.innerHTML = p.html; // the server has made this HTML safe
  const anchor = { class: "anchor", href: `#${p.id}`, "aria-label": words.anchor.replace("{id}", p.id) };
  const meta = made(
    "p",
    { class: "meta" },
    made("span", { class: "by" }, p.by),
    " ",
    made("time", { datetime: p.at }, clock.format(new Date(p.at))),
  );
  if (p.rev > 1 && !retracted) meta.append(" ", made("span", { class: "edited" }, words.edited));
  const whole = made("article", { class: "paragraph", id: p.id, "data-rev": p.rev });
  whole.append(made("a", anchor, p.id.slice(1)), text, meta);
  whole.classList.toggle("is-retracted", retracted);
  return whole;
}

export class Summary {
  // `extra(article, paragraph)` may add to each article, for the writing page.
  constructor(extra = () => {}) {
    this.extra = extra;
  }

  put(p, isNew) {
    const old = byId(p.id);
    if (old && Number(old.dataset.rev) >= p.rev) return;
    const fresh = article(p);
    this.extra(fresh, p);
    if (old) {
      old.replaceWith(fresh);
    } else {
      fresh.classList.toggle("is-new", isNew);
      list.append(fresh);
      byId("nothing-yet").hidden = true;
    }
  }

  snapshot(message) {
    list.setAttribute("aria-busy", "true"); // or a screen reader would read the whole of it again
    const known = new Set(message.paragraphs.map((p) => p.id));
    for (const old of [...list.querySelectorAll(".paragraph")]) if (!known.has(old.id)) old.remove();
    for (const p of message.paragraphs) this.put(p, false);
    byId("nothing-yet").hidden = message.paragraphs.length > 0;
    list.removeAttribute("aria-busy");
    this.status(message.status);
  }

  event(event) {
    if (event.op === "status") return this.status(event.status);
    if (!event.paragraph) return;
    this.put(event.paragraph, event.op === "append");
    if (event.op === "append") return;
    byId("changes")?.replaceChildren(event.op === "retract" ? words.retracted : words.changed);
  }

  status(status) {
    const tag = byId("summary-status");
    tag.className = `status status-${status}`;
    tag.textContent = words[status] ?? status;
    this.showConnection();
    this.onstatus?.(status);
  }

  followers(n) {
    byId("followers").textContent = n === 1 ? words.followersOne : words.followers.replace("{n}", n);
  }

  state(state) {
    this.connection = state;
    const line = byId("connection");
    this.showConnection();
    line.textContent = words[state];
    line.className = `connection ${{ connected: "is-on", lost: "is-off", connecting: "is-connecting" }[state]}`;
  }

  // Where nothing more is written, a page that stays connected promises nothing.
  showConnection() {
    const over = byId("summary-status").matches(".status-closed, .status-published");
    byId("connection").hidden = !this.connection || (over && this.connection === "connected");
  }
}

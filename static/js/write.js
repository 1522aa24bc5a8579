// The writing page. What is typed is kept in this browser until the server says it has it; only then is it "saved".
import { Follower } from "./follow.js";
import { Summary } from "./summary.js";

const page = document.querySelector("[data-writes]");
const words = document.getElementById("write-words").dataset;
const form = document.getElementById("paragraph-form");
const saving = document.getElementById("saving");
const unsent = document.getElementById("unsent");
const LONGEST_PAUSE = 10_000;

// Kept: the draft in the textarea, and the outbox of paragraphs that were sent off but not yet acknowledged.
// Each tab keeps its own, under a name it holds a lock on; what a closed tab has left behind is taken over.
const place = `plenary:${page.dataset.address}:`;
const mine = place + newKey();
const kept = { draft: "", outbox: [] };
const keep = () => {
  try {
    if (kept.draft || kept.outbox.length) localStorage.setItem(mine, JSON.stringify(kept));
    else localStorage.removeItem(mine);
  } catch (fault) {
    console.warn("this browser keeps nothing", fault); // full or forbidden: the page still holds it, and sends it
  }
};

function newKey() {
  return crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`; // plain http on a local network has no randomUUID
}

// Take the lock for as long as this page lives; false when another tab has it.
const take = (name) =>
  new Promise((taken) => {
    if (!navigator.locks) return taken(true); // two tabs may then send one paragraph: its key makes it one
    navigator.locks.request(name, { ifAvailable: true }, (lock) => {
      taken(Boolean(lock));
      return lock && new Promise(() => {});
    });
  });

async function adopt() {
  await take(mine);
  for (const name of Object.keys(localStorage).filter((name) => name.startsWith(place) && name !== mine)) {
    if (!(await take(name))) continue;
    const left = JSON.parse(localStorage.getItem(name));
    kept.outbox.push(...left.outbox);
    if (left.draft && left.draft !== form.text.value) {
      form.text.value = [left.draft, form.text.value].filter(Boolean).join("\n\n");
      kept.draft = form.text.value;
    }
    keep();
    localStorage.removeItem(name);
  }
  if (!kept.draft && !kept.outbox.length) return;
  form.closest("section").hidden = false; // even where the summary was closed meanwhile
  showOutbox();
  say("unsaved");
  send();
}

const say = (what, detail = "") => {
  saving.className = { saved: "saved", saving: "saving", unsaved: "unsaved" }[what] ?? "failed";
  saving.textContent = words[what] + (detail && ` ${detail}`);
};

function showOutbox() {
  unsent.hidden = kept.outbox.length === 0;
  unsent.replaceChildren(
    ...kept.outbox.map((paragraph) => {
      const item = document.createElement("li");
      item.className = "unsent";
      item.lang = paragraph.lang;
      item.dir = "auto";
      const text = document.createElement("p");
      text.textContent = paragraph.text;
      const back = document.createElement("button");
      back.type = "button";
      back.className = "button quiet";
      back.textContent = words.back;
      back.addEventListener("click", () => takeBack(paragraph));
      item.append(text, back);
      return item;
    }),
  );
}

function takeBack(paragraph) {
  if (sending === paragraph) return; // it may be at the server by now: taking it back would write it twice
  kept.outbox = kept.outbox.filter((other) => other !== paragraph);
  form.text.value = [form.text.value, paragraph.text].filter(Boolean).join("\n\n");
  kept.draft = form.text.value;
  keep();
  showOutbox();
  form.text.focus();
  if (!kept.outbox.length) say("unsaved");
}

let sending = null;
let failures = 0;
let again = 0;

// Paragraphs leave one after the other, in the order written; each carries a key, so that one sent twice is written once.
async function send() {
  clearTimeout(again);
  if (sending || kept.outbox.length === 0) return;
  sending = kept.outbox[0];
  say("saving");
  let outcome;
  try {
    const answer = await fetch(form.action, {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: "application/json", "Idempotency-Key": sending.key },
      body: JSON.stringify({ text: sending.text, lang: sending.lang }),
      redirect: "manual",
    });
    if (answer.status === 201) {
      kept.outbox.shift();
      keep();
      failures = 0;
      outcome = "saved";
    } else if (answer.status === 401) {
      outcome = "signin";
    } else if (answer.status >= 500 || answer.status === 429) {
      outcome = "lost";
    } else {
      const problem = await answer.json();
      outcome = "refused";
      say("refused", Object.values(problem.errors ?? {})[0] ?? problem.detail ?? "");
    }
  } catch {
    outcome = "lost";
  }
  sending = null;
  showOutbox();
  if (outcome === "refused") return;
  if (outcome !== "saved") {
    failures += 1;
    say(outcome);
    again = setTimeout(send, Math.random() * Math.min(LONGEST_PAUSE, 500 * 2 ** failures) + 250);
  } else if (kept.outbox.length) {
    send();
  } else {
    say(kept.draft ? "unsaved" : "saved");
  }
}

form.addEventListener("submit", (submitted) => {
  submitted.preventDefault();
  const text = form.text.value.trim();
  if (text) {
    kept.outbox.push({ key: newKey(), text, lang: form.lang.value });
    kept.draft = "";
    keep(); // first into the browser's keeping, then out of the box: no moment in which it is nowhere
    form.text.value = "";
    showOutbox();
  }
  send();
});
form.text.addEventListener("input", () => {
  kept.draft = form.text.value;
  keep();
  if (!sending && !kept.outbox.length) say("unsaved");
});
form.text.addEventListener("keydown", (pressed) => {
  if (pressed.key === "Enter" && (pressed.ctrlKey || pressed.metaKey)) form.requestSubmit();
});
addEventListener("online", send);
addEventListener("beforeunload", (leaving) => {
  if (kept.outbox.length) leaving.preventDefault();
});

adopt();

const addEdit = (article) => {
  const link = document.createElement("a");
  link.href = `${page.dataset.desk}/${article.id}`;
  link.textContent = words.edit;
  link.setAttribute("aria-label", `${words.edit} ${article.id}`);
  article.querySelector(".meta").append(" ", link);
};
const summary = new Summary(addEdit);
summary.onstatus = (status) => {
  if (status === "live") document.querySelector("aside button[value=live]")?.remove();
  // another writer closed or opened it: the forms below are for another status, what is typed stays kept
  const changed = status !== page.dataset.status && !(status === "live" && page.dataset.status === "waiting");
  if (changed && !kept.outbox.length && !sending) location.reload();
  page.dataset.status = status;
};
new Follower(page.dataset.address, page.dataset.cursor, summary).connect();

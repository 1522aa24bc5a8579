// Chooses and drops sessions at once, without a new page. Without it each button sends the form.

import { post } from "./post.js";

const form = document.getElementById("choosing");
const said = form?.querySelector("[role=status]");
// One after another: a stranger's choice is kept in a cookie that each answer brings, and two at once would lose one.
let last = Promise.resolve();

function show(button, chosen) {
  button.setAttribute("aria-pressed", String(chosen));
  button.name = chosen ? "drop" : "choose";
}

async function send(button, wanted) {
  const { outcome, facts, detail } = await post(form.action, { [wanted ? "choose" : "drop"]: button.value });
  const saved = outcome === "saved";
  if (!saved) show(button, !wanted);
  said.classList.toggle("visually-hidden", saved);
  said.textContent = saved ? form.dataset.count.replace("{count}", facts.chosen.length) : detail || form.dataset.lost;
}

if (form) {
  said.classList.add("visually-hidden");
  document.addEventListener("click", (pressed) => {
    const button = pressed.target.closest('button[form="choosing"]');
    if (!button) return;
    pressed.preventDefault();
    const wanted = button.getAttribute("aria-pressed") !== "true";
    show(button, wanted);
    last = last.then(() => send(button, wanted));
  });
}

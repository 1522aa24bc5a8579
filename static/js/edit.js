// The page on which one paragraph is edited. Words that are not at the server yet are kept in this browser.
const form = document.getElementById("edit-form");
const saving = document.getElementById("saving");

const say = (what) => {
  saving.className = { saving: "saving", unsaved: "unsaved" }[what] ?? "failed";
  saving.textContent = form.dataset[what];
};

if (form) {
  const place = `plenary:${form.getAttribute("action")}`;
  const kept = localStorage.getItem(place);
  if (kept !== null && kept !== form.text.value) {
    form.text.value = kept;
    say("unsaved");
  }
  form.text.addEventListener("input", () => {
    localStorage.setItem(place, form.text.value);
    say("unsaved");
  });
  document.getElementById("cancel").addEventListener("click", () => localStorage.removeItem(place));
  form.addEventListener("submit", async (submitted) => {
    submitted.preventDefault();
    say("saving");
    try {
      const answer = await fetch(form.getAttribute("action"), {
        method: "POST",
        headers: { "Content-Type": "application/json", Accept: "application/json" },
        body: JSON.stringify({ text: form.text.value, lang: form.lang.value, base_rev: Number(form.base_rev.value) }),
      });
      if (answer.status >= 500) throw new Error(answer.status);
      if (!answer.ok) return form.submit(); // the server's own page shows what is wrong, and these words with it
      localStorage.removeItem(place);
      location.assign(form.dataset.back);
    } catch {
      say("lost");
    }
  });
}

// Copies what stands in a field, for every `button[data-copy]`; without it one selects and copies by hand.

for (const button of document.querySelectorAll("button[data-copy]")) {
  const field = document.getElementById(button.dataset.copy);
  if (!field || !navigator.clipboard) continue; // browsers give none to a page of plain http
  const words = button.textContent;
  button.hidden = false;
  button.setAttribute("aria-live", "polite");
  button.addEventListener("click", async () => {
    field.select();
    try {
      await navigator.clipboard.writeText(field.value);
      button.textContent = button.dataset.done;
      setTimeout(() => { button.textContent = words; }, 3000);
    } catch {
      field.focus(); // it is selected: the keyboard copies it
    }
  });
}

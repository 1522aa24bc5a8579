// Hides the questions that are not put to the chosen stakeholder group and way to attend. The server decides what counts.
const form = document.querySelector("[data-asked]")?.closest("form");

function chosen(name) {
  return form.querySelector(`input[name="${name}"]:checked`)?.value ?? "";
}

function show() {
  const group = chosen("stakeholder_group");
  const attendance = chosen("attendance");
  for (const question of form.querySelectorAll("[data-asked]")) {
    const groups = question.dataset.groups.split(" ").filter(Boolean);
    const forGroup = groups.length === 0 || groups.includes(group);
    const forAttendance = question.dataset.attendance === "" || question.dataset.attendance === attendance;
    question.hidden = !(forGroup && forAttendance);
  }
}

if (form) {
  form.addEventListener("change", show);
  show();
}

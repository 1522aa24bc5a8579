// Hides the questions that are not put to the chosen stakeholder group and way to attend. The server decides what counts.
// What is hidden is disabled, too: a browser would refuse to send a form for what somebody entered there before, without
// being able to show where. What the page itself carries along, such as the token of a file, is sent all the same.
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
    for (const control of question.querySelectorAll("input:not([type=hidden]), select, textarea")) {
      control.disabled = question.hidden;
    }
  }
}

if (form) {
  form.addEventListener("change", show);
  addEventListener("pageshow", show); // who comes back finds the choices that the browser has put back by then
  show();
}

// Keys for lists and grids. Every page works without this script.
(() => {
  const rows = () => [...document.querySelectorAll("[data-row]")];
  const typing = (element) => element.matches("input:not([type=checkbox]):not([type=radio]), textarea, select");

  const current = () => document.activeElement.closest("[data-row]");

  function step(by) {
    const all = rows();
    const at = all.indexOf(current());
    const next = all[at < 0 ? (by > 0 ? 0 : all.length - 1) : at + by];
    if (next) {
      next.focus();
      next.scrollIntoView({ block: "nearest", inline: "nearest" });
    }
  }

  // Opens the row's form with the decision's button ready; the reason is still to be typed.
  function decide(row, key) {
    const button = row.querySelector(`[data-key="${key}"]`);
    if (!button) return;
    row.querySelector("details.decide").open = true;
    row.querySelectorAll("[data-key]").forEach((one) => one.classList.toggle("main", one === button));
    const reason = row.querySelector("input[name=reason]");
    // Enter sends the form by its first button.
    button.parentElement.prepend(button);
    reason.focus();
  }

  function problem(by) {
    const all = [...document.querySelectorAll("[data-problem]")];
    const next = all[all.indexOf(document.activeElement) + by] ?? (by < 0 ? all.at(-1) : all[0]);
    next?.focus();
    next?.scrollIntoView({ block: "center", inline: "center" });
  }

  document.querySelectorAll("[data-tick-all]").forEach((all) => {
    all.parentElement.hidden = false;
    all.addEventListener("change", () => {
      all.form.querySelectorAll("input[name=event]").forEach((one) => (one.checked = all.checked));
    });
  });

  // A file dropped on the form is chosen in it.
  document.querySelectorAll(".drop").forEach((form) => {
    const over = (is) => (event) => {
      event.preventDefault();
      form.classList.toggle("over", is);
    };
    form.addEventListener("dragover", over(true));
    form.addEventListener("dragleave", over(false));
    form.addEventListener("drop", (event) => {
      over(false)(event);
      form.querySelector("input[type=file]").files = event.dataTransfer.files;
    });
  });

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    const row = current();
    if (event.key === "j" || event.key === "k") step(event.key === "j" ? 1 : -1);
    else if (event.key === "n" || event.key === "p") problem(event.key === "n" ? 1 : -1);
    else if (row && event.key === "x") row.querySelector("input[type=checkbox]")?.click();
    else if (row && "ari".includes(event.key)) decide(row, event.key);
    else if (row && event.key === "c") row.querySelector("a[data-key=c]")?.click();
    else return;
    event.preventDefault();
  });
})();

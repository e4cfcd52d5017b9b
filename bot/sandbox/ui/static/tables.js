// data_table: sorted by a column's heading, a page at a time.

export function hydrateTables(root) {
  for (const table of root.querySelectorAll("table[data-page-size]:not([data-done])")) start(table);
}

function start(table) {
  table.dataset.done = "yes";
  const size = Number(table.dataset.pageSize);
  const body = table.tBodies[0];
  let place = 0;
  const pages = () => Math.max(1, Math.ceil(body.rows.length / size));
  const show = () => {
    [...body.rows].forEach((row, n) => (row.hidden = Math.floor(n / size) !== place));
    if (pager) pager.label.textContent = `Page ${place + 1} of ${pages()}`;
  };
  const pager = pages() > 1 ? pagerOf(table, (step) => {
    place = Math.min(Math.max(place + step, 0), pages() - 1);
    show();
  }) : null;
  [...table.querySelectorAll("button.sort")].forEach((button, column) => button.addEventListener("click", () => {
    sort(button.closest("th"), body, column);
    place = 0;
    show();
  }));
  show();
}

function sort(heading, body, column) {
  const down = heading.getAttribute("aria-sort") === "ascending";
  for (const other of heading.parentElement.cells) other.setAttribute("aria-sort", "none");
  heading.setAttribute("aria-sort", down ? "descending" : "ascending");
  const order = new Intl.Collator("en", { numeric: true }).compare;
  const rows = [...body.rows].sort((one, other) => order(one.cells[column].textContent, other.cells[column].textContent));
  body.append(...(down ? rows.reverse() : rows));
}

function pagerOf(table, step) {
  const bar = document.createElement("div");
  bar.className = "pager";
  const label = document.createElement("span");
  label.setAttribute("role", "status");
  const button = (words, by) => {
    const made = document.createElement("button");
    made.type = "button";
    made.className = "button small";
    made.textContent = words;
    made.addEventListener("click", () => step(by));
    return made;
  };
  bar.append(button("Previous", -1), label, button("Next", 1));
  table.closest(".scroll").after(bar);
  return { label };
}

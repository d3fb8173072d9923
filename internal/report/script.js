"use strict";
(() => {
  const table = document.getElementById("flow-table");
  if (!table) return;
  const body = table.tBodies[0], rows = Array.from(body.rows), heads = Array.from(table.tHead.rows[0].cells);
  const texts = rows.map(r => Array.from(r.cells, c => c.textContent).join(" ").toLowerCase());
  const words = document.getElementById("flow-words"), count = document.getElementById("flow-count");
  const say = n => { count.textContent = n + " of " + rows.length + " shown"; };
  let timer = 0;
  const filter = () => {
    const all = words.value.toLowerCase().split(/\s+/).filter(w => w);
    let shown = 0;
    rows.forEach((r, i) => { r.hidden = !all.every(w => texts[i].includes(w)); if (!r.hidden) shown++; });
    say(shown);
  };
  words.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(filter, 150); });
  const keyOf = (r, i, isNumber) => {
    const t = r.cells[i].textContent;
    return isNumber ? (t === "" ? -1 : Number(t.replace(/,/g, ""))) : t;
  };
  const sort = i => {
    const isNumber = heads[i].classList.contains("n"), was = heads[i].getAttribute("aria-sort");
    const down = was ? was === "ascending" : isNumber;
    const keyed = rows.map((r, at) => ({ r, at, k: keyOf(r, i, isNumber) }));
    keyed.sort((a, b) => (a.k < b.k ? -1 : a.k > b.k ? 1 : 0) * (down ? -1 : 1) || a.at - b.at);
    body.append(...keyed.map(x => x.r));
    heads.forEach(h => h.removeAttribute("aria-sort"));
    heads[i].setAttribute("aria-sort", down ? "descending" : "ascending");
  };
  heads.forEach((h, i) => {
    const b = document.createElement("button");
    b.type = "button";
    b.textContent = h.textContent;
    b.addEventListener("click", () => sort(i));
    h.replaceChildren(b);
  });
  document.getElementById("flow-filter").hidden = false;
  say(rows.length);
})();

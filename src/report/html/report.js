"use strict";
// Everything is in the page already. This shows and hides it, lights up parts of the picture, and puts together for one action what
// the requirements say of it.
(() => {
  const one = (selector, root = document) => root.querySelector(selector);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const form = one("#filter");
  const { q, verdict, account, action } = form.elements;
  const fields = [q, verdict, account, action];
  const findings = all("#findings .finding");
  const principals = all("#requirements .principal");
  const rows = all("#requirements tr[data-a]");
  const actions = all("#pipelines .action");
  const svg = one("svg.picture");
  const options = new Map([...action.options].slice(1).map((option) => [option.value, option]));
  const path = (option) => (option ? `${option.parentElement.label} › ${option.text}` : "");

  /** Makes an element; its content is text, or elements. */
  const make = (name, properties, ...content) => {
    const element = Object.assign(document.createElement(name), properties);
    element.append(...content);
    return element;
  };

  /** The numbers that an element is about, as pairs of first and last. */
  const known = new Map();
  const runs = (words) => {
    if (!known.has(words)) {
      const pairs = words.split(" ").filter(Boolean);
      known.set(words, pairs.map((pair) => pair.split("-").map(Number)).map(([first, last = first]) => [first, last]));
    }
    return known.get(words);
  };
  const has = (words, number) => runs(words).some(([first, last]) => first <= number && number <= last);
  const each = (words) => runs(words).flatMap(([first, last]) => Array.from({ length: last - first + 1 }, (_, at) => first + at));

  // What is shown.

  const texts = new Map();
  const text = (element) => {
    if (!texts.has(element)) {
      const whose = element.closest(".principal")?.children[1].textContent ?? "";
      const place = element.localName === "details" ? path(options.get(element.dataset.a)) : "";
      texts.set(element, `${element.textContent} ${whose} ${place}`.toLowerCase());
    }
    return texts.get(element);
  };
  const isSaid = (element) => q.value.toLowerCase().split(/\s+/).every((word) => text(element).includes(word));
  const isWanted = (element, said) =>
    (!verdict.value || element.classList.contains(verdict.value)) &&
    (!account.value || element.dataset.acc.includes(account.value)) &&
    said(element);
  const show = (elements, said) => {
    let shown = 0;
    for (const element of elements) {
      const wanted = isWanted(element, said);
      if (element.hidden === wanted) element.hidden = !wanted;
      shown += wanted;
    }
    return shown;
  };

  let chosen = null;
  const isFiltered = () => fields.some((field) => field.value);
  const apply = () => {
    const open = actions.find((one) => one.dataset.a === action.value);
    // An action is meant by its name, and by what is said of it.
    const meant = new Set();
    const isMeant = (element) => {
      if (!isSaid(element)) return false;
      if (q.value) for (const number of each(element.dataset.a)) meant.add(number);
      return !action.value || has(element.dataset.a, Number(action.value));
    };
    const numbers = [
      [show(findings, isMeant), findings.length, "findings"],
      [show(rows, isMeant), rows.length, "requirements"],
      [show(actions, (element) => isSaid(element) || meant.has(Number(element.dataset.a))), actions.length, "actions"],
    ];
    if (open) {
      open.hidden = false;
      chain(open);
    }
    for (const one of actions) if (one.open !== (one === open)) one.open = one === open;
    for (const stage of all("#pipelines .stages > li")) stage.hidden = !one(".action:not([hidden])", stage);
    for (const principal of principals) {
      const some = one("tr[data-a]:not([hidden])", principal);
      principal.hidden = isFiltered() && !some;
      if (isFiltered() && some) principal.open = true;
    }
    const said = numbers.map(([shown, of, name]) => `${shown} of ${of} ${name}`).join(", ");
    one("#shown").textContent = isFiltered() ? `Shown: ${said}. Escape shows all.` : "";
    light();
    remember();
  };

  /** Writes what is chosen into the address. */
  const remember = () => {
    const words = new URLSearchParams();
    for (const field of fields) if (field.value) words.set(field.name, field.value);
    if (action.value) words.set("action", path(options.get(action.value)));
    if (chosen) words.set("finding", chosen.id);
    const hash = `#${words}`;
    if (hash !== (location.hash || "#")) history.replaceState(null, "", hash === "#" ? location.pathname + location.search : hash);
  };

  // The chain of an action.

  /** A row of the requirements as an entry of a list. */
  const entry = (row) => {
    const [what, operations, resource, why] = [...row.cells].map((cell) => [...cell.cloneNode(true).childNodes]);
    const reason = one(".lacking", row)?.cloneNode(true);
    return make("li", { className: row.className }, ...what, " ", ...operations, " on ", ...resource, make("br", {}), why[0], ...(reason ? ["; ", reason] : []));
  };
  /** Rows by principal, in the order of the page. */
  const list = (lines) => {
    const owners = principals.filter((principal) => lines.some((row) => principal.contains(row)));
    const parts = owners.map((principal) => {
      const own = lines.filter((row) => principal.contains(row)).map(entry);
      return make("li", {}, principal.children[1].cloneNode(true), make("ul", {}, ...own));
    });
    return make("ol", {}, ...parts);
  };
  const chain = (element) => {
    const place = one(".chain", element);
    if (one("ol", place)) return;
    const lines = rows.filter((row) => has(row.dataset.a, Number(element.dataset.a)));
    if (lines.length > 0) place.append(make("h5", { textContent: "What each principal has to be allowed" }), list(lines));
  };

  // The picture.

  const parts = svg ? all(".node, .arrow", svg) : [];
  /** Lights up what the chosen finding, else the action, has to do with. */
  const light = () => {
    if (!svg) return;
    const of = chosen ?? actions.find((one) => one.open);
    const arrows = of ? each(of.dataset.p).map((number) => `arrow-a${number}`) : [];
    const nodes = of?.dataset.k ? each(of.dataset.k).map((number) => `node-n${number}`) : [];
    const lit = new Set([...arrows, ...nodes]);
    for (const arrow of arrows.map((id) => document.getElementById(id))) {
      for (const end of [arrow?.dataset.from, arrow?.dataset.to]) lit.add(`node-${end}`);
    }
    svg.classList.toggle("dim", lit.size > 0);
    for (const part of parts) part.classList.toggle("lit", lit.has(part.id));
  };
  /** Says beside the picture what a part of it stands for. */
  const tell = (part) => {
    const numbers = part.matches(".arrow")
      ? [part.id.slice("arrow-a".length)]
      : parts.filter((arrow) => [arrow.dataset.from, arrow.dataset.to].includes(part.id.slice("node-".length))).map((arrow) => arrow.id.slice("arrow-a".length));
    const lines = rows.filter((row) => numbers.includes(row.dataset.p));
    const number = part.id.slice("node-n".length);
    const about = part.matches(".node") ? findings.filter((finding) => has(finding.dataset.k, Number(number))) : [];
    const links = about.map((finding) => make("p", {}, make("a", { href: `#${finding.id}`, textContent: `finding ${one(".number", finding).textContent}` })));
    one("#lit").replaceChildren(make("b", { textContent: part.getAttribute("aria-label") }), ...links, lines.length > 0 ? list(lines) : "");
    one("#lit").hidden = false;
    svg.classList.add("dim");
    for (const other of parts) {
      const isEnd = [part.dataset.from, part.dataset.to].includes(other.id.slice("node-".length));
      other.classList.toggle("lit", other === part || isEnd || numbers.includes(other.id.slice("arrow-a".length)));
    }
  };
  const reach = (part) => {
    for (const other of parts) other.setAttribute("tabindex", other === part ? "0" : "-1");
  };
  if (svg) {
    reach(parts[0]);
    svg.addEventListener("click", ({ target }) => {
      const part = target.closest(".node, .arrow");
      if (part) tell(part);
    });
    // Chromium takes a drawing that listens for the focus itself for one that wants it.
    svg.parentElement.addEventListener("focusin", ({ target }) => parts.includes(target) && reach(target));
    svg.addEventListener("keydown", (event) => {
      const at = parts.indexOf(event.target);
      const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
      if (at < 0 || !(step || ["Enter", " "].includes(event.key))) return;
      event.preventDefault();
      if (step) parts[(at + step + parts.length) % parts.length].focus();
      else tell(parts[at]);
    });
  }

  // Ways about the page.

  /** Goes to an element, wherever it is folded away. */
  const go = (id) => {
    const element = document.getElementById(id);
    if (!element) return;
    if (element.hidden) form.reset();
    for (let fold = element.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
    if (findings.includes(element)) choose(element);
    element.scrollIntoView({ block: "start" });
    (one("summary", element) ?? element).focus({ preventScroll: true });
  };
  /** Makes a finding the one that is talked of. */
  const choose = (finding) => {
    chosen?.classList.remove("current");
    chosen = finding;
    chosen?.classList.add("current");
    if (chosen && svg && (chosen.dataset.p || chosen.dataset.k) && !one("[data-do=picture]", chosen)) {
      const button = make("button", { type: "button", textContent: "Show in the picture" });
      button.dataset.do = "picture";
      one(".body", chosen).prepend(make("p", {}, button));
    }
    if (svg) one("#lit").hidden = true;
    light();
    remember();
  };
  const showInPicture = () => {
    const back = make("a", { href: `#${chosen.id}`, textContent: `back to finding ${one(".number", chosen).textContent}` });
    one("#lit").replaceChildren("Highlighted is what the finding is about: ", back);
    one("#lit").hidden = false;
    one("#picture").scrollIntoView({ block: "start" });
    one(".lit.arrow, .lit", svg)?.scrollIntoView({ block: "nearest", inline: "center" });
    one(".lit", svg)?.focus({ preventScroll: true });
  };
  const clear = () => {
    const open = actions.find((one) => one.open);
    const isInside = open?.contains(document.activeElement);
    choose(null);
    apply();
    if (isInside) one("summary", open).focus();
  };
  const read = () => {
    const hash = location.hash.slice(1);
    if (hash && !hash.includes("=")) return go(decodeURIComponent(hash));
    const words = new URLSearchParams(hash);
    for (const field of fields) field.value = words.get(field.name) ?? "";
    action.value = [...options.values()].find((option) => path(option) === words.get("action"))?.value ?? "";
    const id = words.get("finding");
    chosen = findings.find((finding) => finding.id === id) ?? null;
    apply();
    if (chosen) go(id);
  };

  let isAwaited = false;
  form.addEventListener("input", () => {
    // Of many letters in a row only the last is worth the work.
    if (isAwaited) return;
    isAwaited = true;
    requestAnimationFrame(() => {
      isAwaited = false;
      apply();
    });
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", (event) => {
    event.preventDefault();
    for (const field of fields) field.value = "";
    clear();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") form.reset();
  });
  // Does not bubble.
  document.addEventListener(
    "toggle",
    ({ target }) => {
      if (!actions.includes(target) || target.open === (action.value === target.dataset.a)) return;
      action.value = target.open ? target.dataset.a : "";
      choose(null);
      apply();
    },
    true,
  );
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href^='#']");
    const summary = event.target.closest("#findings summary");
    const task = event.target.closest("[data-do]")?.dataset.do;
    if (link) {
      event.preventDefault();
      go(link.getAttribute("href").slice(1));
    } else if (summary) choose(summary.parentElement);
    else if (task === "picture") showInPicture();
    else if (task) {
      for (const fold of all(".finding, .principal", event.target.closest("section"))) fold.open = task === "open";
    }
  });
  for (const place of all(".json")) {
    const button = make("button", { type: "button", textContent: "Copy" });
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(one("pre", place).textContent);
      button.textContent = "Copied";
    });
    place.append(button);
  }
  let folded = [];
  addEventListener("beforeprint", () => {
    folded = all(".finding:not([open]), .principal:not([open])");
    for (const fold of folded) fold.open = true;
  });
  addEventListener("afterprint", () => {
    for (const fold of folded) fold.open = false;
  });
  addEventListener("hashchange", read);
  form.hidden = false;
  for (const element of all(".js")) element.hidden = false;
  read();
})();

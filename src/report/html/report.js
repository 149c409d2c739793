"use strict";
// Everything is in the page already; this shows and hides, and puts together for one action what the table of requirements says.
(() => {
  const one = (selector, root = document) => root.querySelector(selector);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const form = one("#filter");
  const fields = ["q", "verdict", "account", "action"];
  const findings = all("#findings .finding");
  const rows = all("#requirements tr[data-v]");
  const principals = all("#requirements .principal");
  const actions = all("#pipelines .action");
  const options = [...form.elements.action.options].slice(1);
  const path = (option) => `${option.parentElement.label} › ${option.text}`;

  /** Makes an element; its content is text, or elements. */
  const make = (name, properties, ...content) => {
    const element = document.createElement(name);
    Object.assign(element, properties);
    element.append(...content);
    return element;
  };

  /** Whether the numbers of an element, as `0 3-5 9`, contain one. */
  const numbers = new WeakMap();
  const concerns = (element, number) => {
    if (!numbers.has(element)) {
      const runs = element.dataset.a.split(" ").filter(Boolean).map((run) => run.split("-").map(Number));
      numbers.set(element, runs);
    }
    return numbers.get(element).some(([first, last = first]) => first <= number && number <= last);
  };

  const texts = new WeakMap();
  const text = (element) => {
    if (!texts.has(element)) {
      const whose = element.localName === "tr" ? element.closest(".principal").children[1].textContent : "";
      const stage = element.classList.contains("action") ? path(options.find((option) => option.value === element.dataset.a) ?? options[0] ?? form) : "";
      texts.set(element, `${element.textContent} ${whose} ${stage}`.toLowerCase());
    }
    return texts.get(element);
  };

  const state = () => Object.fromEntries(fields.map((name) => [name, form.elements[name].value]));
  const matches = (element, wanted) =>
    (!wanted.verdict || element.dataset.v === wanted.verdict) &&
    (!wanted.account || element.dataset.acc.split(" ").includes(wanted.account)) &&
    (!wanted.action || concerns(element, Number(wanted.action))) &&
    wanted.q.toLowerCase().split(/\s+/).every((word) => text(element).includes(word));

  const show = (elements, wanted) => {
    let shown = 0;
    for (const element of elements) {
      element.hidden = !matches(element, wanted);
      shown += !element.hidden;
    }
    return shown;
  };

  let finding = "";
  /** Shows what the form asks for, and writes it into the address. */
  const apply = () => {
    const wanted = state();
    const isFiltered = fields.some((name) => wanted[name]);
    const found = show(findings, wanted);
    const needed = show(rows, wanted);
    const acted = show(actions, { ...wanted, action: "" });
    for (const stage of all("#pipelines .stages > li")) stage.hidden = !one(".action:not([hidden])", stage);
    for (const principal of principals) {
      const some = one("tr[data-v]:not([hidden])", principal);
      principal.hidden = isFiltered && !some;
      if (isFiltered && some) principal.open = true;
    }
    for (const action of actions) {
      const isWanted = action.dataset.a === wanted.action;
      if (isWanted) {
        action.hidden = false;
        chain(action);
      }
      if (action.open !== isWanted) action.open = isWanted;
    }
    const of = (shown, list, name) => `${shown} of ${list.length} ${name}`;
    one("#shown").textContent = isFiltered
      ? `Shown: ${of(found, findings, "findings")}, ${of(needed, rows, "requirements")}, ${of(acted, actions, "actions")}. Escape shows all.`
      : "";
    remember(wanted);
  };

  const remember = (wanted) => {
    const words = new URLSearchParams();
    for (const name of fields) if (wanted[name]) words.set(name, wanted[name]);
    const option = options.find((option) => option.value === wanted.action);
    if (option) words.set("action", path(option));
    if (finding) words.set("finding", finding);
    const hash = String(words);
    if (hash !== location.hash.slice(1)) history.replaceState(null, "", hash ? `#${hash}` : location.pathname + location.search);
  };

  /** What every principal has to be allowed on behalf of one action, in the order of the table. */
  const chain = (action) => {
    const place = one(".chain", action);
    if (place.dataset.built) return;
    place.dataset.built = "yes";
    const list = make("ol", {});
    for (const principal of principals) {
      const lines = all("tr[data-v]", principal).filter((row) => concerns(row, Number(action.dataset.a)));
      if (lines.length === 0) continue;
      const entries = lines.map((row) => {
        const [verdict, operations, resource, why] = [...row.cells].map((cell) => [...cell.cloneNode(true).childNodes]);
        return make("li", { className: row.className }, ...verdict, " ", ...operations, " on ", ...resource, make("br", {}), why[0]);
      });
      const about = principal.children[1].cloneNode(true);
      list.append(make("li", {}, about, make("ul", {}, ...entries)));
    }
    if (list.children.length > 0) place.append(make("h5", { textContent: "What each principal has to be allowed" }), list);
  };

  /** Goes to an element of the page, wherever it is folded away. */
  const go = (id) => {
    const element = id && document.getElementById(id);
    if (!element) return;
    if (element.hidden) {
      form.reset();
      apply();
    }
    for (let fold = element.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
    if (element.classList.contains("finding")) choose(element);
    element.scrollIntoView({ block: "start" });
    (one("summary", element) ?? element).focus({ preventScroll: true });
  };

  /** Makes a finding the one that is talked of. */
  const choose = (element) => {
    for (const other of all(".finding.current")) other.classList.remove("current");
    finding = element ? element.id : "";
    if (element) element.classList.add("current");
    remember(state());
  };

  const read = () => {
    const hash = location.hash.slice(1);
    if (hash && !hash.includes("=")) return go(decodeURIComponent(hash));
    const words = new URLSearchParams(hash);
    for (const name of fields) form.elements[name].value = words.get(name) ?? "";
    const option = options.find((option) => path(option) === words.get("action"));
    form.elements.action.value = option ? option.value : "";
    const id = words.get("finding");
    finding = id ?? "";
    apply();
    if (id) go(id);
  };

  const clear = () => {
    const open = actions.find((action) => action.open);
    form.reset();
    choose(null);
    apply();
    if (open && open.contains(document.activeElement)) one("summary", open).focus();
  };

  form.addEventListener("input", apply);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(clear));
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") clear();
  });
  document.addEventListener(
    "toggle",
    ({ target }) => {
      if (!target.classList.contains("action")) return;
      const select = form.elements.action;
      if (target.open && select.value !== target.dataset.a) select.value = target.dataset.a;
      else if (!target.open && select.value === target.dataset.a) select.value = "";
      else return;
      apply();
    },
    true,
  );
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href^='#']");
    if (link) {
      event.preventDefault();
      go(link.getAttribute("href").slice(1));
      return;
    }
    const summary = event.target.closest("#findings summary");
    if (summary) choose(summary.parentElement);
    const button = event.target.closest("[data-do]");
    if (button) {
      const isOpen = button.dataset.do === "open";
      for (const fold of all(".finding, .principal", button.closest("section"))) fold.open = isOpen;
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

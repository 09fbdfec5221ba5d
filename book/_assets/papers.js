// On the page of key papers, a filter.
(() => {
  const element = (name, properties, ...children) => {
    const made = Object.assign(document.createElement(name), properties);
    made.append(...children);
    return made;
  };

  const form = document.querySelector(".papers-filter");
  if (form) filter(form);

  // Each entry says in its classes what it is: core, contested, year-2015.
  function filter(form) {
    const lists = [...document.querySelectorAll("ul.works")];
    const entries = lists.flatMap((list) => {
      const section = list.closest("section");
      return [...list.querySelectorAll(":scope > li.work")].map((item) => ({
        item, section, topic: list.id,
        year: Number(item.className.match(/year-(\d+)/)[1]),
        text: item.querySelector(".work-title").textContent.toLowerCase()
          + item.querySelector(".work-by").textContent.toLowerCase(),
      }));
    });
    const option = (value, textContent) => element("option", { value, textContent });
    const labelled = (label, field) => element("label", {}, `${label} `, field);
    const heading = (list) => [...list.closest("section").querySelector("h3").childNodes]
      .filter(({ nodeType }) => nodeType === Node.TEXT_NODE) // no number, no link to itself
      .map(({ data }) => data).join("").trim();
    const topic = element("select", { name: "topic" }, option("", "all topics"),
      ...lists.map((list) => option(list.id, heading(list))));
    const years = [...new Set(entries.map(({ year }) => year))].sort();
    const from = element("select", { name: "from" }, ...years.map((y) => option(y, y)));
    const to = element("select", { name: "to" }, ...years.map((y) => option(y, y)));
    to.value = years.at(-1);
    const core = element("input", { type: "checkbox", name: "core" });
    const contested = element("input", { type: "checkbox", name: "contested" });
    const words = element("input", { type: "search", name: "words", autocomplete: "off" });
    const count = element("output", {});
    const reset = element("button", { type: "reset", textContent: "Show all" });
    form.append(
      labelled("Topic", topic), labelled("From", from), labelled("to", to),
      labelled("Title or author", words), element("label", {}, core, " core path"),
      element("label", {}, contested, " contested"), reset, count,
    );
    form.hidden = false;
    form.setAttribute("aria-label", "Which papers to show");

    const sections = new Set(entries.map(({ section }) => section));
    const apply = () => {
      const wanted = words.value.toLowerCase().split(/\s+/).filter(Boolean);
      const left = new Set();
      let number = 0;
      for (const { item, section, topic: of, year, text } of entries) {
        const fits = (!topic.value || of === topic.value)
          && year >= from.value && year <= to.value
          && (!core.checked || item.classList.contains("core"))
          && (!contested.checked || item.classList.contains("contested"))
          && wanted.every((word) => text.includes(word));
        item.hidden = !fits;
        if (fits) left.add(section);
        number += fits;
      }
      for (const section of sections) section.hidden = !left.has(section);
      count.value = `${number} of ${entries.length} works`;
    };
    form.addEventListener("input", apply);
    form.addEventListener("reset", () => setTimeout(() => {
      to.value = years.at(-1);
      apply();
    }));
    form.addEventListener("submit", (event) => event.preventDefault());

    // A link to an entry that the filter hides shows all.
    const arrive = () => {
      const target = document.getElementById(location.hash.slice(1));
      if (!target?.closest("[hidden]")) return;
      form.reset();
      setTimeout(() => target.scrollIntoView());
    };
    addEventListener("hashchange", arrive);
    apply();
  }
})();

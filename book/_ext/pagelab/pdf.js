// Run in the page that is to be printed: gives every anchor a name of its own, and every link a
// place within the document, on the site, or none.
({ pages, root, site }) => {
  const content = document.querySelector("article");
  const anchors = new Map(); // PAGE#ANCHOR -> its name in this document
  const taken = new Set();
  const links = [];
  let page = "";
  for (const element of content.querySelectorAll("[id], a[href]")) {
    if (element.id.startsWith("document-")) page = element.id.slice("document-".length);
    if (element.id) {
      const name = taken.has(element.id) ? `${page}/${element.id}` : element.id;
      if (!element.closest("svg")) anchors.set(`${page}#${element.id}`, name);
      taken.add(name);
      if (!element.closest("svg")) element.id = name; // parts of a picture name each other
    }
    if (element.matches("a[href]")) links.push([element, page]);
  }

  for (const [link, from] of links) {
    const href = link.getAttribute("href");
    const [, to, anchor] = href.match(/^#document-([^#]*)#?(.*)$/) ?? [];
    let place = to && [to, anchor];
    if (!place && href.startsWith("#")) place = [from, href.slice(1)];
    if (!place && !/^[a-z]+:/.test(href)) {
      const address = new URL(href, `${root}${from}.html`);
      const path = address.href.slice(root.length).replace(/\.html.*$/, "");
      if (pages.includes(path)) place = [path, address.hash.slice(1)];
      else if (site) link.href = site + address.href.slice(root.length);
      else link.removeAttribute("href");
    }
    if (!place) continue;
    const [wanted, part] = place;
    const name = part ? anchors.get(`${wanted}#${part}`) : `document-${wanted}`;
    if (name && document.getElementById(name)) link.setAttribute("href", `#${name}`);
    else link.removeAttribute("href");
  }

  for (const closed of content.querySelectorAll("details")) closed.open = true;
  for (const hidden of content.querySelectorAll(".toggle-hidden")) hidden.classList.remove("toggle-hidden");
}

// Before the page is painted: what its address asks of it, and what a frame of another site may lack.
(() => {
  const { src } = document.currentScript;
  // Where storage is blocked, the theme's own scripts would stop at their first look into it. This
  // one forgets, and is no Storage: who keeps work asks for a real one.
  for (const name of ["localStorage", "sessionStorage"]) {
    try {
      window[name].getItem("");
    } catch {
      const kept = new Map();
      const value = {
        getItem: (key) => (kept.has(key) ? kept.get(key) : null),
        setItem: (key, text) => void kept.set(key, String(text)),
        removeItem: (key) => void kept.delete(key),
      };
      Object.defineProperty(window, name, { value });
    }
  }

  // ?embed: the page alone (page.css). Its links keep it so; what is no page of the book, such as a
  // notebook, needs a window of its own.
  if (!new URLSearchParams(location.search).has("embed")) return;
  document.documentElement.dataset.embed = "";
  const site = new URL("../../", src).href;
  const isPage = ({ href, pathname }) =>
    href.startsWith(site) && !href.startsWith(`${site}lite/`) && pathname.endsWith(".html");
  document.addEventListener(
    "click",
    (event) => {
      const link = event.target.closest("a[href]");
      if (!link || link.closest(".pagelab-link")) return;
      const to = new URL(link.href);
      if (!isPage(to)) link.target = "_blank";
      else if (!to.searchParams.has("embed")) {
        to.search = to.search ? `${to.search}&embed` : "embed";
        link.href = to;
      }
    },
    true,
  );
})();

// What readers of the screen need: names for what ipywidgets leaves without, and what a lab says, once
// it has settled. A widget, so that pages and notebooks have it alike; its view is the announcer.

const BODY = ".iowall-lab-body";
const PAUSE = 700; // ms: what follows a slider is not announced at each of its steps

export default {
  render({ el }) {
    const announcer = document.createElement("p");
    announcer.className = "iowall-announcer";
    announcer.setAttribute("role", "status");
    el.append(announcer);
    const announced = new WeakMap(); // the place of a sentence -> what it last said
    let lab, pause;

    const sentences = () => [...lab.querySelectorAll(".iowall-sentence, .iowall-verdict")];
    const speak = () => {
      const news = sentences().filter(({ parentElement: place, textContent: text }) => {
        const before = announced.get(place);
        announced.set(place, text);
        return before !== undefined && before !== text;
      });
      if (news.length) announcer.textContent = news.map((one) => one.textContent).join(" ");
    };
    const follow = () => {
      nameControls(lab);
      for (const one of sentences()) {
        if (!one.hasAttribute("aria-live")) one.setAttribute("aria-live", "off");
      }
      clearTimeout(pause);
      pause = setTimeout(speak, PAUSE);
    };
    const observer = new MutationObserver(follow);
    // A view is drawn before it is put where it belongs.
    const begin = () => {
      lab = el.closest(BODY);
      if (!lab) return (pause = setTimeout(begin, 50));
      observer.observe(lab, { childList: true, characterData: true, subtree: true });
      follow();
    };
    begin();
    return () => {
      observer.disconnect();
      clearTimeout(pause);
    };
  },
};

// ipywidgets gives these controls no name of their own; readers of the screen need one.
let choices = 0;
function nameControls(lab) {
  const set = (element, name, value) => {
    if (value && element.getAttribute(name) !== value) element.setAttribute(name, value);
  };
  const text = (element, selector) => element?.querySelector(selector)?.textContent.trim();
  // ipywidgets writes its missing tooltips out as words.
  for (const one of lab.querySelectorAll('[title="null"]')) one.removeAttribute("title");
  // An upload's own words count the files it was given, which says nothing here.
  for (const one of lab.querySelectorAll("button.widget-upload")) {
    set(one, "aria-label", one.title);
  }
  const boxes = ".widget-inline-hbox, .widget-inline-vbox, .widget-radio";
  for (const box of lab.querySelectorAll(boxes)) {
    const titles = [...box.querySelectorAll("[title]")].map(({ title }) => title);
    const label = text(box, ".widget-label") || titles.find((title) => title);
    const handles = box.querySelectorAll(".noUi-handle");
    const ends = handles.length > 1 ? [", from", ", to"] : [""];
    handles.forEach((handle, i) => {
      set(handle, "aria-label", label && label + ends[i]);
      if (handles.length === 1) set(handle, "aria-valuetext", text(box, ".widget-readout"));
    });
    for (const control of box.querySelectorAll("input, select, textarea, .widget-readout")) {
      const named = [...(control.labels ?? [])].some((own) => own.textContent.trim());
      if (!named) set(control, "aria-label", label || control.placeholder);
    }
    for (const readout of box.querySelectorAll(".widget-readout[contenteditable=true]")) {
      set(readout, "role", "textbox");
    }
    for (const group of box.querySelectorAll(".widget-radio-box")) {
      set(group, "role", "radiogroup");
      set(group, "aria-label", label);
      // One group for the keyboard: arrows choose, Tab leaves.
      const radios = group.querySelectorAll("input");
      const groupName = radios[0]?.name || `iowall-choice-${(choices += 1)}`;
      radios.forEach((radio) => set(radio, "name", groupName));
    }
  }
  for (const figure of lab.querySelectorAll(".bqplot > svg.svg-figure")) {
    set(figure, "role", "img");
    const instrument = figure.closest(".iowall-instrument");
    set(figure, "aria-label", text(instrument, ".iowall-sentence") || "Figure");
    set(figure.parentElement.querySelector("svg.svg-background"), "aria-hidden", "true");
  }
}

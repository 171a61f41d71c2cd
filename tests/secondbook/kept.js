// What this reader's slider was left at, for the start of the lab.
window.tinyKept = () => localStorage.getItem("tiny-slope");

"""The student's session in one page: the ledger, kept after every step and followed across tabs."""

from html import escape

import ipywidgets as widgets

from iowall import ledger as ledgers
from iowall.labs.controls import FITTING, button, problem, spoken
from iowall.ledger.browser_store import Store


class Session:
    """A page's ledger: opened, saved, followed, handed out and taken in.

    `page` says what of a ledger is to be seen there (`shown`), and hears that the ledger is there
    (`opened`), is another one (`arrange`), or was changed in another tab (`follow`).
    """

    def __init__(self, page):
        self._page = page
        self.ledger = ledgers.Ledger()
        self._kept_text = None
        self._replaces = False  # until it is kept: this ledger goes on from no other
        self._broken = ""
        self.notice = widgets.HTML()
        self.bar = LedgerBar(self)
        self.store = Store(self._answered)

    def save(self):
        """Save the ledger, if it has changed."""
        text = self.ledger.dumps()
        if text != self._kept_text:
            self._kept_text = text
            self.store.keep(text, replaces=self._replaces)

    def note(self, text):
        """Tell the reader something about the ledger."""
        self.notice.value = spoken(text, "notice")

    def _answered(self, answer, *, kept, full, earlier, text, base, replaced, broken):
        if kept:
            self.bar.say(KEPT)
        else:
            self.bar.warn(NO_MORE_ROOM if earlier else NO_ROOM if full else BLOCKED)
        if answer == "opened":
            self._broken = broken
            self._adopt(text)
        elif answer == "elsewhere":
            self._follow(text, base, replaced)
        elif kept and replaced:
            self._replaces = False

    def _adopt(self, text):
        """Go on from what was kept; what cannot be read is set aside, not lost."""
        try:
            self.ledger = ledgers.loads(text) if text else ledgers.Ledger()
        except ValueError as error:
            self._broken = text
            self.store.set_aside(text)
            self.bar.complain(
                f"Your saved ledger could not be read. {error} It is kept beside your new one: "
                f"“{SALVAGE}” hands it to you as a file."
            )
        self.bar.offer(bool(self._broken))
        self._kept_text = self.ledger.dumps()
        self.store.heard()
        self._page.opened()
        self._page.arrange()

    def _follow(self, text, base, replaced):
        """Another tab was at work: go on with the work of both, unless it cannot be read."""
        try:
            theirs = ledgers.loads(text) if text else ledgers.Ledger()
            before = ledgers.loads(base) if base else ledgers.Ledger()
        except ValueError as error:
            self.bar.warn(f"Another tab has changed your ledger. {error} {UNSAVED}")
            return
        if self._replaces:
            both = self.ledger
        elif replaced or self.ledger == before:
            both = theirs
        else:
            both = ledgers.merged(before, self.ledger, theirs)
        lost = ledgers.words(self.ledger) - ledgers.words(before) - ledgers.words(both)
        changed = self._page.shown(both) != self._page.shown(self.ledger)
        self.ledger = both
        self._kept_text = None if self._replaces else theirs.dumps()
        self.store.heard()
        self.save()
        if changed or lost:
            told = REPLACED if replaced else FOLLOWED
            yours = " ".join(f"“{one}”" for one in sorted(lost))
            self.note(told + (f" What you had just written is not in it: {yours}" if lost else ""))
        self._page.follow(changed)

    def download(self):
        """Hand the ledger to the reader as a file."""
        self.store.download("iowall-ledger.json", self.ledger.dumps())

    def salvage(self):
        """Hand out what could not be read."""
        self.store.download(UNREADABLE, self._broken)

    def load(self, ledger):
        """Go on from a ledger that the reader has brought."""
        self._replace(ledger, "Your ledger was loaded.")

    def start_over(self):
        """Erase all work."""
        self._broken = ""
        self.store.forget()
        self.bar.offer(False)
        self._replace(ledgers.Ledger(), "You have a fresh ledger.")

    def _replace(self, ledger, told):
        self.ledger, self._replaces, self._kept_text = ledger, True, None
        self.save()
        self.note(told)
        self._page.arrange()


class LedgerBar(widgets.VBox):
    """Says where the work is kept; hands it out and takes it in as a file; starts over."""

    def __init__(self, session):
        self._session = session
        self._status, self._problem = widgets.HTML(), widgets.HTML()
        self.download = button("Download ledger", session.download)
        self.load = widgets.FileUpload(
            description="Load ledger", tooltip="Load ledger", accept=".json", layout=FITTING
        )
        self.load.observe(self._load, names="value")
        self.start_over = button("Start over", lambda: self._ask(True))
        self.sure = button("Yes, erase my work", self._erase, "danger")
        self.keep = button("No, keep it", lambda: self._ask(False))
        self.salvage = button(SALVAGE, session.salvage)
        self._buttons = widgets.HBox(layout={"flex_flow": "row wrap"})
        self.offer(False)
        super().__init__([self._status, self._buttons, self._problem])
        self.add_class("iowall-ledger")

    def say(self, text):
        """Say where the work is kept."""
        self._status.value = f'<p role="status">{escape(text)}</p>'

    def warn(self, text):
        """Say that the work is not kept."""
        self._status.value = problem(text)

    def complain(self, text):
        """Say why a file was refused."""
        self._problem.value = problem(text)

    def offer(self, salvage):
        """Offer what can be done, and what was set aside only if there is something."""
        self._usual = [self.download, self.load, self.start_over, *[self.salvage] * salvage]
        self._buttons.children = self._usual

    def _ask(self, asking):
        self._buttons.children = [self.sure, self.keep] if asking else self._usual
        self.complain(ERASING if asking else "")

    def _erase(self):
        self._ask(False)
        self._session.start_over()

    def _load(self, change):
        if not change["new"]:
            return
        content = bytes(change["new"][0]["content"])
        self.load.value = ()  # so that the same file can be chosen again
        try:
            ledger = ledgers.loads(content)
        except ValueError as error:
            self.complain(f"{error} Your work is as it was.")
        else:
            self.complain("")
            self._session.load(ledger)


KEPT = (
    "Your work is saved in this browser after every step. A private window forgets it when it is "
    "closed."
)
NO_MORE_ROOM = (
    "This browser keeps your earlier work but has no room for your new steps: download your "
    "ledger before you leave."
)
NO_ROOM = (
    "This browser keeps nothing, since its storage is full: download your ledger before you leave."
)
BLOCKED = (
    "This browser keeps nothing, since its storage is blocked: download your ledger before you "
    "leave."
)
UNSAVED = "Nothing more is saved here: download your ledger, then reload this page."
FOLLOWED = "Your ledger was changed in another tab; this is its newest state."
REPLACED = "Your ledger was replaced in another tab by a file or a fresh one; this is the new one."
SALVAGE = "Download the unreadable ledger"
UNREADABLE = "iowall-ledger-unreadable.json"
ERASING = "This erases your whole ledger, all parts of it. Are you sure?"

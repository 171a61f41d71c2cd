"""The frame of every lab: track, lock, workbench, reflection, and the ledger under them all."""

from datetime import UTC, datetime
from html import escape

import ipywidgets as widgets
from traitlets import TraitError

from iowall import ledger as ledgers
from iowall.labs import links, prediction
from iowall.labs.prediction import problem
from iowall.ledger.browser_store import Store
from iowall.tracks import TRACKS

FULL = {"width": "100%"}  # of which each widget makes a layout of its own


def now():
    """The time of a step, as the ledger writes it: for people to read, since clocks err."""
    try:
        return datetime.now(UTC).isoformat(timespec="seconds")
    except (ValueError, OverflowError, OSError):  # a clock that is after the year 9999
        return ""


def titled(title, control):
    """A control under its title, which also names it for screen readers."""
    control.tooltip = title
    label = widgets.HTML(f'<span class="iowall-title">{escape(title)}</span>')
    box = widgets.VBox([label, control])
    box.add_class("iowall-control")
    return box


def step_slider(values, text):
    """A slider over given values, each shown as `text(value)`."""
    return widgets.SelectionSlider(options=[(text(value), value) for value in values], layout=FULL)


def choices(labels):
    """What a widget offers, from {key: label}."""
    return [(label, key) for key, label in labels.items()]


def fact_list(facts):
    """Numbers under their names, as HTML; `facts` holds (name, value, note) in words."""
    return (
        '<dl class="iowall-facts">'
        + "".join(
            f"<div><dt>{escape(name)}</dt><dd><b>{escape(value)}</b> {escape(note)}</dd></div>"
            for name, value, note in facts
        )
        + "</dl>"
    )


def restore(controls, settings):
    """Put controls, {name: widget}, where they were, but for values that no longer exist."""
    for name, control in controls.items():
        try:
            control.value = settings.get(name, control.value)
        except TraitError:
            continue


def inside(widget):
    """A widget and all that it is made of: what is in it, layouts, styles, marks, scales."""
    found, ahead = set(), [widget]
    while ahead:
        one = ahead.pop()
        if isinstance(one, widgets.Widget) and one not in found:
            found.add(one)
            ahead += [getattr(one, name) for name in one.keys]
        elif isinstance(one, dict):
            ahead += one.values()
        elif isinstance(one, (list, tuple)):
            ahead += one
    return found


class Reflection(widgets.VBox):
    """A question, an answer in the student's words, and a rubric to mark it by."""

    def __init__(self, *, question, note, rubric, saved, draft, on_submit, on_mark, on_draft):
        self._rubric, self._on_submit, self._on_mark = rubric, on_submit, on_mark
        self.answer = widgets.Textarea(
            value=draft, continuous_update=False, rows=5, layout=FULL, tooltip="Your answer"
        )
        self.answer.observe(lambda change: on_draft(change["new"]), names="value")
        self.submit = widgets.Button(
            description="Submit my answer", button_style="primary", layout={"width": "auto"}
        )
        self.submit.on_click(self._submit)
        self._problem = widgets.HTML()
        self.marks = []
        self._head = widgets.HTML(
            f'<h4>Reflect</h4><p>{escape(question)}</p><p class="iowall-note">{escape(note)}</p>'
        )
        super().__init__([self._head, self.answer, self.submit, self._problem])
        self.add_class("iowall-reflection")
        if saved:
            self._show(saved)

    def _submit(self, _button):
        text = self.answer.value.strip()
        if not text:
            self._problem.value = problem("Write your answer first; a few sentences are enough.")
            return
        saved = {"text": text, "rubric": [False] * len(self._rubric), "time": now()}
        self._on_submit(saved)
        self._show(saved)

    def _show(self, saved):
        ticked = [*saved["rubric"], *[False] * len(self._rubric)]
        self.marks = [
            widgets.Checkbox(value=mark, description=line, indent=False, layout=FULL)
            for mark, line in zip(ticked, self._rubric, strict=False)
        ]
        for mark in self.marks:
            mark.observe(
                lambda _: self._on_mark([mark.value for mark in self.marks]), names="value"
            )
        answer = escape(saved["text"])
        yours = widgets.HTML(f'<blockquote class="iowall-answer">{answer}</blockquote>')
        guide = widgets.HTML("<p>Mark your own answer. Does it</p>")
        self.children = [self._head, yours, guide, *self.marks]


class LedgerBar(widgets.VBox):
    """Says where the work is kept; hands it out and takes it in as a file; starts over."""

    def __init__(self, *, on_download, on_load, on_start_over, on_salvage):
        self._on_load, self._on_start_over = on_load, on_start_over
        small = {"width": "auto"}
        self._status = widgets.HTML()
        self.download = widgets.Button(description="Download ledger", layout=small)
        self.download.on_click(lambda _: on_download())
        self.load = widgets.FileUpload(
            description="Load ledger", tooltip="Load ledger", accept=".json", layout=small
        )
        self.load.observe(self._load, names="value")
        self.start_over = widgets.Button(description="Start over", layout=small)
        self.start_over.on_click(lambda _: self._ask(True))
        self.sure = widgets.Button(
            description="Yes, erase my work", button_style="danger", layout=small
        )
        self.sure.on_click(self._erase)
        self.keep = widgets.Button(description="No, keep it", layout=small)
        self.keep.on_click(lambda _: self._ask(False))
        self.salvage = widgets.Button(description=SALVAGE, layout=small)
        self.salvage.on_click(lambda _: on_salvage())
        self._buttons = widgets.HBox(layout={"flex_flow": "row wrap"})
        self._problem = widgets.HTML()
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

    def _erase(self, _button):
        self._ask(False)
        self._on_start_over()

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
            self._on_load(ledger)


class Kept(widgets.VBox):
    """A page's widget with its ledger: opened, kept after every step, followed across tabs.

    A subclass fills `stage` in `_arrange`, from the ledger alone, each time that the ledger comes
    from elsewhere: from the browser, a file, another tab.
    """

    def __init__(self, asked):
        self._asked = dict(asked)  # settings to open at
        self.ledger = ledgers.Ledger()
        self._kept_text = None
        self._replaces = False  # until it is kept: this ledger goes on from no other
        self._broken = ""
        self._notice = widgets.HTML()
        self.stage = widgets.VBox([widgets.HTML('<p role="status">Opening your ledger …</p>')])
        self.bar = LedgerBar(
            on_download=self._download,
            on_load=self._load,
            on_start_over=self._start_over,
            on_salvage=lambda: self.store.download(UNREADABLE, self._broken),
        )
        self.store = Store(self._answered)
        super().__init__([self._notice, self.stage, self.bar, self.store])
        self.add_class("iowall-lab-body")

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
        self._opened()
        self._arrange()

    def _opened(self):
        """The ledger is there for the first time."""

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
        changed = self._shown(both) != self._shown(self.ledger)
        vars(self.ledger).update(vars(both))  # the same object, which a workbench holds
        self._kept_text = None if self._replaces else theirs.dumps()
        self.store.heard()
        self.save()
        if changed or lost:
            told = REPLACED if replaced else FOLLOWED
            yours = " ".join(f"“{one}”" for one in sorted(lost))
            self._note(told + (f" What you had just written is not in it: {yours}" if lost else ""))
        if changed:
            self._arrange()

    def _shown(self, ledger):
        """What of a ledger is to be seen here."""
        return ledger

    def save(self):
        """Keep the ledger, if it has changed."""
        text = self.ledger.dumps()
        if text != self._kept_text:
            self._kept_text = text
            self.store.keep(text, replaces=self._replaces)

    def _download(self):
        self.store.download("iowall-ledger.json", self.ledger.dumps())

    def _load(self, ledger):
        self._replace(ledger, "Your ledger was loaded.")

    def _start_over(self):
        self._broken = ""
        self.store.forget()
        self.bar.offer(False)
        self._replace(ledgers.Ledger(), "You have a fresh ledger.")

    def _replace(self, ledger, told):
        self.ledger, self._replaces, self._kept_text = ledger, True, None
        self.save()
        self._note(told)
        self._arrange()

    def _fill(self, parts):
        """Put these on the stage, and close what was there alone: nothing else ever would."""
        before = inside(self.stage)
        self.stage.children = parts
        for one in before - inside(self):
            one.close()

    def _note(self, text):
        self._notice.value = f'<p class="iowall-notice" role="status">{escape(text)}</p>'


class Lab(Kept):
    """One part of the chapter: predict, act, observe, reflect.

    Parameters
    ----------
    part : str
        The word by which the part goes everywhere.
    words : callable
        The track's words for this part: question, options, estimate, situation.
    workbench : callable
        ``workbench(track=…, ledger=…, save=…, asked=…)`` makes the widget that opens after the
        lock; it writes its settings and attempts into the ledger and calls ``save()``. It has its
        ``controls``, {name: widget}, and ``misfits``, what of the settings ``asked`` it cannot
        do.
    reflection : dict
        The question, note and rubric of the part's reflection.
    asked : dict
        The settings to open at.
    """

    def __init__(self, *, part, words, workbench, reflection, asked):
        self._part, self._words = part, words
        self._make_workbench, self._reflection_words = workbench, reflection
        self.tracks, self.lock, self.workbench, self.reflection = {}, None, None, None
        self.change_track = None
        super().__init__(asked)
        self._asked_track = self._asked.pop("track", None)

    def _opened(self):
        """Take the track that is asked for, unless the ledger already has one."""
        if self._asked_track is None:
            return
        names = [(track.name, key) for key, track in TRACKS.items()]
        try:
            self._asked_track = links.find(names, self._asked_track)
        except ValueError as error:
            self._note(f"This lab cannot open at track {error}")
            self._asked_track = None
            return
        if self.ledger.track is None:
            self.ledger.track = self._asked_track
            self.save()
        elif self.ledger.track != self._asked_track:
            self._note(self._other_track())

    def _other_track(self):
        asked, yours = TRACKS[self._asked_track].name, TRACKS[self.ledger.track].name
        return (
            f"This was to open in the track {asked}, but your ledger is in {yours}: nothing was "
            "changed."
        )

    def save(self):
        """Keep the ledger, if it has changed, and let the link follow the controls."""
        super().save()
        if self.workbench and self.ledger.track:  # a fresh ledger is kept before it is arranged
            settings = {"track": self.ledger.track} | links.present(self.workbench.controls)
            self._link.value = links.offered(self._part, settings)

    def _shown(self, ledger):
        """The track and this part, so that another part's tab disturbs nobody who is writing."""
        parts = (ledger.predictions, ledger.settings, ledger.attempts)
        parts += (ledger.reflections, ledger.drafts)
        return ledger.track, ledger.devices, [entries.get(self._part) for entries in parts]

    def _follow(self, text, base, replaced):
        super()._follow(text, base, replaced)
        if self.change_track and not self.ledger.may_change_track():
            self.change_track.layout.display = "none"  # bound by another part's prediction

    def _arrange(self):
        """Build what the ledger says may be there, and nothing else."""
        self.lock = self.workbench = self.reflection = self.change_track = None
        self._misfits, self._link = widgets.HTML(), widgets.HTML()
        track = TRACKS.get(self.ledger.track)
        if track is None:
            self._fill([self._choice()])
            return
        words = self._words(track)
        parts = [self._mission(track, words)]
        if self.ledger.may_explore(self._part):
            bound = prediction.bound(
                self.ledger.predictions[self._part], words.options, words.factor
            )
            lock = widgets.VBox([widgets.HTML(bound)])
            lock.add_class("iowall-lock")
            parts += [lock, *self._bench(track)]
        else:
            self.lock = prediction.Lock(
                question=words.question,
                options=words.options,
                estimate=words.estimate,
                on_submit=self._submit,
                on_draft=self._draft,
                draft=self.ledger.drafts.get(self._part, {}),
            )
            parts.append(self.lock)
        self._fill(parts)

    def _choice(self):
        self.tracks = {
            key: widgets.Button(description=f"{track.name}\n{track.persona} {track.crisis}")
            for key, track in TRACKS.items()
        }
        for key, button in self.tracks.items():
            button.on_click(lambda _, key=key: self._choose(key))
            button.add_class("iowall-track")
        cards = widgets.GridBox(list(self.tracks.values()))
        cards.add_class("iowall-tracks")
        return widgets.VBox([widgets.HTML(CHOOSE), cards])

    def _choose(self, key):
        if self.ledger.may_change_track():
            self.ledger.track = key
            self._notice.value = ""
            self.save()
            self._arrange()

    def _mission(self, track, words):
        text = widgets.HTML(
            f"<h4>{escape(track.name)}</h4><p>{escape(track.persona)} {escape(track.mission)}</p>"
            f"<p>{escape(words.situation)}</p>"
            f'<p class="iowall-note">{escape(track.caveat)}</p>'
        )
        parts = [text]
        if self.ledger.may_change_track():
            self.change_track = widgets.Button(
                description="Choose another track", layout={"width": "auto"}
            )
            self.change_track.on_click(lambda _: self._choose(None))
            parts.append(self.change_track)
        mission = widgets.VBox(parts)
        mission.add_class("iowall-mission")
        return mission

    def _draft(self, draft):
        self.ledger.drafts[self._part] = draft
        self.save()

    def _submit(self, answer):
        if self.ledger.predict(self._part, answer | {"time": now()}):
            self.save()
            self._arrange()

    def _bench(self, track):
        misfits, asked, self._asked = "", self._asked, {}  # once: later the ledger knows better
        if self._asked_track not in (None, track.key):
            misfits, asked = self._other_track() if asked else "", {}
        bench = self._make_workbench(track=track, ledger=self.ledger, save=self.save, asked=asked)
        self._misfits.value = problem(misfits or " ".join(bench.misfits))
        self.workbench = bench
        self.save()
        draft = self.ledger.drafts.get(self._part, {}).get("reflection", "")
        self.reflection = Reflection(
            **self._reflection_words,
            saved=self.ledger.reflections.get(self._part),
            draft=draft if isinstance(draft, str) else "",
            on_submit=self._reflected,
            on_mark=self._marked,
            on_draft=lambda text: self._draft({"reflection": text}),
        )
        return self._misfits, self.workbench, self._link, self.reflection

    def _reflected(self, saved):
        self.ledger.reflections[self._part] = saved
        self.ledger.drafts.pop(self._part, None)
        self.save()

    def _marked(self, rubric):
        self.ledger.reflections[self._part]["rubric"] = rubric
        self.save()


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
CHOOSE = (
    "<h4>Choose your track</h4><p>Four engineers, four crises, one wall. You keep your track "
    "through all three parts.</p>"
)

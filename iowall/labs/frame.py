"""The frame of every lab: track, lock, workbench, reflection, and the ledger under them all.

It knows the parts of the chapter through their registry alone.
"""

from html import escape

import ipywidgets as widgets

from iowall import parts
from iowall.labs import links
from iowall.labs.controls import button, inside, now, problem
from iowall.labs.lock import Lock, bound
from iowall.labs.readers import Readers
from iowall.labs.reflection import ReflectionBox
from iowall.labs.session import Session
from iowall.models import VERSION
from iowall.scenarios import TRACKS

CHOOSE = (
    "<h4>Choose your track</h4><p>Four engineers, four crises, one wall. You keep your track "
    "through all three parts.</p>"
)


class Page(widgets.VBox):
    """A page's widget with its ledger.

    A subclass fills `stage` in `arrange`, from the ledger alone, each time that the ledger comes
    from elsewhere: from the browser, a file, another tab.
    """

    def __init__(self, asked):
        self._asked = dict(asked)  # settings to open at
        self.session = Session(self)
        self.stage = widgets.VBox([widgets.HTML('<p role="status">Opening your ledger …</p>')])
        self.bar, self.store = self.session.bar, self.session.store
        super().__init__([self.session.notice, self.stage, self.bar, self.store, Readers()])
        self.add_class("iowall-lab-body")

    @property
    def ledger(self):
        """The student's work, as the session has it now."""
        return self.session.ledger

    def opened(self):
        """The ledger is there for the first time."""

    def shown(self, ledger):
        """What of a ledger is to be seen here."""
        return ledger

    def arrange(self):
        """Fill the stage with what the ledger says may be there, and nothing else."""
        raise NotImplementedError

    def follow(self, changed):
        """The ledger was changed in another tab; `changed` says whether that is to be seen here."""
        if changed:
            self.arrange()

    def _fill(self, children):
        """Put these on the stage, and close what was there alone: nothing else ever would."""
        before = inside(self.stage)
        self.stage.children = children
        for one in before - inside(self):
            one.close()


class Lab(Page):
    """One part of the chapter: predict, act, observe, reflect.

    Parameters
    ----------
    part : parts.Part
        What the part is.
    workbench : callable
        ``workbench(session=…, asked=…, on_move=…)`` makes the `Workbench` that opens after the
        lock.
    asked : dict
        The settings to open at.
    """

    def __init__(self, *, part, workbench, asked):
        self._part, self._make_workbench = part, workbench
        self.tracks, self.lock, self.workbench, self.reflection = {}, None, None, None
        self.change_track = None
        super().__init__(asked)
        self._asked_track = self._asked.pop("track", None)

    @property
    def _work(self):
        return self.ledger.of(self._part.KEY)

    def opened(self):
        """Take the track that is asked for, unless the ledger already has one."""
        if self._asked_track is None:
            return
        try:
            named = [parts.Option(key, track.name, key) for key, track in TRACKS.items()]
            self._asked_track = links.find(named, self._asked_track).name
        except ValueError as error:
            self.session.note(f"This lab cannot open at track {error}")
            self._asked_track = None
            return
        if self.ledger.track is None:
            self.ledger.track = self._asked_track
            self.session.save()
        elif self.ledger.track != self._asked_track:
            self.session.note(self._other_track())

    def _other_track(self):
        asked, yours = TRACKS[self._asked_track].name, TRACKS[self.ledger.track].name
        return (
            f"This was to open in the track {asked}, but your ledger is in {yours}: nothing was "
            "changed."
        )

    def shown(self, ledger):
        """The track and this part, so that another part's tab disturbs nobody who is writing."""
        if ledger.track not in TRACKS:
            return None
        measured = ledger.measured(TRACKS[ledger.track].direction)
        return ledger.track, measured, ledger.of(self._part.KEY)

    def follow(self, changed):
        """Bring what is there to where the ledger is; build anew only what must be built."""
        if changed and (self._built is None or self._built != self._structure()):
            self.arrange()
        elif changed:
            self._put_words()
            if self.workbench:
                self.workbench.put()
        if self.change_track and not self.ledger.may_change_track():
            self.change_track.layout.display = "none"  # bound by another part's prediction

    def _structure(self):
        """What decides which widgets are there."""
        track = TRACKS.get(self.ledger.track)
        if track is None:
            return None
        work, measured = self._work, self.ledger.measured(track.direction)
        return track.key, bool(work.prediction), bool(work.reflection), measured

    def arrange(self):
        """Build what the ledger says may be there, and nothing else."""
        self.lock = self.workbench = self.reflection = self.change_track = None
        self._misfits, self._link = widgets.HTML(), widgets.HTML()
        self._built = self._structure()
        track = TRACKS.get(self.ledger.track)
        if track is None:
            self._fill([self._choice()])
            return
        words, prediction = self._part.words(track), self._work.prediction
        if prediction:
            locked = widgets.VBox([widgets.HTML(bound(prediction, words.options, words.factor))])
            locked.add_class("iowall-lock")
            rest = [locked, *self._bench(track)]
        else:
            self.lock = Lock(words, on_submit=self._submit, on_draft=self._draft)
            rest = [self.lock]
        self._fill([self._mission(track, words), *rest])
        self._put_words()

    def _put_words(self):
        """Fill in what is written in the ledger."""
        work = self._work
        if self.lock:
            self.lock.put(work.draft)
        if self.reflection:
            draft = work.draft.get("reflection", "")
            self.reflection.put(work.reflection, draft if isinstance(draft, str) else "")

    def _choice(self):
        self.tracks = {
            key: widgets.Button(description=f"{track.name}\n{track.persona} {track.crisis}")
            for key, track in TRACKS.items()
        }
        for key, one in self.tracks.items():
            one.on_click(lambda _, key=key: self._choose(key))
            one.add_class("iowall-track")
        cards = widgets.GridBox(list(self.tracks.values()))
        cards.add_class("iowall-tracks")
        return widgets.VBox([widgets.HTML(CHOOSE), cards])

    def _choose(self, key):
        if self.ledger.may_change_track():
            self.ledger.track = key
            self.session.note("")
            self.session.save()
            self.arrange()

    def _mission(self, track, words):
        text = widgets.HTML(
            f"<h4>{escape(track.name)}</h4><p>{escape(track.persona)} {escape(track.mission)}</p>"
            f"<p>{escape(words.situation)}</p>"
            f'<p class="iowall-note">{escape(track.caveat)}</p>'
        )
        children = [text]
        if self.ledger.may_change_track():
            self.change_track = button("Choose another track", lambda: self._choose(None))
            children.append(self.change_track)
        mission = widgets.VBox(children)
        mission.add_class("iowall-mission")
        return mission

    def _draft(self, draft):
        self._work.draft = draft
        self.session.save()

    def _submit(self, given):
        """Bind a prediction, with what was asked and what the models say of it."""
        track = TRACKS[self.ledger.track]
        words, answer = self._part.words(track), self._part.answer(track)
        prediction = {
            "question": words.question,
            "options": dict(words.options),
            "answer": {"option": answer.option, "value": answer.value},
            "version": VERSION,
            "confidence": None,
            "time": now(),
        }
        if self.ledger.predict(self._part.KEY, prediction | given):
            self.session.save()
            self.arrange()

    def _bench(self, track):
        misfits, asked, self._asked = "", self._asked, {}  # once: later the ledger knows better
        if self._asked_track not in (None, track.key):
            misfits, asked = self._other_track() if asked else "", {}
        bench = self._make_workbench(session=self.session, asked=asked, on_move=self._moved)
        self._misfits.value = problem(misfits or " ".join(bench.misfits))
        self.workbench = bench
        self.reflection = ReflectionBox(
            self._part.REFLECTION,
            on_draft=lambda text: self._draft({"reflection": text}),
            on_submit=self._reflected,
            on_mark=self._marked,
        )
        return self._misfits, self.workbench, self._link, self.reflection

    def _moved(self, bench):
        """The link follows the controls."""
        settings = {"track": self.ledger.track} | links.present(bench.options, bench.positions)
        self._link.value = links.offered(self._part.KEY, settings)

    def _reflected(self, saved):
        self._work.reflection = saved
        self._work.settle()
        self.session.save()
        self._built = self._structure()

    def _marked(self, rubric):
        self._work.reflection["rubric"] = rubric
        self.session.save()

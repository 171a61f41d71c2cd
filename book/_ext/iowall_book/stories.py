"""Two directives that tell the tracks' stories in the words of their files.

`{iowall-track} KEY` says who, what for, and what goes wrong. `{iowall-answer} PART KEY` repeats a
part's lock question with the models' answer; its body says why. With `others` for a key they tell
of each track that the page has not told of so far: a track more is a file more, and no page.
"""

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from iowall import parts
from iowall.scenarios import TRACKS
from iowall.units import number

OTHERS = "others"


def told_of(directive, key, about=""):
    """The tracks that a directive is to tell of, by key: one, or all that are left on its page."""
    told = directive.env.temp_data.setdefault(f"iowall-told {directive.name} {about}", [])
    if key != OTHERS and key not in TRACKS:
        raise directive.error(f"no track {key!r}: {', '.join(TRACKS)}, or {OTHERS}")
    asked = [one for one in TRACKS if one not in told] if key == OTHERS else [key]
    told += asked
    return {one: TRACKS[one] for one in asked}


class TrackDirective(SphinxDirective):
    required_arguments = 1

    def run(self):
        named = self.arguments[0] == OTHERS
        return [
            node
            for track in told_of(self, self.arguments[0]).values()
            for node in (
                *([nodes.rubric(text=track.name)] * named),
                _paragraph(f"{track.persona} {track.mission}"),
                _paragraph(track.crisis, before="The crisis: "),
            )
        ]


class AnswerDirective(SphinxDirective):
    required_arguments = 2
    has_content = True

    def run(self):
        key, track = self.arguments
        part = parts.part(key)
        return [self._box(part, one) for one in told_of(self, track, about=key).values()]

    def _box(self, part, track):
        words, answer = part.words(track), part.answer(track)
        box = nodes.container(classes=["iowall-answer"])
        box += _paragraph(f" {words.situation} {words.question}", strong=f"{track.name}.")
        said = f"{words.options[answer.option]}. {number(answer.value)} {words.factor}."
        box += _paragraph(said, before="→ ", classes=["iowall-answered"])
        self.state.nested_parse(self.content, self.content_offset, box)
        return box


def _paragraph(text, *, before="", strong="", classes=()):
    paragraph = nodes.paragraph(classes=list(classes))
    if strong:
        paragraph += nodes.strong(text=strong)
    paragraph += nodes.Text(before + text)
    return paragraph


def setup(app):
    app.add_directive("iowall-track", TrackDirective)
    app.add_directive("iowall-answer", AnswerDirective)

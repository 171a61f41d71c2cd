"""Two directives that tell the tracks' stories in the words of `iowall.scenarios`.

`{iowall-track} KEY` says who, what for, and what goes wrong. `{iowall-answer} PART KEY` repeats a
part's lock question with the models' answer; its body says why.
"""

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from iowall import parts
from iowall.scenarios import TRACKS
from iowall.units import number


class TrackDirective(SphinxDirective):
    required_arguments = 1

    def run(self):
        track = TRACKS[self.arguments[0]]
        return [
            _paragraph(f"{track.persona} {track.mission}"),
            _paragraph(track.crisis, before="The crisis: "),
        ]


class AnswerDirective(SphinxDirective):
    required_arguments = 2
    has_content = True

    def run(self):
        part, track = self.arguments[0], TRACKS[self.arguments[1]]
        words = getattr(track, part)
        option, value = parts.part(part).answer(track)
        box = nodes.container(classes=["iowall-answer"])
        box += _paragraph(f" {words.situation} {words.question}", strong=f"{track.name}.")
        said = f"{words.options[option]}. {number(value)} {words.factor}."
        box += _paragraph(said, before="→ ", classes=["iowall-answered"])
        self.state.nested_parse(self.content, self.content_offset, box)
        return [box]


def _paragraph(text, *, before="", strong="", classes=()):
    paragraph = nodes.paragraph(classes=list(classes))
    if strong:
        paragraph += nodes.strong(text=strong)
    paragraph += nodes.Text(before + text)
    return paragraph


def setup(app):
    app.add_directive("iowall-track", TrackDirective)
    app.add_directive("iowall-answer", AnswerDirective)

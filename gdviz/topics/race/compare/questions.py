"""What the room of comparisons asks before its curves are seen."""

from gdviz.catalogue.question import Questions, ask_choice
from gdviz.topics.race.compare.settings import AT_ONCE, Compare, label_of, run, work_asked
from gdviz.topics.race.compare.verdict import lead_of, verdict_on


def questions(spec: Compare) -> Questions:
    """Ask who leads, where the lead over all others survives the bands, of a short comparison."""
    if work_asked(spec) > AT_ONCE:
        return ()
    done = run(spec)
    lead = lead_of(done)
    if len(lead.beaten) < len(lead.ahead):
        return ()
    labels = [label_of(done, name) for name in done.methods]
    text = "Which method has the largest area under its runtime distribution?"
    right = {done.methods.index(lead.first)}
    return ask_choice("lead", text, labels, right, verdict_on(done))

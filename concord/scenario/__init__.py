"""A county that does not exist, and what happens in it: incidents with their truth beside them."""

from concord.scenario.files import write
from concord.scenario.scenario import Event, Scenario
from concord.scenario.story import generate
from concord.scenario.truth import Evaluation, Mention, Truth

__all__ = ["Evaluation", "Event", "Mention", "Scenario", "Truth", "generate", "write"]

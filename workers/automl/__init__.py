"""AutoML without a server: `search(frame, target)` yields better and better leaderboards of pipelines."""

from workers.automl.problem import Problem, problem_of
from workers.automl.search import explore, search

__all__ = ["Problem", "explore", "problem_of", "search"]

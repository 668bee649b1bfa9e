"""Where threads of one process that read the same tables meet, so that their exact questions share a scan."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from workers.engine import shared_scan
from workers.engine.duck import engine
from workers.engine.shared_scan import Fetched, Question
from workers.kind import CellError

PATIENCE = 0.3
"""Seconds that a question waits for those that are still expected."""
_LOOK = 0.02
_seat = threading.local()


@dataclass(eq=False)
class _Ticket:
    """A question on the table: `answer` is None, too, when it has to be asked alone."""

    question: Question
    since: float
    answered: bool = False
    answer: Fetched | None = None


class Meeting:
    """Questions wait until everybody who is expected has asked or left, or until patience ends.

    The last one asks for all. If it is cancelled meanwhile, another one does. `scans` were made for several questions,
    and `shared` questions answered so.
    """

    def __init__(self, patience: float = PATIENCE) -> None:
        self.scans, self.shared = 0, 0
        self._patience, self._expected, self._scanning = patience, 0, False
        self._waiting: list[_Ticket] = []
        self._changed = threading.Condition()

    def expect(self, more: int = 1) -> None:
        """Others will come, or with -1: one has left."""
        with self._changed:
            self._expected += more
            self._changed.notify_all()

    @contextmanager
    def seat(self) -> Iterator[None]:
        """The place of this thread, which was expected, while it works."""
        _seat.meeting = self
        try:
            yield
        finally:
            _seat.meeting = None
            self.expect(-1)

    def ask(self, question: Question) -> Fetched | None:
        """The answer out of a scan shared with others, or None: nobody shares it. Raises Cancelled with its run."""
        ticket = _Ticket(question, time.monotonic())
        with self._changed:
            self._waiting.append(ticket)
            self._changed.notify_all()
        try:
            while (round_of := self._next(ticket)) is not None:
                if round_of:
                    self._scan(round_of)
                else:
                    engine().give_way(0.0)
            return ticket.answer
        finally:
            with self._changed:
                if ticket in self._waiting:
                    self._waiting.remove(ticket)

    def _next(self, ticket: _Ticket) -> list[_Ticket] | None:
        """None once answered; the tickets to answer if it is this thread's task; else nothing, after a moment."""
        with self._changed:
            if ticket.answered:
                return None
            waited = time.monotonic() - min((t.since for t in self._waiting), default=ticket.since)
            if not self._scanning and ticket in self._waiting and (
                    len(self._waiting) >= self._expected or waited >= self._patience):
                found, self._waiting, self._scanning = self._waiting, [], True
                return found
            self._changed.wait(_LOOK)
            return []

    def _scan(self, tickets: list[_Ticket]) -> None:
        answers: list[Fetched | None] = [None] * len(tickets)
        done = False
        try:
            if len(tickets) > 1:
                self.scans += 1
                answers = shared_scan.answers([ticket.question for ticket in tickets])
                self.shared += sum(answer is not None for answer in answers)
            done = True
        except CellError:
            # Whose fault it is shows when each asks for itself.
            done = True
        finally:
            with self._changed:
                self._scanning = False
                if done:
                    for ticket, answer in zip(tickets, answers, strict=True):
                        ticket.answered, ticket.answer = True, answer
                else:
                    self._waiting = [*tickets, *self._waiting]
                self._changed.notify_all()


def ask(question: Question, alone: Callable[[], Fetched]) -> Fetched:
    """The answer out of a shared scan where this thread has a seat and others ask the same table; else `alone`."""
    meeting: Meeting | None = getattr(_seat, "meeting", None)
    found = meeting.ask(question) if meeting is not None else None
    return alone() if found is None else found

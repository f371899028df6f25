"""The desk: takes a screen's questions to the explorer in threads and brings back the answers that still matter."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field

from textual.dom import DOMNode
from textual.timer import Timer
from textual.worker import WorkerCancelled, get_current_worker

from musicrec.core.errors import MusicrecError
from musicrec.tui.messages import Failed, Reply

Question = Callable[[int], Reply]  # from the number of the request to its answer; runs in a thread


@dataclass
class Desk:
    """One question of each kind at a time: a newer one makes the answers to the older ones stale."""

    screen: DOMNode
    _newest: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    _waiting: dict[str, Timer] = field(default_factory=dict)

    def ask(self, kind: str, question: Question, after: float = 0.0) -> None:
        """Ask in `after` seconds, unless another question of this kind comes first."""
        self.drop(kind)
        request = self._newest[kind]
        if after:
            self._waiting[kind] = self.screen.set_timer(after, lambda: self._start(kind, request, question))
        else:
            self._start(kind, request, question)

    def drop(self, kind: str) -> None:
        """Forget the question of this kind; its answer will not count."""
        self._newest[kind] += 1
        if timer := self._waiting.pop(kind, None):
            timer.stop()
        self.screen.workers.cancel_group(self.screen, kind)

    def is_stale(self, reply: Reply) -> bool:
        """Whether a newer question has been asked since."""
        return reply.request != self._newest[reply.kind]

    def tell(self, reply: Reply) -> None:
        """Post news from within a thread; once the question is dropped, end the thread's work instead."""
        if get_current_worker().is_cancelled:
            raise WorkerCancelled("nobody waits for this any more")
        self.screen.post_message(reply)

    def _start(self, kind: str, request: int, question: Question) -> None:
        if request != self._newest[kind]:  # its timer had fired before it was stopped
            return

        def work() -> None:
            if get_current_worker().is_cancelled:
                return
            try:
                self.tell(question(request))
            except MusicrecError as problem:
                self.tell(Failed(kind, request, str(problem)))

        self.screen.run_worker(work, group=kind, thread=True, exclusive=True, exit_on_error=False)

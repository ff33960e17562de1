"""A run over the repositories of a list: waves of visits, requests and pushes."""

import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from extensions.commands import shown
from extensions.fleet import push, trend, versions
from extensions.fleet.listing import Repository
from extensions.fleet.plan import Plan
from extensions.fleet.report import write
from extensions.fleet.result import Result, kept
from extensions.fleet.session import Steps, guarded
from extensions.fleet.template import Releases
from extensions.fleet.visit import visit

# Seconds between two reports while no visit ends.
INTERVAL = 5.0
Visitor = Callable[[Repository, Plan, Releases], Result]


@dataclass
class Run:
    """The results so far, and the options."""

    plan: Plan
    results: dict[Repository, Result]
    began: datetime = field(default_factory=lambda: datetime.now(UTC))
    start: float = field(default_factory=time.monotonic)
    # Why later waves are not visited.
    held: str = ""

    def go(self) -> None:
        """Visit one wave after the other, while they are green; publish each."""
        (self.plan.work / versions.LOG).unlink(missing_ok=True)
        for number in sorted({one.wave for one in self.results}):
            wave = [one for one in self.results if one.wave == number]
            if self.plan.versions:
                self.visit(wave, versions.read)
                continue
            self.visit(wave, visit)
            self.publish(wave)
            if red := [one.name for one in wave if not self.is_green(one)]:
                self.held = f"waits for wave {number}: {', '.join(red[:3])}"
                break

    def visit(self, wave: Iterable[Repository], visitor: Visitor) -> None:
        """Visit several at a time; print a line when one is done."""
        releases = Releases()
        with ThreadPoolExecutor(self.plan.jobs) as pool:
            visits = {
                pool.submit(visitor, one, self.plan, releases): one for one in wave
            }
            try:
                self.collect(visits)
            except BaseException:
                # The commands of running visits have ended, and nothing else begins.
                pool.shutdown(cancel_futures=True)
                raise

    def collect(self, visits: Mapping[Future[Result], Repository]) -> None:
        """Take the results as visits end; write the report as time passes, too."""
        left = {*visits}
        while left:
            ended, left = wait(left, INTERVAL, FIRST_COMPLETED)
            for number, visit in enumerate(ended, len(visits) - len(left | ended) + 1):
                result = self.results[visits[visit]] = visit.result()
                line = f"{number}/{len(visits)} {result.name}: {result.state}"
                print(line, flush=True)
            self.report(trend.UNDER_WAY)

    def publish(self, wave: Iterable[Repository]) -> None:
        """Push the branches of a wave, up to the limit of open requests."""
        if self.plan.requests:
            with ThreadPoolExecutor(self.plan.jobs) as pool:
                list(pool.map(self.ask, self.results))
        for one in wave:
            result = self.results[one]
            if not push.wanted(result, self.plan):
                continue
            if self.is_full(result):
                result.unpushed = f"waits: {self.plan.open} requests are open"
            else:
                self.step(one, push.publish)
                self.ask(one)
            result.write(self.place(one) / "result.json")
            self.report(trend.UNDER_WAY)

    def is_full(self, result: Result) -> bool:
        """Return whether no further request may be opened."""
        others = [it for it in self.results.values() if it is not result and it.is_open]
        return 0 < self.plan.open <= len(others) and not result.is_open

    def ask(self, one: Repository) -> None:
        """Ask for the state of a request, where there is a clone to ask from."""
        if self.plan.requests and self.results[one].compared:
            self.step(one, push.request)
            self.results[one].write(self.place(one) / "result.json")

    def step(
        self, one: Repository, step: Callable[[Path, Plan, Result, Steps], None]
    ) -> None:
        """Run a step in the clone of a visit."""
        place, result = self.place(one), self.results[one]
        commands = Steps(place / "log.txt", self.plan.limit, self.plan.hidden)
        clone = place / "clone"
        guarded(lambda: step(clone, self.plan, result, commands), commands, result)

    def place(self, one: Repository) -> Path:
        """Return the folder of a repository."""
        return (self.plan.work / one.name).resolve()

    def is_green(self, one: Repository) -> bool:
        """Return whether the next wave may begin, as far as this project tells."""
        return self.results[one].done and self.results[one].request != "red"

    def current(self) -> list[Result]:
        """Return the results; other visits may have begun, or be of an earlier run."""
        for one, result in self.results.items():
            if not result.now:
                self.results[one] = known(one, self.plan)
                if self.held and self.results[one].state == "waiting":
                    self.results[one].note = self.held
        return [*self.results.values()]

    def report(self, state: str) -> None:
        """Write the files of the report; the last run of the trend is this one."""
        results = self.current()
        seconds = round(time.monotonic() - self.start, 1)
        line = trend.line(results, self.began, seconds, state, self.plan.kind)
        runs = [*trend.read(self.plan.work), line]
        if state != trend.UNDER_WAY and not self.plan.report:
            trend.append(self.plan.work, line)
        write(results, self.plan, runs)


def known(one: Repository, plan: Plan) -> Result:
    """Return what an earlier run found, or that nothing is known yet."""
    earlier = kept(plan.work / one.name / "result.json")
    if earlier and not plan.versions:
        return earlier
    return Result(one.name, shown(one.url), one.folder, one.wave, "waiting")

"""Visits the repositories of a list, and reports: `make fleet LIST=… ARGS=…`."""

import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from datetime import UTC, datetime

from extensions.fleet import listing, report
from extensions.fleet.plan import Plan, parse
from extensions.fleet.result import Result
from extensions.fleet.template import Releases
from extensions.fleet.visit import visit
from extensions.refusals import RefusalError


def main(arguments: Sequence[str] | None = None) -> int:
    """Visit them. Returns 0 if nothing is left to do, 1 otherwise."""
    plan = parse(arguments)
    try:
        if not plan.list.name:
            raise RefusalError("say which repositories: make fleet LIST=file")
        repositories = listing.read(plan.list)
        plan.work.mkdir(parents=True, exist_ok=True)
    except (RefusalError, OSError) as refusal:
        print(f"make fleet: {refusal}", file=sys.stderr)
        return 1
    begin = datetime.now(UTC).isoformat(timespec="seconds")
    results = visit_all(repositories, plan)
    report.write(results, plan)
    if earlier := sum(result.visited < begin for result in results):
        print(f"{earlier} were fine when they were visited before; see --again")
    return 0 if all(result.fine for result in results) else 1


def visit_all(repositories: list[listing.Repository], plan: Plan) -> list[Result]:
    """Visit several at a time; print a line when one is done."""
    releases = Releases()
    with ThreadPoolExecutor(plan.jobs) as pool:
        waiting = [pool.submit(visit, one, plan, releases) for one in repositories]
        try:
            for number, done in enumerate(as_completed(waiting), 1):
                result = done.result()
                print(
                    f"{number}/{len(waiting)} {result.name}: {result.state}", flush=True
                )
        except KeyboardInterrupt:
            # Running visits end; finished results are kept for the next run.
            pool.shutdown(cancel_futures=True)
            raise
    return [done.result() for done in waiting]


if __name__ == "__main__":
    sys.exit(main())

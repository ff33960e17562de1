"""Visits the repositories of a list, and reports: `make fleet LIST=… ARGS=…`."""

import sys
from collections.abc import Sequence

from extensions.fleet import listing, trend
from extensions.fleet.plan import Plan, parse
from extensions.fleet.report import show
from extensions.fleet.run import Run, known
from extensions.fleet.session import session
from extensions.refusals import RefusalError

# The exit code of a program that a signal has ended.
INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Visit them. Returns 0 if nothing is left to do, 1 otherwise."""
    plan = parse(arguments)
    try:
        plan.check()
        repositories = plan.chosen(listing.read(plan.list))
        with session(plan.work):
            return carry_out(repositories, plan)
    except (RefusalError, OSError) as refusal:
        print(f"make fleet: {refusal}", file=sys.stderr)
        return 1


def carry_out(repositories: Sequence[listing.Repository], plan: Plan) -> int:
    """Run, and report what is known, also after an interruption."""
    run = Run(plan, {one: known(one, plan) for one in repositories})
    state = trend.INTERRUPTED
    try:
        run.report(trend.UNDER_WAY)
        if not plan.report:
            run.go()
        state = trend.ENDED
    except KeyboardInterrupt:
        print("interrupted: run again to go on", file=sys.stderr)
        return INTERRUPTED
    finally:
        run.report(state)
        show([*run.results.values()])
    return 0 if all(result.done for result in run.results.values()) else 1


if __name__ == "__main__":
    sys.exit(main())

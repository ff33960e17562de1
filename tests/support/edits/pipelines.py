"""Own jobs in the pipelines, at their end."""

from tests.support.edits.edit import Edit, at_end, below

GITHUB = """\

  wishes:
    name: Wishes
    runs-on: ubuntu-latest
    timeout-minutes: 5
    steps:
      - name: Say What People Want
        run: echo "a lamp"
"""
GITLAB = """\
wishes:
  script:
    - echo "a lamp"
"""
EDITS = [
    Edit(".github/workflows/ci.yaml", at_end(GITHUB)),
    Edit(".gitlab-ci.yml", below("# -- Your own jobs below this line. --", GITLAB)),
]

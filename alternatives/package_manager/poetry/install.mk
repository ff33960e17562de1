	@command -v poetry > /dev/null || { echo "poetry is not on PATH: pipx install poetry, or python-poetry.org" >&2; exit 1; }
	@test -f poetry.lock || $(MAKE) --no-print-directory lock
	poetry sync

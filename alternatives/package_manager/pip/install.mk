	@test -f requirements.txt -a -f requirements-dev.txt || $(MAKE) --no-print-directory lock
	.venv/bin/python lock.py --check
	.venv/bin/python -m pip install --quiet --require-hashes --requirement requirements-dev.txt
	.venv/bin/pip-sync --quiet requirements-dev.txt

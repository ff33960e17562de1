	.venv/bin/python -m pip install --quiet pip-tools=={{ versions.pip_tools }}
	.venv/bin/python lock.py

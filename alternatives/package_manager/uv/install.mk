	@command -v uv > /dev/null || { echo "uv is not on PATH: pipx install uv, or docs.astral.sh/uv" >&2; exit 1; }
	uv sync

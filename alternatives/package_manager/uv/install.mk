	@command -v uv > /dev/null || { echo "uv is not on PATH: pipx install uv, or docs.astral.sh/uv" >&2; exit 1; }
	@root="$$(uv workspace dir 2> /dev/null)" || root=.; test "$$root" -ef . || { echo "the uv workspace $$root would have the lock and the environment: in its pyproject.toml, write exclude = [\"$${PWD#"$$root"/}\"] below [tool.uv.workspace]" >&2; exit 1; }
	uv sync

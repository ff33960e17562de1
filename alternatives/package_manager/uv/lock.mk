	uv lock

	poetry lock

"""Mail: `messages.py` writes it from templates, `mailer.py` sends it."""

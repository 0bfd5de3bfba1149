"""The demo life: a battery line from suppliers' lots to a recall, generated from a seed."""

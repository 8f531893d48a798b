"""The process that runs MiniStack with its gaps closed, and its life."""

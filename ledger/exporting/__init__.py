"""Answers as files: one module a format, each taking a trace and yielding bytes."""

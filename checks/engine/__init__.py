"""The engine that runs exercises: observe an answer, judge what was observed, show the verdict."""
